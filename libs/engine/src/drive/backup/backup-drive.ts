import { isFailure, noCounts, type BackupWork } from '@backhaul/domain';
import type { ContainerState, ObjectSession, ObjectTask, PointDraft, RepositoryWriter } from '@backhaul/repository';
import { alreadyCommitted, pointSummary, staleFailure } from '../../backup/commit-point.ts';
import { mayKeepProgress, YieldRequest, yielded } from '../../work-pace.ts';
import type { WorkContext, WorkOutcome } from '../../work.ts';
import type { DriveSource } from '../drive-source.ts';
import {
  DRIVE_FEED,
  driveCounts,
  makeDriveCheckpoint,
  reportDrive,
  startDriveRun,
  type DriveRun,
} from './drive-run.ts';
import { readDrive } from './read-drive.ts';

export interface BackupDriveInput {
  /** The drive to read. */
  source: DriveSource;
  /** Where the point goes. */
  writer: RepositoryWriter;
  /** Chain, object, task and fence under which it is committed. */
  task: ObjectTask;
  work: BackupWork;
  context: WorkContext;
}

/**
 * Backs up one OneDrive: a point with every folder and file, built on the chain's last one. Content streams from Microsoft
 * into the repository, so memory does not grow with the size of files.
 *
 * Order of things: content durable → point committed → cursor used; the cursor is part of the point. A crash or stop between
 * any two steps repeats work and loses none: the next attempt resumes from the last checkpoint, with the files that it
 * holds, or finds the point of this task already there.
 *
 * @returns `done` (`warning` when something was skipped, re-baselined or degraded), or `yielded` with a checkpoint when
 * Microsoft asks to wait longer than the slot may be held, or the context asks to stop early.
 * @throws Failure `cancelled` (after a checkpoint), `lease-lost` or `stale` (at once, nothing committed), and what concerns
 * the whole drive: none there, locked, no rights, connection lost (after a checkpoint), or the repository's own failures.
 */
export async function backupDrive(input: BackupDriveInput): Promise<WorkOutcome> {
  const session = await input.writer.beginObject(input.task);
  if ('committed' in session) return alreadyCommitted(session.committed, noCounts());
  const run = await begin(input, session);
  if ('type' in run) return run;
  reportDrive(run, 'starting');
  try {
    await readDrive(run);
    return await commitDrive(run);
  } catch (error) {
    return await stopEarly(run, run.pace.stop(error));
  }
}

/** Until the drive has answered there is no progress to keep. */
async function begin(
  { source, work, context }: BackupDriveInput,
  session: ObjectSession,
): Promise<DriveRun | WorkOutcome> {
  try {
    return await startDriveRun(source, session, work, context);
  } catch (error) {
    await session.abandon();
    const stoppedBy = isFailure(error, 'throttled')
      ? new YieldRequest(error.message, error.retryAfterMs ?? DEFAULT_THROTTLE_MS)
      : error;
    if (!(stoppedBy instanceof YieldRequest)) throw stoppedBy;
    return yielded(stoppedBy, { counts: noCounts(), issues: [] });
  }
}

const DEFAULT_THROTTLE_MS = 30_000;

/**
 * Commits the point, with its cursor in it, and says how the work ended.
 * @throws Failure `lease-lost` when the lease is near its end, `stale` when a newer holder has committed.
 */
async function commitDrive(run: DriveRun): Promise<WorkOutcome> {
  reportDrive(run, 'committing');
  run.pace.stopIfAsked();
  const skipped = [...run.skipped.values()];
  const draft: PointDraft = {
    status: 'complete',
    kinds: ['files'],
    containers: [feedState(run)],
    skipped,
    startedAt: run.startedAt,
    bytesTotal: run.bytesTotal,
  };
  const outcome = await run.session.commit(draft, () => {
    run.pace.stopIfAborted();
    run.context.checkLease();
  });
  if (outcome.type === 'stale') throw staleFailure(outcome.occupant);
  const issues = [...run.issues, ...skipped];
  return {
    type: 'done',
    outcome: issues.length + run.issuesBefore > 0 ? 'warning' : 'succeeded',
    counts: { ...driveCounts(run), itemsTotal: outcome.point.itemCount },
    issues,
    point: pointSummary(outcome.point),
  };
}

function feedState(run: DriveRun): ContainerState {
  const { position, tracking, scope } = run;
  if (position === null) throw new Error('The drive has not been read.');
  return {
    containerId: DRIVE_FEED,
    method: tracking.method,
    cursor: tracking.keepsCursor ? position.cursor : null,
    cursorScope: scope,
    state: 'read',
    asOf: position.asOf,
  };
}

/** Keeps the progress where that may be kept, and leaves. */
async function stopEarly(run: DriveRun, stoppedBy: Error): Promise<WorkOutcome> {
  if (mayKeepProgress(stoppedBy)) await makeDriveCheckpoint(run);
  await run.session.abandon();
  if (!(stoppedBy instanceof YieldRequest)) throw stoppedBy;
  return yielded(stoppedBy, { counts: driveCounts(run), issues: [...run.issues, ...run.skipped.values()] });
}
