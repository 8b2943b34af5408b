import { open } from 'node:fs/promises';

/**
 * Sets a file's modification time to now by the clock of its file system (for NFS that of the server), which `utimes` cannot:
 * it would write this host's idea of now, and hosts whose clocks differ share a repository. Cutting a file to the length it
 * has changes no byte and marks it as modified (POSIX, `ftruncate`). Durable when it resolves.
 * @throws what the file system throws.
 */
export async function touchFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate((await file.stat()).size);
    await file.sync();
  } finally {
    await file.close();
  }
}
