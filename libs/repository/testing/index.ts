export { blobStoreSuite, type StoreUnderTest } from './blob-store.suite.ts';
export { aContainer, aDraft, aFolder, anItem, anObject, aTask, messageParts } from './builders.ts';
export { MemoryBlobStore } from './memory-blob-store.ts';
export { SeededRandom, testSeed } from './random.ts';
export {
  CHEAP_ARGON2,
  repositoryBench,
  repositoryInMemory,
  TEST_PASSWORD,
  type RepositoryBench,
} from './repository-in-memory.ts';
