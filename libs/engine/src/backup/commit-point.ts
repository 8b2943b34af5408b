import { Failure, type PointSummary } from '@backhaul/domain';
import type { PointDraft, PointRecord } from '@backhaul/repository';
import type { WorkOutcome } from '../work.ts';
import { countsNow, reportProgress, type BackupRun, type KindReading } from './backup-run.ts';
import { pointState } from './container-progress.ts';

/**
 * Commits the point, with its cursors in it, and says how the work ended: `warning` whenever something was skipped,
 * carried over or re-baselined. A point of this very task that is already there is the work's result.
 * @throws Failure `lease-lost` when the lease is near its end, `stale` when a newer holder has committed.
 */
export async function commitPoint(run: BackupRun): Promise<WorkOutcome> {
  reportProgress(run, 'committing');
  run.pace.stopIfAsked();
  const outcome = await run.session.commit(pointDraft(run), () => {
    run.pace.stopIfAborted();
    run.context.checkLease();
  });
  if (outcome.type === 'stale') throw staleFailure(outcome.occupant);
  const issues = [...run.issues, ...run.skipped.values()];
  const { point } = outcome;
  return {
    type: 'done',
    outcome: issues.length + run.issuesBefore > 0 || point.status === 'incomplete' ? 'warning' : 'succeeded',
    counts: { ...countsNow(run), itemsTotal: point.itemCount },
    issues,
    point: pointSummary(point),
  };
}

/** The result of a task whose point was already there when it was taken up again: what the point itself can tell. */
export function alreadyCommitted(point: PointRecord, counts: WorkOutcome['counts']): WorkOutcome {
  return {
    type: 'done',
    outcome: point.skipped.length > 0 || point.status === 'incomplete' ? 'warning' : 'succeeded',
    counts: {
      ...counts,
      itemsTotal: point.itemCount,
      itemsSkipped: point.skipped.length,
      bytesStored: point.bytesNew,
    },
    issues: point.skipped,
    point: pointSummary(point),
  };
}

/** What the Director remembers of a point. */
export function pointSummary(point: PointRecord): PointSummary {
  const { jobId, objectId, sequence, fence, status, kinds, itemCount, bytesTotal, bytesNew } = point;
  return {
    jobId,
    objectId,
    sequence,
    fence,
    status,
    kinds,
    createdAt: point.committedAt,
    itemCount,
    bytesTotal,
    bytesNew,
  };
}

function pointDraft(run: BackupRun): PointDraft {
  const containers = run.readings.flatMap((reading) =>
    [...reading.containers.values()].map((container) => pointState(container, reading.scope, new Date(run.startedAt))),
  );
  const isWhole = run.readings.every(({ failure }) => failure === null);
  const listed = { containerId: '', method: 'full', cursor: null, cursorScope: '', state: 'read' } as const;
  return {
    status: isWhole && containers.every(({ state }) => state === 'read') ? 'complete' : 'incomplete',
    kinds: run.readings.filter(isCovered).map(({ of }) => of.kind),
    containers: [{ ...listed, asOf: run.startedAt }, ...containers],
    skipped: [...run.skipped.values()],
    startedAt: run.startedAt,
    bytesTotal: run.bytesTotal,
  };
}

/** What was not read is not reported as protected; what is carried over from an earlier point can be restored. */
function isCovered({ failure, containers }: KindReading): boolean {
  return failure === null || containers.size > 0;
}

/** A newer holder has committed. */
export function staleFailure(occupant: PointRecord): Failure {
  return new Failure('stale', {
    code: 'point.stale',
    message: 'A newer attempt has committed a point; this one counts no more.',
    retry: 'never',
    where: { sequence: String(occupant.sequence), fence: String(occupant.fence) },
  });
}
