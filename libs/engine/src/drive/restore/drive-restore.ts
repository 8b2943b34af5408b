import { noCounts, type RestoreWork } from '@backhaul/domain';
import type { PointReader } from '@backhaul/repository';
import type { RestoreRun } from '../../restore/restore-run.ts';
import { WorkPace } from '../../work-pace.ts';
import type { WorkContext } from '../../work.ts';
import type { Drive } from '../drive-source.ts';
import type { DriveTarget } from '../drive-target.ts';

/** Files that are written at once; so many fragments of an upload are in memory. */
const FILES_AT_ONCE = 4;

/** What the parts of one drive's restore share while it runs. */
export interface DriveRestore extends RestoreRun {
  target: DriveTarget;
}

/** A {@link DriveRestore} once the target has answered. */
export interface OpenDriveRestore extends DriveRestore {
  drive: Drive;
}

/** Begins (or takes up again) a restore: what is there already is known by its name, content and dates. */
export function startDriveRestore(
  target: DriveTarget,
  point: PointReader,
  work: RestoreWork,
  context: WorkContext,
): DriveRestore {
  const pace = new WorkPace(context, target.concurrency);
  return {
    target,
    point,
    work,
    context,
    pace,
    ask: (request) => pace.ask(request),
    itemsAtOnce: FILES_AT_ONCE,
    isPlanned: false,
    counts: noCounts(),
    issues: [],
    failuresInARow: 0,
  };
}
