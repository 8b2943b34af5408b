import { MemoryBlobStore } from '@backhaul/repository/testing';
import { blobStoreSuite } from '@backhaul/repository/testing/suites';

blobStoreSuite('in memory', async () => ({ store: new MemoryBlobStore(), close: async () => undefined }));
