import { mkdir } from 'node:fs/promises';
import { Failure } from '@backhaul/domain';

/** Makes the folder for what this host keeps, for this user alone. @throws Failure `not-writable` naming the setting. */
export async function makeDataFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new Failure('not-writable', {
      code: 'director.data-folder-not-writable',
      message: `The data folder ${path} cannot be made.`,
      hint: 'Correct BACKHAUL_DATA_FOLDER, or let this user write to the folder above it.',
      retry: 'never',
      where: { path },
      cause,
    });
  });
}
