import { randomBytes } from 'node:crypto';
import { dockerAnswers, startNatsContainer } from './containers.ts';
import { startEmbeddedNats } from './embedded-nats.ts';
import { createNatsAuthority, loadNatsAuthority, type NatsAuthority } from './nats-authority.ts';
import { natsConfig, type NatsTlsFiles } from './nats-config.ts';
import { natsGreeting } from './nats-greeting.ts';
import { OLDEST_NATS_SERVER } from './oldest-nats-server.ts';
import { type Provider, providersToTry } from './provider.ts';
import { ServerUnavailable } from './unavailable.ts';
import { findVersion, isAtLeast, versionText } from './version.ts';

export interface NatsOptions {
  /**
   * Use this server instead of starting one. Default: TEST_NATS_URL of `env`. Its operator mode must trust `authority`
   * (default: the one in the folder TEST_NATS_AUTHORITY).
   */
  url?: string;
  /** Whom the server trusts. Default: a new authority. */
  authority?: NatsAuthority;
  /** Keep JetStream's store here and find it again; always a process of our own. Default: a temporary folder. */
  storeFolder?: string;
  /** Listen on this port of 127.0.0.1. Default: a free one. A given port that is taken is an error. */
  port?: number;
  /** Flush every message to disk before it is acknowledged (`sync_interval: always`). Default: true with `storeFolder`. */
  durable?: boolean;
  /** Speak TLS: certificate and key as PEM texts, for the name `localhost`. With `ca`, clients need a certificate too. */
  tls?: NatsTlsFiles;
  /** Receives one line that says which provider was chosen, and the server's own lines. Default: dropped. */
  log?: (line: string) => void;
  /** Settings and PATH. Default: process.env. */
  env?: NodeJS.ProcessEnv;
}

/** A running nats-server with JetStream, which lets in only users that its authority vouches for. */
export interface NatsServer {
  readonly provider: Provider;
  /** `nats://` or, with TLS, `tls://`. The same after every `start`. */
  readonly url: string;
  /** For example `2.15.1`. */
  readonly version: string;
  /** Undefined while it does not run, and when it is not a process of our own. */
  readonly pid: number | undefined;
  readonly authority: NatsAuthority;
  /** Where JetStream's data lies, when it is a process of our own. Copy or change it only while the server does not run. */
  readonly storeFolder: string | undefined;
  /** Ends the server at once (SIGKILL) or with another signal. The store stays. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same store and port, `wipeStore`: with an empty store. Nothing happens while it runs. */
  start(options?: { wipeStore?: boolean }): Promise<void>;
  /** Ends it in good order and starts it again. */
  restart(options?: { wipeStore?: boolean }): Promise<void>;
  /** Ends it for good and removes temporary data. May be called again. A given server is left alone. */
  stop(): Promise<void>;
}

/**
 * nats-server 2.12 or newer: from a given URL; else in a container when TEST_BACKEND is `containers`, or `auto` (default)
 * and a Docker engine answers; else as a process of our own (see `findNatsServer`). It ends with this process at the
 * latest. Throws ServerUnavailable with what to do about it.
 */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const env = options.env ?? process.env;
  const log = options.log ?? (() => undefined);
  const url = options.url ?? env['TEST_NATS_URL'];
  const providers = await providersToTry({
    url,
    folder: options.storeFolder,
    backend: env['TEST_BACKEND'],
    engineAnswers: dockerAnswers,
  });
  const authority = options.authority ?? (await defaultAuthority(url, env));
  for (const [index, provider] of providers.entries()) {
    try {
      const parts = await startWith(provider, { ...options, env, log, url, authority });
      const version = await checkedVersion(parts);
      log(`nats-server ${version} from provider "${provider}"`);
      return describe(provider, version, authority, parts);
    } catch (error) {
      if (index === providers.length - 1) throw error;
      log(`nats-server not from provider "${provider}": ${(error as Error).message}`);
    }
  }
  throw new ServerUnavailable('No way to start nats-server.');
}

