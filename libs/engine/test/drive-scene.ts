import type { BackupWork } from '@backhaul/domain';
import type { FileEntry, PointReader } from '@backhaul/repository';
import { backupDrive, type BackupDriveInput, type WorkOutcome } from '../src/index.ts';
import {
  backupWork,
  FakeDrive,
  fakeDriveSource,
  mailboxObject,
  MemoryRepository,
  objectTask,
  workContext,
} from '../testing/index.ts';

/** The chain that {@link driveScene} writes. */
export const CHAIN = { jobId: 'job-1', objectId: 'object-1' };

/** A drive with two folders, one in the other, and a file in each and beside them; and a repository to back it up to. */
export function driveScene() {
  const drive = new FakeDrive();
  const documents = drive.addFolder(drive.rootId, 'Documents');
  const projects = drive.addFolder(documents, 'Projects');
  const ids = {
    documents,
    projects,
    notes: drive.addFile(drive.rootId, 'notes.txt'),
    letter: drive.addFile(documents, 'letter.txt'),
    plan: drive.addFile(projects, 'plan.txt'),
  };
  const repository = new MemoryRepository();
  let runs = 0;
  /** Backs the drive up; without a task of its own each call is a new one. */
  const backup = (work: Partial<BackupWork> = {}, rest: Partial<BackupDriveInput> = {}) => {
    runs += 1;
    return backupDrive({
      source: fakeDriveSource(drive),
      writer: repository.openWriter(),
      task: objectTask({ object: mailboxObject({ kind: 'oneDrive' }), taskId: `task-${runs}`, fence: runs }),
      work: driveWork(work),
      context: workContext(),
      ...rest,
    });
  };
  return { drive, ids, repository, backup };
}

/** A backup of a drive without extras. */
export function driveWork(overrides: Partial<BackupWork> = {}): BackupWork {
  return backupWork({ kinds: ['files'], ...overrides });
}

/** The result of work that must not yield. */
export async function done(outcome: Promise<WorkOutcome>) {
  const result = await outcome;
  if (result.type !== 'done') throw new Error(`The work yielded: ${result.reason}`);
  return result;
}

/** Everything a point holds, as {@link FakeDrive.contents} tells it. */
export async function contentsOf(point: PointReader): Promise<Record<string, string>> {
  const folders = await point.folders();
  const root = folders.find(({ parentId }) => parentId === '');
  const found: Record<string, string> = {};
  const walk = async (folderId: string, prefix: string): Promise<void> => {
    for (const file of await filesOf(point, folderId)) found[prefix + file.name] = await textOf(point, file);
    for (const { id, name } of folders.filter(({ parentId }) => parentId === folderId)) {
      found[`${prefix}${name}/`] = '';
      await walk(id, `${prefix}${name}/`);
    }
  };
  if (root !== undefined) await walk(root.id, '');
  return found;
}

/** The files of one folder. */
export async function filesOf(point: PointReader, folderId: string): Promise<FileEntry[]> {
  const files: FileEntry[] = [];
  for await (const item of point.items(folderId)) if (item.kind === 'file') files.push(item);
  return files;
}

/** The entry of a file. @throws when it is not in this folder. */
export async function fileOf(point: PointReader, containerId: string, id: string): Promise<FileEntry> {
  const entry = await point.get({ containerId, id });
  if (entry?.type !== 'item' || entry.kind !== 'file') throw new Error(`${id} is no file of ${containerId}.`);
  return entry;
}

/** The content of a file, or `<none>`. */
export async function textOf(point: PointReader, file: FileEntry): Promise<string> {
  const content = file.parts.find(({ name }) => name === 'content');
  return content === undefined ? '<none>' : Buffer.from(await point.readPart(content)).toString('utf8');
}

/** Ids of files whose content was asked for. */
export function contentRequests(drive: FakeDrive): string[] {
  return drive.requests.filter(({ kind }) => kind === 'content').map(({ about }) => about);
}
