import { createHash } from 'node:crypto';
import {
  failureRecord,
  noCounts,
  type BackupWork,
  type Failure,
  type ItemIssue,
  type TaskCounts,
  type TaskProgress,
} from '@backhaul/domain';
import type { ContainerState, ObjectSession } from '@backhaul/repository';
import { chooseTracking, type Tracking } from '../../backup/choose-tracking.ts';
import { limiter, type Limiter } from '../../limiter.ts';
import { WorkPace } from '../../work-pace.ts';
import type { WorkContext } from '../../work.ts';
import type { Drive, DriveSource } from '../drive-source.ts';
import { FolderTree } from './folder-tree.ts';
import { TransferredFiles } from './transferred-files.ts';

/** The container of the drive's one feed of changes: what is remembered of its reading stands under this id. */
export const DRIVE_FEED = '';

/** Files on their way at once; so many are in memory, a few pieces of each. */
const TRANSFERS = 4;

/** How far the drive's feed has been read to its end, with all that it told stored. */
export interface FeedPosition {
  cursor: string | null;
  /** ISO 8601, UTC. */
  asOf: string;
}

/** What the parts of one drive's backup share while it runs. */
export interface DriveRun {
  source: DriveSource;
  session: ObjectSession;
  work: BackupWork;
  context: WorkContext;
  pace: WorkPace;
  drive: Drive;
  /** Fingerprint of the drive and the options under which cursors are made in this run. */
  scope: string;
  tracking: Tracking;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Null until everything has been read once, in this attempt or an earlier one of the task. */
  position: FeedPosition | null;
  /** Only of a task that transfers everything. */
  transferred: TransferredFiles;
  folders: FolderTree;
  /** Files whose newest state could not be read, by id. */
  skipped: Map<string, ItemIssue>;
  /** What a report names besides skipped files. */
  issues: ItemIssue[];
  /** How many of those an earlier attempt of this task met. */
  issuesBefore: number;
  /** Shortcuts to other drives that were listed, by id. */
  shortcuts: Set<string>;
  /** Numbers over all attempts of the task. */
  counts: TaskCounts;
  bytesTotal: number;
  storedBefore: number;
  transfers: Limiter;
  /** Files that failed in a row because the service did; reset by every success. */
  failuresInARow: number;
  /** Permissions may not be read here, which has been noted. */
  permissionsRefused: boolean;
}

/** Begins (or resumes) the reading of a drive. */
export async function startDriveRun(
  source: DriveSource,
  session: ObjectSession,
  work: BackupWork,
  context: WorkContext,
): Promise<DriveRun> {
  const pace = new WorkPace(context, source.concurrency);
  const drive = await pace.ask((signal) => source.drive(signal));
  const scope = cursorScope(drive.id, work);
  const earlier = session.resumed?.counts ?? {};
  const counts = noCounts();
  for (const name of Object.keys(counts) as (keyof TaskCounts)[]) counts[name] = earlier[name] ?? 0;
  const resumed = (session.resumed?.containers ?? []).filter((state) => state.cursorScope === scope);
  const previous = session.base?.containers.find(({ containerId }) => containerId === DRIVE_FEED) ?? null;
  return {
    source,
    session,
    work,
    context,
    pace,
    drive,
    scope,
    tracking: chooseTracking(followingTheFeed(work), previous, scope),
    startedAt: context.clock.now().toISOString(),
    position: resumed.find(({ containerId }) => containerId === DRIVE_FEED) ?? null,
    transferred: new TransferredFiles(resumed.filter(({ containerId }) => containerId !== DRIVE_FEED)),
    folders: new FolderTree(await session.folders()),
    skipped: new Map(),
    issues: [],
    issuesBefore: earlier['issues'] ?? 0,
    shortcuts: new Set(),
    counts,
    bytesTotal: earlier['bytesTotal'] ?? session.base?.bytesTotal ?? 0,
    storedBefore: counts.bytesStored,
    transfers: limiter(TRANSFERS),
    failuresInARow: 0,
    permissionsRefused: false,
  };
}

/** The numbers as they stand, those of the session and of the pace included. */
export function driveCounts(run: DriveRun): TaskCounts {
  return {
    ...run.counts,
    itemsTotal: Math.max(0, (run.session.base?.itemCount ?? 0) + run.counts.itemsNew - run.counts.itemsDeleted),
    itemsSkipped: run.skipped.size,
    bytesStored: run.storedBefore + run.session.written.storedBytes,
    requests: run.counts.requests + run.pace.requests,
  };
}

/** Tells whoever watches how far the work is. */
export function reportDrive(run: DriveRun, phase: TaskProgress['phase']): void {
  run.context.onProgress({ phase, counts: driveCounts(run) });
}

/** Makes what was stored so far durable, with the position in the feed up to which everything is stored. */
export async function makeDriveCheckpoint(run: DriveRun): Promise<void> {
  const { method } = run.tracking;
  const state = { method, cursorScope: run.scope, state: 'read' } as const;
  const containers: ContainerState[] = run.transferred.states.map((folder) => ({
    ...state,
    ...folder,
    asOf: run.startedAt,
  }));
  if (run.position !== null) containers.push({ ...state, containerId: DRIVE_FEED, ...run.position });
  const issues = run.issuesBefore + run.issues.length;
  await run.session.checkpoint({ containers, counts: { ...driveCounts(run), bytesTotal: run.bytesTotal, issues } });
}

/** {@link makeDriveCheckpoint} when the repository's size or age rule asks for it, and the work is not to stop at once. */
export async function driveCheckpointIfDue(run: DriveRun): Promise<void> {
  run.pace.stopIfAborted();
  if (run.session.checkpointIsDue()) await makeDriveCheckpoint(run);
}

/** Adds something to the report; `itemId` is that of a file or folder, or the drive's root. */
export function noteIssue(run: DriveRun, item: IssuePlace, result: ItemIssue['result'], failure: Failure): void {
  run.issues.push(issueOf(run, item, result, failureRecord(failure)));
}

/** Which item an issue is about, and where it lies. */
export interface IssuePlace {
  id: string;
  /** `''` for the drive itself. */
  folderId: string;
  name?: string;
}

/** An issue of one item; the file's name is said, since an id tells people nothing. */
export function issueOf(
  run: DriveRun,
  { id, folderId, name }: IssuePlace,
  result: ItemIssue['result'],
  failure: ItemIssue['failure'],
): ItemIssue {
  const where = { ...failure.where, containerId: folderId, ...(name !== undefined && { name }) };
  return { itemId: id, folderPath: run.folders.path(folderId).join('/'), result, failure: { ...failure, where } };
}

/** A drive has one way to find changes, its feed; a job that compares mailboxes by itself follows it all the same. */
function followingTheFeed(work: BackupWork): Pick<BackupWork, 'changeTracking' | 'forceFull'> {
  const { mode, onError } = work.changeTracking;
  const followed = mode === 'proprietary' ? 'microsoft' : mode;
  return { changeTracking: { mode: followed, onError }, forceFull: work.forceFull };
}

/** A cursor of another drive, or made when less was wanted, would not tell what is missing now. */
function cursorScope(driveId: string, { include }: BackupWork): string {
  const scope = { version: 1, driveId, versions: include.fileVersions, permissions: include.filePermissions };
  return createHash('sha256').update(JSON.stringify(scope)).digest('hex').slice(0, 32);
}
