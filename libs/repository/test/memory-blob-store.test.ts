import { blobStoreSuite, MemoryBlobStore } from '@backhaul/repository/testing';

blobStoreSuite('in memory', async () => ({ store: new MemoryBlobStore(), close: async () => undefined }));
