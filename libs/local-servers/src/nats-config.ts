import type { NatsAuthority } from './nats-authority.ts';

/** TLS of a nats-server: PEM files. With `ca`, clients must show a certificate signed by it. */
export interface NatsTlsFiles {
  cert: string;
  key: string;
  ca?: string | undefined;
}

export interface NatsConfigOptions {
  serverName: string;
  host: string;
  port: number;
  storeFolder: string;
  authority: NatsAuthority;
  /** Flush every message to disk before it is acknowledged. */
  durable: boolean;
  tls?: NatsTlsFiles | undefined;
}

/**
 * The text of a configuration file for nats-server. It is JSON, which its parser accepts. There is no secret in it: the
 * tokens are signed statements, the seeds stay outside. Accounts are in the file itself (resolver MEMORY).
 */
export function natsConfig(options: NatsConfigOptions): string {
  const { authority, tls } = options;
  const config = {
    server_name: options.serverName,
    host: options.host,
    port: options.port,
    jetstream: { store_dir: options.storeFolder, ...(options.durable ? { sync_interval: 'always' } : {}) },
    operator: authority.operatorJwt,
    system_account: authority.systemAccountPublicKey,
    resolver: 'MEMORY',
    resolver_preload: {
      [authority.systemAccountPublicKey]: authority.systemAccountJwt,
      [authority.accountPublicKey]: authority.accountJwt,
    },
    ...(tls
      ? { tls: { cert_file: tls.cert, key_file: tls.key, ...(tls.ca ? { ca_file: tls.ca, verify: true } : {}) } }
      : {}),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
