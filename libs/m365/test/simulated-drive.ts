import type { DriveUnderTest, LosableDriveRequest } from '@backhaul/engine/testing';
import type { DrivesEdit, FaultMatch } from '@backhaul/graph-simulator';
import { driveSource, driveTarget } from '../src/index.ts';
import type { SimulatorScene } from './simulator-scene.ts';

/** A new, empty drive of the simulated tenant for the suites of the ports, seen through Graph. */
export async function simulatedDrive(scene: SimulatorScene): Promise<DriveUnderTest> {
  const { control } = scene.simulator;
  const [owner, somebody] = [await control.addUser(), await control.addUser()];
  const { id: drive, userPrincipalName } = owner;
  const graph = scene.open();
  const edited = async (edit: DrivesEdit) => (await control.edit(edit))[0]?.id ?? '';
  const content = (bytes: Uint8Array) => ({ base64: Buffer.from(bytes).toString('base64') });
  const fault = (match: FaultMatch, effect: Parameters<typeof control.addFault>[0]['effect']) =>
    control.addFault({ match, effect });
  await edited({ do: 'provision-drive', drive });
  const source = driveSource(graph, drive);
  const { rootId } = await source.drive(new AbortController().signal);
  return {
    source,
    target: driveTarget(graph, drive),
    rootId,
    addFolder: (parent, name) => edited({ do: 'add-drive-folder', drive, parent, name }),
    addFile: (parent, name, bytes) => edited({ do: 'add-file', drive, parent, name, content: content(bytes) }),
    writeFile: async (item, bytes) => void (await edited({ do: 'write-file', drive, item, content: content(bytes) })),
    renameItem: async (item, name) => void (await edited({ do: 'rename-item', drive, item, name })),
    moveItem: async (item, to) => void (await edited({ do: 'move-item', drive, item, to })),
    removeItem: async (item) => void (await edited({ do: 'delete-item', drive, item })),
    async shareWithSomebody(item) {
      const permissions = [{ roles: ['read'], user: somebody.userPrincipalName }];
      await edited({ do: 'set-permissions', drive, item, permissions });
    },
    infect: async (item) => void (await edited({ do: 'mark-malware', drive, item })),
    breakTransfer: async (item) =>
      void (await fault({ pathRegex: `/download/[^?]*${item}`, nth: 1 }, { kind: 'reset' })),
    expireCursors: () => control.expireDeltaLinks({ mailbox: drive }),
    loseAnswer: async (of) => void (await fault({ ...REQUESTS[of], nth: 1 }, { kind: 'lost-answer' })),
    limitTo: async (quota) => void (await edited({ do: 'set-drive-quota', drive, quota })),
    somebody: { email: somebody.userPrincipalName },
    nobody: { email: `nobody@${userPrincipalName.split('@')[1]}` },
    mailsSent: async () => (await control.sent()).mails,
    close: async () => control.clearFaults(),
  };
}

/** How each request that a suite can have lost is made of Graph; a file is written by the last fragment of its upload. */
const REQUESTS: Readonly<Record<LosableDriveRequest, FaultMatch>> = {
  ensureFolder: { method: 'POST', pathRegex: '/children$' },
  write: { method: 'PUT', pathRegex: '/upload/' },
  rename: { method: 'PATCH', pathRegex: '/items/[^/]+$' },
  grant: { method: 'POST', pathRegex: '/invite$' },
};
