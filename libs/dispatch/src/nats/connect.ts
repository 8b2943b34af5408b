import { connect, credsAuthenticator, type Authenticator, type NatsConnection } from '@nats-io/transport-node';
import { Failure, type Secret } from '@backhaul/domain';
import { tlsOptions } from './tls-options.ts';

export interface NatsOptions {
  /** `nats://host:port` or `tls://host:port`; several of one cluster separated by commas. */
  servers: string;
  /** How the connection is called in the server's monitoring. */
  name: string;
  /** Contents of a credentials file (JWT and seed). Default none, for a server without authentication on loopback. */
  credentials?: Secret;
  /** Certificates in PEM that the server's certificate must lead to; with it TLS is demanded. Default the system's. */
  ca?: string;
  /** Prefix of reply inboxes, from `dispatchNames`: a Transporter may listen nowhere else. */
  inboxPrefix: string;
  /** Told once in a sentence when the server works but is older than what production should run. */
  warn?: (message: string) => void;
}

/** Durability fixes and `sync_interval` came with this version; older ones work. */
const RECOMMENDED: Version = [2, 12];
/** The oldest whose streams can begin at a sequence number of our choice. */
const OLDEST: Version = [2, 10];

/**
 * Connects to NATS, checks that the server can do what dispatch needs, and goes on reconnecting for ever once connected.
 * @throws Failure `unreachable`, `unauthenticated`, `unsupported-format` (`dispatch.server-too-old`), `unavailable`
 * (`dispatch.jetstream-missing`).
 */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const servers = options.servers.split(',').map((server) => server.trim());
  const tls = tlsOptions(servers, options.ca);
  const connection = await connect({
    servers,
    name: options.name,
    inboxPrefix: options.inboxPrefix,
    ...(options.credentials && { authenticator: authenticatorOf(options.credentials) }),
    ...(tls && { tls }),
    timeout: 5_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    // A half-open connection is found within 10 s, well inside a lease.
    pingInterval: 5_000,
    maxPingOut: 2,
  }).catch((cause: unknown) => {
    throw connectFailure(cause, options.servers);
  });
  try {
    checkServer(connection, options.warn);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

function authenticatorOf(credentials: Secret): Authenticator {
  // The parser wants the last line ended, which a setting read from a file no longer is.
  const authenticator = credsAuthenticator(new TextEncoder().encode(`${credentials.reveal()}\n`));
  try {
    // It parses only when it is used, and what it throws then would look like a server that is away.
    authenticator('nonce');
  } catch {
    throw new Failure('unauthenticated', {
      code: 'dispatch.nats-credentials-unreadable',
      message: 'The NATS credentials are not the contents of a credentials file.',
      hint: 'Give this process the credentials file that was made for it, with its JWT and its seed.',
      retry: 'never',
    });
  }
  return authenticator;
}

function connectFailure(cause: unknown, servers: string): Failure {
  const said = cause instanceof Error ? cause.message : String(cause);
  const where = { url: servers };
  if (/authoriz|authentic|permission/i.test(`${said} ${cause instanceof Error ? cause.name : ''}`)) {
    return new Failure('unauthenticated', {
      code: 'dispatch.nats-credentials-refused',
      message: `NATS at ${servers} refused the credentials.`,
      hint: 'Give this process the credentials file that was made for it.',
      retry: 'never',
      where,
      cause,
    });
  }
  return new Failure('unreachable', {
    code: 'dispatch.nats-unreachable',
    message: `NATS at ${servers} cannot be reached: ${said}.`,
    hint: 'Check that nats-server runs there, and the address, port and certificates.',
    retry: 'later',
    where,
    cause,
  });
}

function checkServer(connection: NatsConnection, warn: NatsOptions['warn']): void {
  const { version = '0.0.0', jetstream = false } = connection.info ?? {};
  const judgement = judgeServer(version, jetstream);
  if (judgement.verdict === 'refused') throw judgement.failure;
  if (judgement.verdict === 'old') warn?.(judgement.warning);
}

export type ServerJudgement =
  { verdict: 'good' } | { verdict: 'old'; warning: string } | { verdict: 'refused'; failure: Failure };

/** Decides whether dispatch can work with a server of `version` (as it calls itself, e.g. `2.12.1`). */
export function judgeServer(version: string, jetstream: boolean): ServerJudgement {
  const where = { version };
  if (isOlder(version, OLDEST)) {
    return {
      verdict: 'refused',
      failure: new Failure('unsupported-format', {
        code: 'dispatch.server-too-old',
        message: `nats-server ${version} is older than ${OLDEST.join('.')}.`,
        hint: `Install nats-server ${RECOMMENDED.join('.')} or newer.`,
        retry: 'never',
        where,
      }),
    };
  }
  if (!jetstream) return { verdict: 'refused', failure: jetStreamMissing(where) };
  if (!isOlder(version, RECOMMENDED)) return { verdict: 'good' };
  const warning = `nats-server ${version} works, but ${RECOMMENDED.join('.')} or newer is recommended for production.`;
  return { verdict: 'old', warning };
}

/** The server, or the account this user belongs to, has no JetStream. */
export function jetStreamMissing(where: Record<string, string> = {}, cause?: unknown): Failure {
  return new Failure('unavailable', {
    code: 'dispatch.jetstream-missing',
    message: 'This NATS server or account has no JetStream.',
    hint: 'Start nats-server with JetStream ("-js" or a jetstream block) and enable it for the account.',
    retry: 'never',
    where,
    cause,
  });
}

type Version = readonly [major: number, minor: number];

function isOlder(version: string, than: Version): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return major < than[0] || (major === than[0] && minor < than[1]);
}
