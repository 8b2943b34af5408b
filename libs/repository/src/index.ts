export * from './blob-store.ts';
export * from './entry.ts';
export * from './point.ts';
export * from './repository.ts';
export { readConfig, type RepositoryConfig } from './config.ts';
export { createRepository, unlockRepository, type CreateRepositoryOptions } from './create-repository.ts';
export { DEFAULT_ARGON2_COSTS, type Argon2Costs } from './key-slot.ts';
export { openRepository } from './open-repository.ts';
