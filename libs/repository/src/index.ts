export * from './blob-store.ts';
export * from './entry.ts';
export * from './point.ts';
export * from './repository.ts';