/** A given server trusts its own operator, so its authority cannot be made up here. */
async function defaultAuthority(url: string | undefined, env: NodeJS.ProcessEnv): Promise<NatsAuthority> {
  if (!url) return createNatsAuthority();
  const folder = env['TEST_NATS_AUTHORITY'];
  const found = folder && (await loadNatsAuthority(folder));
  if (found) return found;
  throw new ServerUnavailable(
    'TEST_NATS_URL is set, but not whom that server trusts: set TEST_NATS_AUTHORITY to the folder with its nats-authority.json.',
  );
}

/** What each provider gives. */
interface ServerParts {
  readonly url: string;
  readonly pid?: number | undefined;
  readonly storeFolder?: string | undefined;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(options?: { wipeStore?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

type ResolvedOptions = Omit<NatsOptions, 'url'> &
  Required<Pick<NatsOptions, 'env' | 'log' | 'authority'>> & { url: string | undefined };

async function startWith(provider: Provider, options: ResolvedOptions): Promise<ServerParts> {
  const durable = options.durable ?? options.storeFolder !== undefined;
  switch (provider) {
    case 'given':
      return givenServer(options.url ?? '');
    case 'containers':
      return containerServer(options, durable);
    case 'embedded':
      return startEmbeddedNats({
        storeFolder: options.storeFolder,
        port: options.port,
        durable,
        authority: options.authority,
        tls: options.tls,
        env: options.env,
        log: options.log,
      });
  }
}

function givenServer(url: string): ServerParts {
  const refuse = () =>
    Promise.reject(new Error('This nats-server was given by its URL; it is not ours to kill or start.'));
  return { url, kill: refuse, start: refuse, stop: () => Promise.resolve() };
}

async function containerServer(options: ResolvedOptions, durable: boolean): Promise<ServerParts> {
  if (options.tls)
    throw new ServerUnavailable('nats-server with TLS runs as a process of our own: TEST_BACKEND=embedded.');
  const config = natsConfig({
    serverName: `backhaul-${randomBytes(6).toString('hex')}`,
    host: '0.0.0.0',
    port: 4222,
    storeFolder: '/data',
    authority: options.authority,
    durable,
  });
  let server = await startNatsContainer({ port: options.port, log: options.log, config });
  const port = Number(new URL(server.url).port);
  return {
    url: server.url,
    kill: (signal) => server.kill(signal),
    async start({ wipeStore = false } = {}) {
      if (!wipeStore) return server.start();
      await server.stop();
      server = await startNatsContainer({ port, log: options.log, config });
    },
    stop: () => server.stop(),
  };
}

/** The server's version if it is new enough; else the server is given up again. */
async function checkedVersion(parts: ServerParts): Promise<string> {
  const { hostname, port } = new URL(parts.url);
  const greeting = await natsGreeting(hostname, Number(port || 4222));
  const version = greeting && findVersion(greeting.version);
  if (version && isAtLeast(version, OLDEST_NATS_SERVER)) return versionText(version);
  await parts.stop();
  throw new ServerUnavailable(
    version
      ? `nats-server ${versionText(version)} is too old: ${versionText(OLDEST_NATS_SERVER)} or newer is needed.`
      : `No nats-server answers at ${hostname}:${port || 4222}.`,
  );
}

function describe(provider: Provider, version: string, authority: NatsAuthority, parts: ServerParts): NatsServer {
  return {
    provider,
    version,
    authority,
    get url() {
      return parts.url;
    },
    get pid() {
      return parts.pid;
    },
    storeFolder: parts.storeFolder,
    kill: (signal = 'SIGKILL') => parts.kill(signal),
    start: (options) => parts.start(options),
    async restart(options) {
      await parts.kill('SIGTERM');
      await parts.start(options);
    },
    stop: () => parts.stop(),
  };
}
