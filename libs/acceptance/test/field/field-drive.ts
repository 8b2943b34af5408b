import type { BackupWork, RestoreWork } from '@backhaul/domain';
import { backupDrive, restoreDrive } from '@backhaul/engine';
import {
  backupWork,
  mailboxObject,
  MemoryRepository,
  objectTask,
  restoreWork,
  workContext,
} from '@backhaul/engine/testing';
import type { DriveItemTruth, DrivesEdit, GivenContent } from '@backhaul/graph-simulator';
import { driveSource, driveTarget } from '@backhaul/m365';
import type { FileEntry, PointReader } from '@backhaul/repository';
import { compareTree } from '../../src/compare/compare-tree.ts';
import { expectedFiles } from '../../src/compare/expected-files.ts';
import { differencesOf, done, itemsOf, type Done, type Working } from './field-mailbox.ts';
import type { FieldScene } from './scene.ts';

/** An edit of a drive, which needs not name it. */
type OwnEdit = DrivesEdit extends infer E ? (E extends DrivesEdit ? Omit<E, 'drive'> : never) : never;

/** A OneDrive of the tenant, what happens to it, and the chain of points that a job makes of it. */
export interface FieldDrive {
  /** Id of the user whose drive it is. */
  readonly id: string;
  /** Makes one edit; returns the id of what it was about. */
  edit(edit: OwnEdit): Promise<string>;
  addFile(name: string, content: GivenContent, parent?: string): Promise<string>;
  addFolder(name: string, parent?: string): Promise<string>;
  backup(work?: Partial<BackupWork>, how?: Working): Promise<Done>;
  /** The newest point. */
  point(): PointReader;
  /** The files of the newest point. */
  files(): Promise<FileEntry[]>;
  /** In what the newest point differs from the drive as it is now. */
  differences(): Promise<string[]>;
  /** What the tenant says of an item by its id. */
  truth(id: string): Promise<DriveItemTruth | undefined>;
  /** Path, kind, bytes and date of everything that is in the drive now, by the tenant's word, sorted. */
  contents(): Promise<string[]>;
  /** Restores the newest point into the drive of another user, or this one. */
  restore(into: string, work?: Partial<RestoreWork>, how?: Working): Promise<Done>;
}

/** Makes a user with an empty drive for one scenario; its chain begins empty. */
export async function fieldDrive(scene: FieldScene): Promise<FieldDrive> {
  const { id } = await scene.control.addUser();
  await scene.control.edit({ do: 'provision-drive', drive: id });
  return driveOf(scene, id);
}

/** A drive that is there already. */
export function driveOf(scene: FieldScene, id: string): FieldDrive {
  const { control } = scene;
  const repository = new MemoryRepository();
  const { chain } = objectTask();
  let runs = 0;
  const edit = async (one: OwnEdit) => (await control.edit({ ...one, drive: id }))[0]?.id ?? '';
  const drive: FieldDrive = {
    id,
    edit,
    addFile: (name, content, parent = '') => edit({ do: 'add-file', name, content, ...(parent !== '' && { parent }) }),
    addFolder: (name, parent = '') => edit({ do: 'add-drive-folder', name, ...(parent !== '' && { parent }) }),
    async backup(work = {}, { graph = scene.open(), context = {} } = {}) {
      runs += 1;
      const outcome = await backupDrive({
        source: driveSource(graph, id),
        writer: repository.openWriter(),
        task: objectTask({ chain, taskId: `task-${runs}`, fence: runs, object: mailboxObject({ kind: 'oneDrive' }) }),
        work: backupWork({ kinds: ['files'], ...work }),
        context: workContext(context),
      });
      return done(outcome);
    },
    point: () => repository.openPoint(chain),
    files: async () => (await itemsOf(drive.point())).filter((item) => item.kind === 'file'),
    differences: async () =>
      differencesOf(await compareTree(drive.point(), expectedFiles(await control.driveTruth({ user: id })))),
    truth: async (itemId) => (await control.driveTruth({ user: id })).items.find((item) => item.id === itemId),
    async contents() {
      const { items } = await control.driveTruth({ user: id });
      return items.map(described).sort();
    },
    async restore(into, work = {}, { graph = scene.open(), context = {} } = {}) {
      const outcome = await restoreDrive({
        target: driveTarget(graph, into),
        point: drive.point(),
        work: restoreWork(work),
        context: workContext(context),
      });
      return done(outcome);
    },
  };
  return drive;
}

function described({ path, type, size, sha256, modifiedAt }: DriveItemTruth): string {
  return [path.join('/'), type, ...(type === 'file' ? [size, sha256, modifiedAt] : [])].join(' ');
}

/** The text as the content of a file. */
export function text(content: string): GivenContent {
  return { base64: Buffer.from(content).toString('base64') };
}
