import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { openDiskStore } from '@backhaul/blob-store';
import { Failure, Secret } from '@backhaul/domain';
import type { Loan } from '@backhaul/dispatch';
import { openRepository, type Repository, type RepositoryWriter } from '@backhaul/repository';

/** The repositories this process has open; each once, shared by all tasks (one writer, one index, common packs). */
export interface OpenRepositories {
  /** Opens, or gives the open one. @throws Failure `forbidden` when its folder lies outside the folders this host allows. */
  repository(loan: Loan['repository']): Promise<Repository>;
  /** The writer of the process in that repository; announced at its first use. */
  writer(loan: Loan['repository']): Promise<RepositoryWriter>;
  /** Forgets one that turned out unusable (a revoked writer, a vanished folder), so that the next task opens it anew. */
  discard(repositoryId: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenRepositoriesOptions {
  /** Folders below which repositories may lie on this host. */
  repositoryRoots: string[];
  /** Where local indexes are kept; a subfolder per repository. */
  cacheFolder: string;
  /** Worker threads of each repository. */
  workers: number;
  toolVersion: string;
}

interface Opened {
  repository: Repository;
  writer?: Promise<RepositoryWriter>;
}

/** See {@link OpenRepositories}. Nothing is opened before it is needed. */
export function openRepositories(options: OpenRepositoriesOptions): OpenRepositories {
  const opened = new Map<string, Promise<Opened>>();

  async function open(loan: Loan['repository']): Promise<Opened> {
    const store = await openDiskStore(await allowedFolder(loan.location.folder, options.repositoryRoots));
    const repository = await openRepository(store, {
      keys: new Secret(loan.keys),
      cacheFolder: join(options.cacheFolder, loan.keys.repositoryId),
      workers: options.workers,
      toolVersion: options.toolVersion,
    });
    return { repository };
  }

  function opening(loan: Loan['repository']): Promise<Opened> {
    const id = loan.keys.repositoryId;
    const known = opened.get(id);
    if (known !== undefined) return known;
    const attempt = open(loan);
    opened.set(id, attempt);
    // A failed opening is not remembered: the folder may be back, or the disk free, at the next task.
    attempt.catch(() => opened.delete(id));
    return attempt;
  }

  async function writer(loan: Loan['repository']): Promise<RepositoryWriter> {
    const entry = await opening(loan);
    const attempt = (entry.writer ??= entry.repository.openWriter());
    attempt.catch(() => {
      if (entry.writer === attempt) delete entry.writer;
    });
    return attempt;
  }

  async function discard(repositoryId: string): Promise<void> {
    const attempt = opened.get(repositoryId);
    opened.delete(repositoryId);
    const entry = await attempt?.catch(() => undefined);
    await entry?.writer?.then((open) => open.close()).catch(() => undefined);
    await entry?.repository.close().catch(() => undefined);
  }

  return {
    repository: async (loan) => (await opening(loan)).repository,
    writer,
    discard,
    close: async () => {
      await Promise.all([...opened.keys()].map(discard));
    },
  };
}

/** The folder itself, when it lies in one of `roots` after all links are followed. */
async function allowedFolder(folder: string, roots: string[]): Promise<string> {
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
