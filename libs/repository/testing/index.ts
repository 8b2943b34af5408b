export {
  aContact,
  aContainer,
  aDraft,
  aFile,
  aFolder,
  anEvent,
  anItem,
  anObject,
  aTask,
  messageParts,
} from './builders.ts';
export { FaultyBlobStore, noSpace, unavailable, type Fault, type StoreCall } from './faulty-blob-store.ts';
export { MemoryBlobStore } from './memory-blob-store.ts';
export { pointContents } from './point-contents.ts';
export { SeededRandom, testSeed } from './random.ts';
export {
  CHEAP_ARGON2,
  repositoryBench,
  repositoryInMemory,
  TEST_PASSWORD,
  type RepositoryBench,
} from './repository-in-memory.ts';
