import { openDiskStore } from '@backhaul/blob-store';
import type { Secret } from '@backhaul/domain';
import { openRepository, type BlobStore, type Repository, type RepositoryKeys } from '@backhaul/repository';
import type { RepositoryLocation } from './repository.store.ts';

/** How this Director opens repositories. The one place that knows which stores there are. */
export interface RepositoryEngine {
  openStore(location: RepositoryLocation): Promise<BlobStore>;
  open(location: RepositoryLocation, keys: Secret<RepositoryKeys>): Promise<Repository>;
}

export interface RepositoryEngineOptions {
  cacheFolder: string;
  /** Worker threads of each opened repository. */
  workers: number;
  toolVersion: string;
}

export function repositoryEngine({ cacheFolder, workers, toolVersion }: RepositoryEngineOptions): RepositoryEngine {
  const openStore = async (location: RepositoryLocation) => openDiskStore(location.folder);
  return {
    openStore,
    open: async (location, keys) =>
      openRepository(await openStore(location), { keys, cacheFolder, workers, toolVersion }),
  };
}
