import { Failure, isFailure } from '@backhaul/domain';

/** What the operating system said, as a failure with advice. What is none of the known troubles passes through as it is. */
export function diskFailure(error: unknown, path: string): unknown {
  if (isFailure(error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const where = { path };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR': // a folder is no object
    case 'ERR_FS_EISDIR':
      return notFound(path, error);
    case 'ENOSPC':
    case 'EDQUOT':
      return noSpace(path, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return notWritable(path, error);
    case 'EIO':
    case 'ESTALE':
    case 'ETIMEDOUT':
    case 'EMFILE':
    case 'ENFILE':
      return new Failure('unavailable', {
        code: 'blob-store.unavailable',
        message: `${path} cannot be reached at the moment (${code}).`,
        hint: 'Check the disk, its mount and the limits of the process.',
        retry: 'later',
        where,
        cause: error,
      });
    default:
      return error;
  }
}

/** There is no object, or no folder, at `path`. */
export function notFound(path: string, cause?: unknown): Failure {
  return new Failure('not-found', {
    code: 'blob-store.not-found',
    message: `There is no ${path}.`,
    retry: 'never',
    where: { path },
    cause,
  });
}

/** The disk is full, or its free space is below the floor. */
export function noSpace(path: string, cause?: unknown): Failure {
  return new Failure('no-space', {
    code: 'repository.no-space',
    message: `There is no space left for ${path}.`,
    hint: 'Free space on the disk of the repository; nothing that was stored is harmed.',
    retry: 'later',
    where: { path },
    cause,
  });
}

/** The folder does not let this process write. */
export function notWritable(path: string, cause?: unknown): Failure {
  return new Failure('not-writable', {
    code: 'repository.not-writable',
    message: `${path} cannot be written.`,
    hint: 'Give the user of the service the right to write there, or choose another folder.',
    retry: 'never',
    where: { path },
    cause,
  });
}
