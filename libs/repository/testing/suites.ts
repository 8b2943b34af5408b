/** Suites for tests alone: a process outside Jest cannot load them, so they have a door of their own. */
export { blobStoreSuite, type StoreUnderTest } from './blob-store.suite.ts';
