import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { cacheFolder, withLock } from './cache-folder.ts';
import { type TemporaryFolder, makeTemporaryFolder } from './guarded-process.ts';
import { fetchNatsFromDebian } from './nats-from-debian.ts';
import { fetchNatsRelease } from './nats-from-release.ts';
import { OLDEST_NATS_SERVER } from './oldest-nats-server.ts';
import { runProgram } from './run-program.ts';
import { ServerUnavailable } from './unavailable.ts';
import { findVersion, isAtLeast, type Version, versionText } from './version.ts';

/** A nats-server that can be run here. */
export interface NatsBinary {
  file: string;
  /** For example `2.15.1`. */
  version: string;
  /** Found on this machine, kept from an earlier fetch, or fetched just now. */
  source: 'installed' | 'cache' | 'fetched';
}

/** A way to get a nats-server: puts the program into `folder` and returns its path, or says why not by throwing. */
export interface NatsFetcher {
  name: string;
  fetch(folder: string, env: NodeJS.ProcessEnv): Promise<string>;
}

const FETCHERS: NatsFetcher[] = [
  { name: 'the official release', fetch: (folder, env) => fetchNatsRelease(folder, env) },
  { name: "Debian's newer suites", fetch: fetchNatsFromDebian },
];

const PROGRAM = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
const SYSTEM_FOLDERS = process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export interface FindNatsOptions {
  /** PATH, BACKHAUL_CACHE_DIR and BACKHAUL_OFFLINE=1 (fetch nothing). */
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
  /** Default: the official release, then Debian's newer suites. */
  fetchers?: NatsFetcher[];
}

/**
 * A nats-server 2.12 or newer: on PATH or in the system's folders; else in the cache folder; else fetched into it, by one
 * process at a time. Throws ServerUnavailable that says what was tried and what to install.
 */
export async function findNatsServer(options: FindNatsOptions): Promise<NatsBinary> {
  const { env } = options;
  const misses: string[] = [];
  const installed = await findInstalled(env, misses);
  if (installed) return installed;
  const cache = await cacheFolder(env);
  const kept = await findKept(cache);
  if (kept) return kept;
  if (env['BACKHAUL_OFFLINE'] === '1') {
    misses.push('nothing is fetched: BACKHAUL_OFFLINE=1');
    throw notObtainable(misses);
  }
  return withLock(join(cache, 'nats-server.lock'), async () => {
    return (await findKept(cache)) ?? (await fetchInto(cache, options, misses));
  });
}

async function findInstalled(env: NodeJS.ProcessEnv, misses: string[]): Promise<NatsBinary | undefined> {
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), ...SYSTEM_FOLDERS];
  for (const file of new Set(folders.map((folder) => resolve(folder, PROGRAM)))) {
    if (!(await isExecutable(file))) continue;
    const version = await versionOf(file);
    if (version && isAtLeast(version, OLDEST_NATS_SERVER)) {
      return { file, version: versionText(version), source: 'installed' };
    }
    misses.push(version ? `${file} is version ${versionText(version)}: too old` : `${file} does not tell its version`);
  }
  if (misses.length === 0) misses.push('there is none on PATH or in /usr/sbin');
  return undefined;
}

const keptName = (version: string) => `nats-server-${version}-${process.platform}-${process.arch}`;

async function findKept(cache: string): Promise<NatsBinary | undefined> {
  const pattern = new RegExp(`^${keptName('(.+)')}$`);
  const folders = (await readdir(cache)).filter((name) => pattern.test(name));
  for (const folder of folders.sort().reverse()) {
    const file = join(cache, folder, PROGRAM);
    const version = (await isExecutable(file)) ? await versionOf(file) : undefined;
    if (version && isAtLeast(version, OLDEST_NATS_SERVER))
      return { file, version: versionText(version), source: 'cache' };
  }
  return undefined;
}

async function fetchInto(cache: string, options: FindNatsOptions, misses: string[]): Promise<NatsBinary> {
  for (const fetcher of options.fetchers ?? FETCHERS) {
    const folder = await makeTemporaryFolder('backhaul-fetch-');
    try {
      options.log(`Fetching nats-server from ${fetcher.name} …`);
      return await keep(await fetcher.fetch(folder.path, options.env), cache);
    } catch (error) {
      misses.push(`${fetcher.name}: ${(error as Error).message}`);
    } finally {
      await removeQuietly(folder);
    }
  }
  throw notObtainable(misses);
}

/** Puts a fetched program into the cache under its own version; complete from the moment it has its name. */
async function keep(fetched: string, cache: string): Promise<NatsBinary> {
  await chmod(fetched, 0o755);
  const version = await versionOf(fetched);
  if (!version || !isAtLeast(version, OLDEST_NATS_SERVER)) {
    throw new Error(version ? `it has version ${versionText(version)} only` : 'what it gave does not run here');
  }
  const folder = join(cache, keptName(versionText(version)));
  const draft = `${folder}.${process.pid}.new`;
  try {
    await mkdir(draft, { recursive: true });
    await copyFile(fetched, join(draft, PROGRAM));
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { file: join(folder, PROGRAM), version: versionText(version), source: 'fetched' };
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function versionOf(file: string): Promise<Version | undefined> {
  try {
    return findVersion(await runProgram(file, ['--version'], { env: {}, timeoutMs: 10_000 }));
  } catch {
    return undefined;
  }
}

async function removeQuietly(folder: TemporaryFolder): Promise<void> {
  await folder.remove().catch(() => undefined);
}

function notObtainable(misses: string[]): ServerUnavailable {
  const oldest = versionText(OLDEST_NATS_SERVER);
  return new ServerUnavailable(
    [
      `nats-server ${oldest} or newer is needed and could not be found or fetched.`,
      ...misses.map((miss) => `  - ${miss.replaceAll('\n', ' ')}`),
      `Install nats-server ${oldest} or newer so that it is on PATH (a release for every platform is offered by the NATS ` +
        'project), or set NATS_URL (tests: TEST_NATS_URL) to a server of yours.',
    ].join('\n'),
  );
}
