import { randomUUID } from 'node:crypto';
import { link, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@backhaul/domain';
import { diskFailure } from './disk-failure.ts';
import { touchFile } from './touch-file.ts';

/**
 * Tries in the folder itself what the store relies on: writing, flushing, that a hard link refuses a name that is taken, and
 * that the file system's time does not go back. Some network and user-space file systems do not keep these promises.
 * @returns what time it is by the file system's own clock.
 * @throws Failure `not-writable`, `no-space`; `unsupported-format` (`repository.folder-unfit`) when a promise is broken.
 */
export async function probeFolder(folder: string): Promise<Date> {
  const first = join(folder, `.probe-${randomUUID()}.tmp`);
  const second = `${first}.second.tmp`;
  try {
    const file = await open(first, 'wx', 0o600);
    try {
      await file.writeFile('probe');
      await file.sync();
    } finally {
      await file.close();
    }
    const written = await stat(first);
    await link(first, second);
    const again = await link(first, second).then(
      () => 'linked',
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (again !== 'EEXIST') throw unfit(folder, 'replaces a file that is there when another is linked to its name');
    await touchFile(second);
    const touched = await stat(second);
    if (touched.size !== written.size) throw unfit(folder, 'does not link a file as a whole');
    if (touched.mtimeMs < written.mtimeMs) throw unfit(folder, 'goes back in time');
    return touched.mtime;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    // EPERM for a link alone is how FAT and some network file systems say that they have none.
    const hasNoLinks = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code) || isLinkRefused(error);
    throw hasNoLinks ? unfit(folder, 'has no hard links', error) : diskFailure(error, folder);
  } finally {
    await Promise.all([first, second].map((path) => rm(path, { force: true }).catch(() => undefined)));
  }
}

function isLinkRefused(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'EPERM' && syscall === 'link';
}

function unfit(folder: string, problem: string, cause?: unknown): Failure {
  return new Failure('unsupported-format', {
    code: 'repository.folder-unfit',
    message: `The file system of ${folder} ${problem}, so commits there would not be safe.`,
    hint: 'Choose a folder on a local file system or NFS.',
    retry: 'never',
    where: { field: 'folder', path: folder },
    cause,
  });
}
