import { Failure } from '@backhaul/domain';
import type { DriveUnderTest } from './drive-under-test.ts';
import { fakeDriveSource } from './fake-drive-source.ts';
import { fakeDriveTarget } from './fake-drive-target.ts';
import { FakeDrive } from './fake-drive.ts';

/** The drive in memory for the suites of the ports. */
export async function fakeDriveUnderTest(): Promise<DriveUnderTest> {
  const drive = new FakeDrive();
  const somebody = { email: 'ada@example.com', displayName: 'Ada' };
  return {
    source: fakeDriveSource(drive),
    target: fakeDriveTarget(drive),
    rootId: drive.rootId,
    addFolder: async (parentId, name) => drive.addFolder(parentId, name),
    addFile: async (parentId, name, content) => drive.addFile(parentId, name, content),
    writeFile: async (id, content) => drive.writeFile(id, content),
    renameItem: async (id, name) => drive.rename(id, name),
    moveItem: async (id, toParentId) => drive.move(id, toParentId),
    removeItem: async (id) => drive.remove(id),
    shareWithSomebody: async (id) =>
      drive.share(id, [{ id: 'shared', roles: ['read'], grantedToV2: { user: somebody } }]),
    infect: async (id) => {
      drive.item(id).malware = true;
    },
    breakTransfer: async (id) => {
      const afterBytes = Math.floor(drive.item(id).content.length / 2);
      drive.plan({ on: 'content', about: id, failure: lost(), afterBytes });
    },
    expireCursors: async () => drive.expireCursors(),
    loseAnswer: async (on) => drive.plan({ on, failure: lost(), answerLost: true }),
    limitTo: async (bytes) => {
      drive.capacity = bytes;
    },
    somebody,
    nobody: { email: 'nobody@elsewhere.invalid' },
    mailsSent: async () => 0,
    close: async () => undefined,
  };
}

function lost(): Failure {
  return new Failure('unavailable', { code: 'fake.lost', message: 'The connection broke.', retry: 'now' });
}
