import { randomUUID } from 'node:crypto';
import { link, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@backhaul/domain';
import { diskFailure } from './disk-failure.ts';

/**
 * Tries in the folder itself what the store relies on: writing, flushing, and that a hard link refuses a name that is
 * taken. Some network and user-space file systems do not keep that promise.
 * @throws Failure `not-writable`, `no-space`; `unsupported-format` (`repository.folder-unfit`) when a promise is broken.
 */
export async function probeFolder(folder: string): Promise<void> {
  const first = join(folder, `.probe-${randomUUID()}.tmp`);
  const second = `${first}.second`;
  try {
    const file = await open(first, 'wx', 0o600);
    try {
      await file.writeFile('probe');
      await file.sync();
    } finally {
      await file.close();
    }
    await link(first, second);
    const again = await link(first, second).then(
      () => 'linked',
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (again !== 'EEXIST' || (await stat(second)).size !== 5) throw unfit(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw code === 'ENOTSUP' || code === 'ENOSYS' || code === 'EMLINK'
      ? unfit(folder, error)
      : diskFailure(error, folder);
  } finally {
    await Promise.all([first, second].map((path) => rm(path, { force: true })));
  }
}

function unfit(folder: string, cause?: unknown): Failure {
  return new Failure('unsupported-format', {
    code: 'repository.folder-unfit',
    message: `The file system of ${folder} cannot create a file only if it is not there (hard links).`,
    hint: 'Choose a folder on a local file system or NFS.',
    retry: 'never',
    where: { path: folder },
    cause,
  });
}
