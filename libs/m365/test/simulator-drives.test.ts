import { systemClock, type BackupExtras } from '@backhaul/domain';
import { backupDrive, folderPaths, readStoredFile, restoreDrive, type WorkOutcome } from '@backhaul/engine';
import {
  backupWork,
  failureOf,
  MemoryRepository,
  objectTask,
  restoreWork,
  workContext,
} from '@backhaul/engine/testing';
import type { DriveItemTruth, SimulatedUser } from '@backhaul/graph-simulator';
import type { FileEntry, PointReader } from '@backhaul/repository';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { driveSource, driveTarget } from '../src/index.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
let owners: SimulatedUser[];
beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 3, messages: 1, drives: 2, files: 80, seed: 11 });
  owners = (await scene.simulator.control.users()).filter(({ driveId }) => driveId !== null);
});
afterAll(() => scene.close());
afterEach(() => scene.simulator.control.clearFaults());

const NOTHING_MORE: BackupExtras = { recoverableItems: false, fileVersions: false, filePermissions: false };
const chainOf = (user: string) => ({ jobId: 'job-1', objectId: user });

/** Backs up the drives of users into one repository, run by run. */
function backups(include: Partial<BackupExtras> = {}) {
  const repository = new MemoryRepository();
  let runs = 0;
  const backUp = async (user: string) => {
    runs += 1;
    const outcome = await backupDrive({
      source: driveSource(scene.open(), user),
      writer: repository.openWriter(),
      task: objectTask({ chain: chainOf(user), taskId: `task-${runs}`, fence: runs }),
      work: backupWork({ kinds: ['files'], include: { ...NOTHING_MORE, ...include } }),
      context: workContext({ clock: systemClock() }),
    });
    return done(outcome);
  };
  return { repository, backUp, point: (user: string) => repository.openPoint(chainOf(user)) };
}

function done(outcome: WorkOutcome) {
  if (outcome.type !== 'done') throw new Error(`The work yielded: ${outcome.reason}`);
  return outcome;
}

/** Path → SHA-256 of files, `folder` for folders, as a point holds them. */
async function formOf(point: PointReader): Promise<Record<string, string>> {
  const folders = await point.folders();
  const paths = folderPaths(folders);
  const form: Record<string, string> = {};
  for (const { id } of folders) {
    // The first name is that of the root.
    const path = (paths.get(id) ?? []).slice(1);
    if (path.length > 0) form[path.join('/')] = 'folder';
    for await (const entry of point.items(id)) {
      const content = entry.parts.find(({ name }) => name === 'content');
      form[[...path, (entry as FileEntry).name].join('/')] = content?.sha256 ?? 'unread';
    }
  }
  return form;
}

/** The same of what the simulator holds. Shortcuts are no part of a drive. */
async function truthOf(user: string, leavesOut: (item: DriveItemTruth) => boolean = () => false) {
  const { items } = await scene.simulator.control.driveTruth({ user });
  const kept = items.filter((item) => item.type !== 'shortcut' && !leavesOut(item));
  return Object.fromEntries(
    kept.map((item) => {
      const isUnread = item.malware || item.unreadable;
      return [item.path.join('/'), item.type !== 'file' ? 'folder' : isUnread ? 'unread' : item.sha256];
    }),
  );
}

