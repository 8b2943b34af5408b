import { constants } from 'node:fs';
import { access, lstat, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerUnavailable } from './unavailable.ts';

/**
 * The folder that keeps what was fetched: BACKHAUL_CACHE_DIR if set, else `backhaul` in XDG_CACHE_HOME or `~/.cache`; for
 * a user without a usable home, a folder of its own below the system's temporary folder. Made if missing.
 */
export async function cacheFolder(env: NodeJS.ProcessEnv): Promise<string> {
  if (env['BACKHAUL_CACHE_DIR']) {
    const folder = resolve(env['BACKHAUL_CACHE_DIR']);
    if (await makeUsable(folder)) return folder;
    throw new ServerUnavailable(
      `BACKHAUL_CACHE_DIR=${folder} cannot be written. Choose a folder that can, or unset it.`,
    );
  }
  const candidates = [
    env['XDG_CACHE_HOME'] && join(env['XDG_CACHE_HOME'], 'backhaul'),
    join(env['HOME'] ?? homedir(), '.cache', 'backhaul'),
  ];
  for (const folder of candidates) if (folder && (await makeUsable(folder))) return folder;
  const last = join(tmpdir(), `backhaul-cache-${process.getuid?.() ?? 'user'}`);
  if ((await makeUsable(last)) && (await isOurs(last))) return last;
  throw new ServerUnavailable(
    'There is no folder to keep downloads in. Set BACKHAUL_CACHE_DIR to one that can be written.',
  );
}

async function makeUsable(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Programs are run from the cache: below a folder that everybody writes to, it must not be somebody else's. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  return found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
}

/**
 * Does the work while no other process on this machine does the same (by a lock file that names its holder). A lock whose
 * holder is gone is broken. Throws ServerUnavailable when the lock is not free within `waitMs`.
 */
export async function withLock<T>(lockFile: string, work: () => Promise<T>, waitMs = 240_000): Promise<T> {
  const deadline = performance.now() + waitMs;
  while (!(await takeLock(lockFile))) {
    if (performance.now() > deadline) {
      throw new ServerUnavailable(`Another process holds ${lockFile}. If none is at work, remove that file.`);
    }
    await delay(150);
  }
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function takeLock(lockFile: string): Promise<boolean> {
  try {
    const file = await open(lockFile, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (await isAbandoned(lockFile)) await rm(lockFile, { force: true });
  return false;
}

async function isAbandoned(lockFile: string): Promise<boolean> {
  try {
    const holder = Number(await readFile(lockFile, 'utf8'));
    // Its holder has made the file and is about to write its id: look again, unless it died just then.
    if (holder === 0) return Date.now() - (await stat(lockFile)).mtimeMs > 10_000;
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
