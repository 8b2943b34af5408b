import { noCounts, type TaskCounts } from '@backhaul/domain';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromUint64, toUint64 } from './field.ts';
import type { TaskCounts as WireTaskCounts, TaskCountsSchema } from './generated/backhaul/dispatch/v1/counts_pb.ts';

// The names are the same on both sides; the compiler objects in both functions when one side gains a count.
const NAMES = Object.keys(noCounts()) as (keyof TaskCounts)[];

/** Counts for the wire. */
export function countsToWire(counts: TaskCounts, path: string): MessageInitShape<typeof TaskCountsSchema> {
  const wire: Partial<Record<keyof TaskCounts, bigint>> = {};
  for (const name of NAMES) wire[name] = toUint64(counts[name], `${path}.${name}`);
  return wire;
}

/** Counts off the wire. @throws Failure `invalid-input`. */
export function countsFromWire(wire: WireTaskCounts, path: string): TaskCounts {
  const counts = noCounts();
  for (const name of NAMES) counts[name] = fromUint64(wire[name], `${path}.${name}`);
  return counts;
}