describe('a backup of simulated drives', () => {
  test('is exact, names what cannot be read, and stays exact over changes', async () => {
    const { backUp, point } = backups();
    for (const { id } of owners) {
      const { issues } = await backUp(id);
      expect(await formOf(point(id))).toEqual(await truthOf(id));
      const codes = issues.map(({ failure }) => failure.code);
      for (const code of codes) {
        expect(['drive.malware', 'graph.unavailable', 'drive.shortcuts-left-out']).toContain(code);
      }
    }
    const percent = 10;
    await scene.simulator.control.change({ percent, parts: ['files'], renameFolder: true, seed: 5 });
    for (const { id } of owners) {
      const { counts } = await backUp(id);
      expect(await formOf(point(id))).toEqual(await truthOf(id));
      expect(counts.itemsMoved + counts.itemsChanged).toBeGreaterThan(0);
    }
  });

  test('without changes costs two requests', async () => {
    const { backUp } = backups();
    const [, { id }] = owners as [SimulatedUser, SimulatedUser];
    await backUp(id);
    const { next: since } = await scene.simulator.control.log({ since: Number.MAX_SAFE_INTEGER });
    await backUp(id);
    const log = await scene.logged(since);
    expect(log.map(({ path }) => path.replace(/^.*drive(s\/[^/]+)?|\?.*$/g, ''))).toEqual(['/root', '/root/delta']);
  });

  test('holds every version and the permissions that are its own', async () => {
    const { backUp, point } = backups({ fileVersions: true, filePermissions: true });
    const [{ id }] = owners as [SimulatedUser];
    await backUp(id);
    const reader = point(id);
    const { items } = await scene.simulator.control.driveTruth({ user: id });
    for (const file of items.filter(({ type, malware, unreadable }) => type === 'file' && !malware && !unreadable)) {
      const entry = await reader.get({ containerId: file.parentId, id: file.id });
      const stored = await readStoredFile(entry as FileEntry, reader);
      const hashes = [stored?.content, ...(stored?.versions ?? []).map(({ content }) => content)];
      expect(hashes.map((part) => part?.sha256)).toEqual(file.versions.map(({ sha256 }) => sha256));
      const own = file.permissions.filter(({ inherited }) => !inherited);
      expect(stored?.permissions.map((permission) => permission.id).sort()).toEqual(own.map((one) => one.id).sort());
    }
  });

  test('goes on when download addresses do not live long', async () => {
    const { control } = scene.simulator;
    const { backUp, point } = backups();
    const [, { id }] = owners as [SimulatedUser, SimulatedUser];
    for (const status of [401, 403, 404]) {
      await control.addFault({ match: { pathRegex: '/download/', nth: 3 }, effect: { kind: 'status', status } });
    }
    await control.addFault({ match: { pathRegex: '/download/', nth: 9 }, effect: { kind: 'reset' } });
    const { issues } = await backUp(id);
    expect(issues.map(({ failure }) => failure.code)).toEqual(['drive.shortcuts-left-out']);
    expect(await formOf(point(id))).toEqual(await truthOf(id));
  });

  test.each([
    ['missing', 'graph.drive-missing'],
    ['locked', 'graph.locked'],
    ['blocked', 'graph.locked'],
    ['unlicensed', 'graph.licence-missing'],
  ] as const)('of a drive that is %s fails with a hint', async (access, code) => {
    const { control } = scene.simulator;
    const { id: drive } = await control.addUser();
    await control.edit({ do: 'provision-drive', drive });
    await control.edit({ do: 'set-drive-access', drive, access });
    const failure = await failureOf(backups().backUp(drive));
    expect([failure.code, failure.hint === undefined]).toEqual([code, false]);
  });
});

describe('a restore into a simulated drive', () => {
  test('brings back every file with versions, and nobody gets a mail', async () => {
    const { control } = scene.simulator;
    const { backUp, point } = backups({ fileVersions: true, filePermissions: true });
    const [{ id }] = owners as [SimulatedUser];
    await backUp(id);
    const { id: other } = await control.addUser();
    await control.edit({ do: 'provision-drive', drive: other });
    const restore = () =>
      restoreDrive({
        target: driveTarget(scene.open(), other),
        point: point(id),
        work: restoreWork({ include: { fileVersions: true, filePermissions: true } }),
        context: workContext({ clock: systemClock() }),
      });
    const { issues, counts } = done(await restore());
    const isUnread = ({ malware, unreadable }: DriveItemTruth) => malware || unreadable;
    expect(await truthOf(other)).toEqual(await truthOf(id, isUnread));
    const codes = new Set(issues.map(({ failure }) => failure.code));
    expect([...codes].sort()).toEqual(['restore.never-read', 'restore.notebook-as-folder']);
    const [from, to] = await Promise.all([id, other].map((user) => control.driveTruth({ user })));
    const manyOf = (items: DriveItemTruth[] = []) => items.find(({ path }) => path[0] === 'Many versions.docx');
    expect(manyOf(to?.items)?.versions.map(({ sha256 }) => sha256)).toEqual(
      manyOf(from?.items)?.versions.map(({ sha256 }) => sha256),
    );
    expect((await control.sent()).mails).toBe(0);
    const again = done(await restore());
    expect([counts.itemsRestored > 30, again.counts.itemsRestored]).toEqual([true, 0]);
    expect(await truthOf(other)).toEqual(await truthOf(id, isUnread));
  });

  test('takes Office files that SharePoint has rewritten for what they are', async () => {
    const { control } = scene.simulator;
    const { backUp, point } = backups();
    const [, { id }] = owners as [SimulatedUser, SimulatedUser];
    await backUp(id);
    const { id: other } = await control.addUser();
    await control.edit({ do: 'provision-drive', drive: other });
    await control.updateSettings({ drives: { rewriteOfficeFiles: 1 } });
    const restore = () =>
      restoreDrive({
        target: driveTarget(scene.open(), other),
        point: point(id),
        work: restoreWork({ collision: 'keep-both' }),
        context: workContext({ clock: systemClock() }),
      });
    const first = done(await restore());
    await restore();
    await control.updateSettings({ drives: { rewriteOfficeFiles: 0 } });
    expect([first.outcome, first.issues]).toEqual(['succeeded', []]);
    expect(Object.keys(await truthOf(other)).sort()).toEqual(Object.keys(await truthOf(id)).sort());
  });
});
