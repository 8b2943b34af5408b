export * from './builders.ts';
export { buildMime } from './build-mime.ts';
export * from './fake-mailbox.ts';
export { fakeMailSource } from './fake-mail-source.ts';
export { fakeMailTarget } from './fake-mail-target.ts';
export { MemoryRepository } from './memory-repository.ts';
export { fakeMailboxUnderTest } from './fake-mailbox-under-test.ts';
export type * from './mailbox-under-test.ts';
