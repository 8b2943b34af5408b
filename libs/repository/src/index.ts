export * from './blob-store.ts';
export * from './entry.ts';
export * from './point.ts';
export * from './repository.ts';
export { createRepository, unlockRepository, type CreateRepositoryOptions } from './create-repository.ts';
export { openRepository } from './open-repository.ts';
export type { Argon2Costs } from './key-slot.ts';
