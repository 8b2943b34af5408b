import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, type Clock } from '@backhaul/domain';
import type { BlobStore } from '../src/blob-store.ts';
import { createRepository } from '../src/create-repository.ts';
import { openRepository } from '../src/open-repository.ts';
import type { Repository, RepositoryKeys } from '../src/repository.ts';
import { MemoryBlobStore } from './memory-blob-store.ts';

/** Costs of a password that no attacker would notice; for tests. */
export const CHEAP_ARGON2 = { memoryKiB: 64, passes: 1, lanes: 1 };
export const TEST_PASSWORD = new Secret('correct horse battery staple');

export interface RepositoryBench<S extends BlobStore> {
  store: S;
  keys: Secret<RepositoryKeys>;
  /** Opens it once more, as another process would: with a cache of its own. `store` stands in front of the bench's own. */
  open(options?: {
    store?: BlobStore;
    keys?: Secret<RepositoryKeys>;
    workers?: number;
    clock?: Clock;
    cacheFolder?: string;
  }): Promise<Repository>;
  /** A folder that `close` deletes. */
  folder(): Promise<string>;
  /** Closes all that was opened and deletes its caches. */
  close(): Promise<void>;
}

/** A new repository in `store`, with everything a test opens of it tidied up by `close`. */
export async function repositoryBench<S extends BlobStore>(store: S): Promise<RepositoryBench<S>> {
  const keys = await createRepository(store, { password: TEST_PASSWORD, argon2: CHEAP_ARGON2 });
  const opened: Repository[] = [];
  const folders: string[] = [];
  const folder = async () => {
    const made = await mkdtemp(join(tmpdir(), 'backhaul-repository-'));
    folders.push(made);
    return made;
  };
  return {
    store,
    keys,
    folder,
    open: async (options = {}) => {
      const repository = await openRepository(options.store ?? store, {
        keys: options.keys ?? keys,
        cacheFolder: options.cacheFolder ?? (await folder()),
        workers: options.workers ?? 0,
        toolVersion: 'test',
        ...(options.clock === undefined ? {} : { clock: options.clock }),
      });
      opened.push(repository);
      return repository;
    },
    close: async () => {
      for (const repository of opened.splice(0)) await repository.close();
      for (const made of folders.splice(0)) await rm(made, { recursive: true, force: true });
    },
  };
}

/** {@link repositoryBench} in memory. */
export function repositoryInMemory(): Promise<RepositoryBench<MemoryBlobStore>> {
  return repositoryBench(new MemoryBlobStore());
}
