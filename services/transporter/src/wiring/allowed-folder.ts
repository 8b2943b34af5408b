import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { Failure } from '@backhaul/domain';

/**
 * The folder itself, when it lies in one of `roots` after all links are followed.
 * @throws Failure `unreachable` when it is not there, `forbidden` when it lies elsewhere.
 */
export async function allowedFolder(folder: string, roots: string[]): Promise<string> {
  const actual = await realpath(folder).catch((cause: unknown) => {
    throw new Failure('unreachable', {
      code: 'repository.folder-missing',
      message: `The repository folder ${folder} cannot be reached from this Transporter.`,
      hint: 'Mount the folder on this host, or start the Transporter where it is.',
      retry: 'later',
      where: { path: folder },
      cause,
    });
  });
  for (const root of roots) {
    const allowed = await realpath(root).catch(() => null);
    if (allowed !== null && (actual === allowed || actual.startsWith(allowed + sep))) return actual;
  }
  throw new Failure('forbidden', {
    code: 'repository.folder-not-allowed',
    message: `The repository folder ${folder} lies outside the folders that this Transporter may use.`,
    hint: "Add its parent folder to the Transporter's BACKHAUL_REPOSITORY_ROOTS.",
    retry: 'never',
    where: { path: folder },
  });
}
