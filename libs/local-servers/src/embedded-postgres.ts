import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { type GuardedProcess, makeTemporaryFolder, startGuarded } from './guarded-process.ts';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { freezeWithChildren, isRunning } from './process-tree.ts';
import { type Account, firstClosedFolder, serverAccount } from './server-account.ts';
import { withConnection } from './sql.ts';
import { ServerUnavailable } from './unavailable.ts';

/** One cluster of our own: where it lies, as whom it runs, how it is reached. */
interface Cluster {
  home: string;
  data: string;
  password: string;
  durable: boolean;
  binaries: PostgresBinaries;
  account: Account | undefined;
  log: (line: string) => void;
}

export interface EmbeddedPostgresOptions {
  dataFolder?: string | undefined;
  port?: number | undefined;
  durable: boolean;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const SUPERUSER = 'postgres';

/** Makes a cluster, or takes the one in `dataFolder`, and starts its server on 127.0.0.1. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await serverAccount();
  const binaries = await postgresBinaries(account, options.env);
  const temporary = options.dataFolder === undefined ? await makeTemporaryFolder('backhaul-postgres-') : undefined;
  const home = resolve(options.dataFolder ?? temporary?.path ?? '');
  const data = join(home, 'cluster');
  let server: GuardedProcess | undefined;
  let port = options.port;
  try {
    await prepareHome(home, account);
    const password = await initialise({ home, data, binaries, account, log: options.log });
    const cluster: Cluster = { home, data, password, binaries, account, durable: options.durable, log: options.log };
    const start = async () => {
      ({ server, port } = await launch(cluster, port));
    };
    await start();
    return {
      get url() {
        return clusterUrl(password, port ?? 0);
      },
      get pid() {
        return server?.end === undefined ? server?.pid : undefined;
      },
      async kill(signal) {
        if (server === undefined) return;
        if (signal === 'SIGKILL') killTree(server);
        else server.signal(signal);
        await server.waitForEnd(10_000);
      },
      async start() {
        if (server?.end !== undefined) await start();
      },
      async stop() {
        await server?.stop();
        await temporary?.remove();
      },
    };
  } catch (error) {
    await server?.stop();
    await temporary?.remove();
    throw error;
  }
}

function clusterUrl(password: string, port: number): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
}

/** The server's own processes end with it at once, as if the machine had taken them all; the data stays as it is. */
function killTree(server: GuardedProcess): void {
  for (const pid of freezeWithChildren(server.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
}

async function prepareHome(home: string, account: Account | undefined): Promise<void> {
  await mkdir(home, { recursive: true });
  if (account === undefined) return;
  // Others may pass through, not look around; the cluster itself belongs to the account alone.
  await chmod(home, 0o711);
  const closed = await firstClosedFolder(home, account);
  if (closed === undefined) return;
  throw new ServerUnavailable(
    `As root, PostgreSQL runs as the user "${account.name}", which may not enter ${closed}. ` +
      `Choose another data folder than ${home}, or allow it: chmod o+x ${closed}`,
  );
}

/** Makes the cluster unless it is there; returns the superuser's password. */
async function initialise(cluster: Omit<Cluster, 'password' | 'durable'>): Promise<string> {
  const passwordFile = join(cluster.home, 'password');
  if (await exists(join(cluster.data, 'PG_VERSION'))) return (await readFile(passwordFile, 'utf8')).trim();
  const draft = `${cluster.data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (cluster.account) {
    for (const path of [draft, passwordFile]) await chown(path, cluster.account.uid, cluster.account.gid);
  }
  const initdb = await startGuarded({
    program: cluster.binaries.initdb,
    args: [
      `--pgdata=${draft}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Upper and lower case of all letters, the same on every machine, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ],
    cwd: cluster.home,
    env: serverEnvironment(),
    runAs: cluster.account,
    stopSignal: 'SIGTERM',
    onLine: cluster.log,
  });
  const end = await initdb.waitForEnd(START_TIMEOUT_MS);
  if (end?.code !== 0) {
    await initdb.stop();
    throw new ServerUnavailable(`PostgreSQL could not make its files:\n${end?.lastLines.join('\n') ?? 'time-out'}`);
  }
  await rename(draft, cluster.data);
  return password;
}

function serverEnvironment(): Record<string, string> {
  return { LC_ALL: 'C', TZ: 'UTC', PATH: process.env['PATH'] ?? '', SystemRoot: process.env['SystemRoot'] ?? '' };
}

/** Starts the server and waits until it answers; tries other ports, unless one is asked for, and outlasts old backends. */
async function launch(cluster: Cluster, wanted: number | undefined): Promise<{ server: GuardedProcess; port: number }> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  await removeStaleLock(cluster.data);
  for (;;) {
    const port = wanted ?? (await freePort());
    const server = await startGuarded({
      program: cluster.binaries.postgres,
      args: ['-D', cluster.data, ...serverSettings(cluster, port).flatMap((setting) => ['-c', setting])],
      cwd: cluster.home,
      env: serverEnvironment(),
      runAs: cluster.account,
      // "Fast" shutdown writes everything to disk; "immediate" is enough for data that is thrown away.
      stopSignal: cluster.durable ? 'SIGINT' : 'SIGQUIT',
      onLine: cluster.log,
    });
    if (await answers(server, clusterUrl(cluster.password, port), deadline)) return { server, port };
    const words = server.end?.lastLines.join('\n') ?? '';
    if (performance.now() > deadline || !mayPass(words, wanted)) {
      await server.stop();
      throw new ServerUnavailable(`PostgreSQL did not start on port ${port}:\n${words}`);
    }
    await delay(100);
  }
}

function serverSettings(cluster: Cluster, port: number): string[] {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    // Shared memory in files of the cluster: nothing stays behind in /dev/shm after a SIGKILL.
    ...(process.platform === 'win32' ? [] : ['dynamic_shared_memory_type=mmap']),
    // Safe against the death of processes, not of the machine: that is enough for data that is thrown away.
    ...(cluster.durable ? [] : ['fsync=off', 'full_page_writes=off', 'shared_buffers=64MB']),
  ];
}

/** True once a query is answered; false if the server has ended or the time is over. */
async function answers(server: GuardedProcess, url: string, deadline: number): Promise<boolean> {
  while (server.end === undefined && performance.now() < deadline) {
    try {
      await withConnection(url, (client) => client.query('SELECT 1'));
      return true;
    } catch {
      await server.waitForEnd(20);
    }
  }
  return false;
}

/** Reasons for not starting that go away: the port was taken first, or backends of a killed server still end. */
function mayPass(words: string, wanted: number | undefined): boolean {
  return /pre-existing shared memory block/.test(words) || (wanted === undefined && /could not bind/.test(words));
}

/**
 * A killed server leaves the file that says who it was. PostgreSQL trusts it if any process of the same user has that
 * id by now (after a reboot, say), so it is removed when that process is no PostgreSQL.
 */
async function removeStaleLock(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (pid > 0 && !(await isRunning(pid, 'postgres'))) await rm(file, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
