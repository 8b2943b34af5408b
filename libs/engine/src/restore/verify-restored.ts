import { isFailure } from '@backhaul/domain';
import { forEachLimited } from '../limiter.ts';
import type { RestoredItem } from './restore-item.ts';
import { endWithIssue, reason, type RestoreRun } from './restore-run.ts';

/** This many items are read back after a restore; of more, evenly spread ones. */
export const DEFAULT_VERIFY_UP_TO = 1_000;

/** Every how manieth item of `total` is read back, so that at most `upTo` are; 0: none. */
export function verifyStride(total: number, upTo: number): number {
  return upTo <= 0 ? 0 : Math.max(1, Math.ceil(total / upTo));
}

/** Reads restored items back and compares them in the canonical form; what differs ends as degraded. */
export async function verifyRestored(run: RestoreRun, restored: readonly RestoredItem[]): Promise<void> {
  await forEachLimited(restored, run.itemsAtOnce, async (one) => {
    const differing = await readBack(run, one).catch((error: unknown) => {
      if (isFailure(error, 'not-found', 'unreadable', 'unavailable', 'timed-out')) return ['readable'];
      throw run.pace.stop(error);
    });
    if (differing.length === 0) return;
    const members = differing.join(', ');
    const message = `Read back after the restore, it differs from the recovery point in: ${members}.`;
    if (!one.isDegraded) run.counts.itemsRestored -= 1;
    else run.counts.itemsDegraded -= 1;
    endWithIssue(run, one.item, 'degraded', reason('precondition', 'restore.differs', message, { members }));
  });
}

async function readBack(run: RestoreRun, { item, id }: RestoredItem): Promise<string[]> {
  const entry = await run.point.get({ containerId: item.containerId, id: item.itemId });
  const restorable = entry?.type === 'item' ? await item.kind.open(entry, run.point, run.ask) : null;
  return restorable === null ? [] : restorable.differences(item.folder.target, id);
}
