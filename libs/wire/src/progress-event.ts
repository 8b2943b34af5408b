import type { TaskProgress } from '@backhaul/domain';
import { countsFromWire, countsToWire } from './counts.ts';
import { fenceFromWire, fromUint64, id, present, toUint64, utcTime } from './field.ts';
import {
  ProgressPhase as WireProgressPhase,
  TaskProgressSchema,
} from './generated/backhaul/dispatch/v1/progress_pb.ts';
import { fromBytes, toBytes, type MessageKind } from './message-bytes.ts';
import { wordTable } from './word-table.ts';

const KIND: MessageKind<typeof TaskProgressSchema> = { schema: TaskProgressSchema, maxBytes: 4 * 1024 };

const phases = wordTable<TaskProgress['phase'], WireProgressPhase>({
  starting: WireProgressPhase.STARTING,
  listing: WireProgressPhase.LISTING,
  transferring: WireProgressPhase.TRANSFERRING,
  committing: WireProgressPhase.COMMITTING,
  waiting: WireProgressPhase.WAITING,
});

/** @throws Failure `invalid-input`, `wire.out-of-range`. */
export function encodeProgressEvent(progress: TaskProgress): Uint8Array {
  return toBytes(KIND, {
    taskId: progress.taskId,
    fence: toUint64(progress.fence, 'TaskProgress.fence'),
    phase: phases.toWire(progress.phase, 'TaskProgress.phase'),
    counts: countsToWire(progress.counts, 'TaskProgress.counts'),
    ...(progress.itemsExpected !== undefined && {
      itemsExpected: toUint64(progress.itemsExpected, 'TaskProgress.items_expected'),
    }),
    at: progress.at,
  });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeProgressEvent(bytes: Uint8Array): TaskProgress {
  const wire = fromBytes(KIND, bytes);
  return {
    taskId: id(wire.taskId, 'TaskProgress.task_id'),
    fence: fenceFromWire(wire.fence, 'TaskProgress.fence'),
    phase: phases.fromWire(wire.phase, 'TaskProgress.phase'),
    counts: countsFromWire(present(wire.counts, 'TaskProgress.counts'), 'TaskProgress.counts'),
    ...(wire.itemsExpected !== undefined && {
      itemsExpected: fromUint64(wire.itemsExpected, 'TaskProgress.items_expected'),
    }),
    at: utcTime(wire.at, 'TaskProgress.at'),
  };
}
