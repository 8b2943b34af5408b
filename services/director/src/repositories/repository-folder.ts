import { constants } from 'node:fs';
import { access, lstat, mkdir, realpath, rmdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { Failure } from '@backhaul/domain';

/** A folder that may hold a repository, and how to take back what was made for it. */
export interface RepositoryFolder {
  /** Absolute, without symbolic links. */
  path: string;
  /** Removes the folder again if it was made here and is empty. */
  undo(): Promise<void>;
}

/**
 * The folder as the file system knows it, inside one of the allowed roots whatever links lead to it. It is made when it is
 * missing and `make` says so.
 * @throws Failure `invalid-input` (`repository.folder-not-allowed`, `repository.folder-invalid`), `not-found`
 * (`repository.folder-missing`), `not-writable`.
 */
export async function repositoryFolder(
  given: string,
  roots: readonly string[],
  make: 'make' | 'must-exist',
): Promise<RepositoryFolder> {
  if (!isAbsolute(given) || given.length > 1_000) {
    throw folderFailure(
      'invalid-input',
      'repository.folder-invalid',
      'The folder is not an absolute path.',
      'Give the whole path, at most 1,000 characters.',
    );
  }
  const path = await resolveLinks(resolve(given));
  if (!(await isInside(path, roots))) throw notAllowed(roots);
  const isMade = await makeFolder(path, make);
  const undo = async () => {
    if (isMade) await rmdir(path).catch(() => undefined);
  };
  try {
    await requireWritableFolder(path);
  } catch (error) {
    await undo();
    throw error;
  }
  return { path, undo };
}

/** Follows the links of the part that exists; what does not exist yet cannot be a link. */
async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(path);
    if (code === 'ENOENT' && parent !== path && !(await isLink(path)))
      return join(await resolveLinks(parent), basename(path));
    throw notUsable(code ?? 'unknown error');
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (status) => status.isSymbolicLink(),
    () => false,
  );
}

async function isInside(path: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const real = await realpath(root).catch(() => null);
    if (real !== null && (path === real || path.startsWith(real.endsWith(sep) ? real : real + sep))) return true;
  }
  return false;
}

async function makeFolder(path: string, make: 'make' | 'must-exist'): Promise<boolean> {
  if (make === 'must-exist') return false;
  try {
    return (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Something that is no folder: said below.
    if (code === 'EEXIST') return false;
    throw notUsable(code ?? 'unknown error');
  }
}

async function requireWritableFolder(path: string): Promise<void> {
  const status = await lstat(path).catch(() => null);
  if (status === null) {
    throw folderFailure(
      'not-found',
      'repository.folder-missing',
      `There is no folder ${path}.`,
      'Name the folder of an existing repository.',
    );
  }
  if (!status.isDirectory()) {
    throw folderFailure('invalid-input', 'repository.folder-invalid', `${path} is not a folder.`, 'Name a folder.');
  }
  await access(path, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    throw notUsable(error.code ?? 'unknown error');
  });
}

function notUsable(code: string): Failure {
  if (code === 'ENOSPC') {
    return folderFailure('no-space', 'repository.no-space', 'The disk is full.', 'Free space or choose another disk.');
  }
  return folderFailure(
    'not-writable',
    'repository.not-writable',
    `The Director cannot write there (${code}).`,
    'Give the user of the Director the right to read and write the folder, or choose another one.',
  );
}

function notAllowed(roots: readonly string[]): Failure {
  return folderFailure(
    'invalid-input',
    'repository.folder-not-allowed',
    'The folder does not lie in a folder where repositories are allowed.',
    roots.length === 0
      ? "Name such folders in BACKHAUL_REPOSITORY_ROOTS on the Director's host and restart it."
      : `Choose a folder below one of: ${roots.join(', ')}.`,
  );
}

function folderFailure(
  kind: 'invalid-input' | 'not-found' | 'not-writable' | 'no-space',
  code: string,
  message: string,
  hint: string,
): Failure {
  return new Failure(kind, { code, message, hint, retry: 'never', where: { field: 'folder' } });
}
