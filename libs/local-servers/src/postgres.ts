import { dockerAnswers, startPostgresContainer } from './containers.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { type Provider, providersToTry } from './provider.ts';
import { withConnection } from './sql.ts';
import { ServerUnavailable } from './unavailable.ts';
import { findVersion, isAtLeast, versionText } from './version.ts';

/** The oldest PostgreSQL that the product works with. */
export const OLDEST_POSTGRES = [15] as const;

export interface PostgresOptions {
  /** Use this server instead of starting one. Default: TEST_DATABASE_URL of `env`. Needs the right to create databases. */
  url?: string;
  /** Keep the data here and find it again at the next start; always a process of our own. Default: a temporary folder. */
  dataFolder?: string;
  /** Listen on this port of 127.0.0.1. Default: a free one. A given port that is taken is an error. */
  port?: number;
  /** Survive a power cut (fsync on). Default: true with `dataFolder`, else false. SIGKILL is survived in any case. */
  durable?: boolean;
  /** Receives one line that says which provider was chosen, and the server's own lines. Default: dropped. */
  log?: (line: string) => void;
  /** Settings and PATH. Default: process.env. */
  env?: NodeJS.ProcessEnv;
}

/** A running PostgreSQL. */
export interface PostgresServer {
  readonly provider: Provider;
  /** Connection URL of the superuser, database `postgres`. The same after every `start`. */
  readonly url: string;
  /** For example `18.4`. */
  readonly version: string;
  /** Of the postmaster; undefined while it does not run, and when it is not a process of our own. */
  readonly pid: number | undefined;
  /** Ends the server at once, with all its backends when `signal` is SIGKILL (the default). The data stays. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same data and port, and waits until it answers. Nothing happens while it runs. */
  start(): Promise<void>;
  /** Ends it in good order and starts it again. */
  restart(): Promise<void>;
  /** Ends it for good and removes temporary data. May be called again. A given server is left alone. */
  stop(): Promise<void>;
}

/**
 * PostgreSQL 15 or newer: from a given URL; else in a container when TEST_BACKEND is `containers`, or `auto` (default)
 * and a Docker engine answers; else as a process of our own with the programs of the npm package. It ends with this
 * process at the latest. Throws ServerUnavailable with what to do about it.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const env = options.env ?? process.env;
  const log = options.log ?? (() => undefined);
  const url = options.url ?? env['TEST_DATABASE_URL'];
  const providers = await providersToTry({
    url,
    folder: options.dataFolder,
    backend: env['TEST_BACKEND'],
    engineAnswers: dockerAnswers,
  });
  for (const [index, provider] of providers.entries()) {
    try {
      const parts = await startWith(provider, { ...options, env, log, url });
      const version = await checkedVersion(parts);
      log(`PostgreSQL ${version} from provider "${provider}"`);
      return describe(provider, version, parts);
    } catch (error) {
      if (index === providers.length - 1) throw error;
      log(`PostgreSQL not from provider "${provider}": ${(error as Error).message}`);
    }
  }
  throw new ServerUnavailable('No way to start PostgreSQL.');
}

/** What each provider gives. */
interface ServerParts {
  readonly url: string;
  readonly pid?: number | undefined;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

type ResolvedOptions = Omit<PostgresOptions, 'url'> &
  Required<Pick<PostgresOptions, 'env' | 'log'>> & { url: string | undefined };

async function startWith(provider: Provider, options: ResolvedOptions): Promise<ServerParts> {
  switch (provider) {
    case 'given':
      return givenServer(options.url ?? '');
    case 'containers':
      return startPostgresContainer(options);
    case 'embedded':
      return startEmbeddedPostgres({
        dataFolder: options.dataFolder,
        port: options.port,
        durable: options.durable ?? options.dataFolder !== undefined,
        env: options.env,
        log: options.log,
      });
  }
}

function givenServer(url: string): ServerParts {
  const refuse = () =>
    Promise.reject(new Error('This PostgreSQL was given by its URL; it is not ours to kill or start.'));
  return { url, kill: refuse, start: refuse, stop: () => Promise.resolve() };
}

/** The server's version if it is new enough; else the server is given up again. */
async function checkedVersion(parts: ServerParts): Promise<string> {
  try {
    const { rows } = await withConnection(parts.url, (client) => client.query('SHOW server_version'));
    const version = findVersion(String(rows[0]?.['server_version']));
    if (version && isAtLeast(version, OLDEST_POSTGRES)) return versionText(version);
    throw new ServerUnavailable(
      `PostgreSQL ${version ? versionText(version) : 'of unknown version'} is too old: ${versionText(OLDEST_POSTGRES)} or newer is needed.`,
    );
  } catch (error) {
    await parts.stop();
    if (error instanceof ServerUnavailable) throw error;
    throw new ServerUnavailable(`PostgreSQL does not answer: ${(error as Error).message}`, { cause: error });
  }
}

function describe(provider: Provider, version: string, parts: ServerParts): PostgresServer {
  return {
    provider,
    version,
    get url() {
      return parts.url;
    },
    get pid() {
      return parts.pid;
    },
    kill: (signal = 'SIGKILL') => parts.kill(signal),
    start: () => parts.start(),
    async restart() {
      await parts.kill('SIGINT');
      await parts.start();
    },
    stop: () => parts.stop(),
  };
}
