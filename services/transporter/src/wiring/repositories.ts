import { join } from 'node:path';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret, type Clock } from '@backhaul/domain';
import type { Loan } from '@backhaul/dispatch';
import { openRepository, type Repository, type RepositoryWriter } from '@backhaul/repository';
import { allowedFolder } from './allowed-folder.ts';

/** The repositories this process has open; each once, shared by all tasks (one writer, one index, common packs). */
export interface OpenRepositories {
  /**
   * Has `work` done with the repository, which is opened when it is not open and stays open while anybody uses it, and for
   * an idle time after that. @throws Failure `forbidden` when its folder lies outside the folders this host allows.
   */
  use<T>(loan: Loan['repository'], work: (repository: SharedRepository) => Promise<T>): Promise<T>;
  /** Forgets one that turned out unusable (a revoked writer, a vanished folder), so that the next task opens it anew. */
  discard(repositoryId: string): Promise<void>;
  /** Closes all, used or not. */
  close(): Promise<void>;
}

export interface SharedRepository {
  repository: Repository;
  /** The writer of the process in that repository; announced at its first use. */
  writer: () => Promise<RepositoryWriter>;
}

export interface OpenRepositoriesOptions {
  /** Folders below which repositories may lie on this host. */
  repositoryRoots: string[];
  /** Where local indexes are kept; a subfolder per repository. */
  cacheFolder: string;
  /** Worker threads of each repository. */
  workers: number;
  toolVersion: string;
  clock: Clock;
  /** How long one stays open that nobody uses, in milliseconds. Default ten minutes. */
  idleMs?: number;
}

const IDLE_MS = 10 * 60_000;

interface Entry {
  opening: Promise<Repository>;
  writer: Promise<RepositoryWriter> | null;
  users: number;
  /** Ends the wait for the idle time to pass. */
  idle: AbortController;
}

/** See {@link OpenRepositories}. Nothing is opened before it is needed. */
export function openRepositories(options: OpenRepositoriesOptions): OpenRepositories {
  const { clock, idleMs = IDLE_MS } = options;
  const entries = new Map<string, Entry>();

  async function open(loan: Loan['repository']): Promise<Repository> {
    const store = await openDiskStore(await allowedFolder(loan.location.folder, options.repositoryRoots));
    return openRepository(store, {
      keys: new Secret(loan.keys),
      cacheFolder: join(options.cacheFolder, loan.keys.repositoryId),
      workers: options.workers,
      toolVersion: options.toolVersion,
    });
  }

  function entryOf(loan: Loan['repository']): Entry {
    const id = loan.keys.repositoryId;
    const known = entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { opening: open(loan), writer: null, users: 0, idle: new AbortController() };
    entries.set(id, entry);
    // A failed opening is not remembered: the folder may be back, or the disk free, at the next task.
    entry.opening.catch(() => forget(id, entry));
    return entry;
  }

  function forget(id: string, entry: Entry): void {
    if (entries.get(id) === entry) entries.delete(id);
  }

  async function use<T>(loan: Loan['repository'], work: (shared: SharedRepository) => Promise<T>): Promise<T> {
    const entry = entryOf(loan);
    entry.users += 1;
    entry.idle.abort();
    try {
      const repository = await entry.opening;
      return await work({ repository, writer: () => writerOf(entry, repository) });
    } finally {
      entry.users -= 1;
      if (entry.users === 0) void closeWhenIdle(loan.keys.repositoryId, entry);
    }
  }

  async function closeWhenIdle(id: string, entry: Entry): Promise<void> {
    entry.idle = new AbortController();
    const hasPassed = await clock.sleep(idleMs, entry.idle.signal).then(
      () => true,
      () => false,
    );
    if (hasPassed && entry.users === 0 && entries.get(id) === entry) await discard(id);
  }

  async function discard(id: string): Promise<void> {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    entry.idle.abort();
    await entry.writer?.then((writer) => writer.close()).catch(() => undefined);
    await entry.opening.then((repository) => repository.close()).catch(() => undefined);
  }

  return {
    use,
    discard,
    close: async () => {
      await Promise.all([...entries.keys()].map(discard));
    },
  };
}

function writerOf(entry: Entry, repository: Repository): Promise<RepositoryWriter> {
  const writer = (entry.writer ??= repository.openWriter());
  writer.catch(() => {
    if (entry.writer === writer) entry.writer = null;
  });
  return writer;
}
