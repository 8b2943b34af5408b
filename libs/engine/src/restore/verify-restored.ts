import { isFailure } from '@backhaul/domain';
import { forEachLimited } from '../limiter.ts';
import { readStoredMessage } from '../stored-message.ts';
import { differences, expectedForms } from './compare-copies.ts';
import { twinQuery, type RestoredItem } from './restore-item.ts';
import { endWithIssue, reason, type RestoreRun } from './restore-run.ts';

/** This many items are read back after a restore; of more, evenly spread ones. */
export const DEFAULT_VERIFY_UP_TO = 1_000;

/** Every how manieth item of `total` is read back, so that at most `upTo` are; 0: none. */
export function verifyStride(total: number, upTo: number): number {
  return upTo <= 0 ? 0 : Math.max(1, Math.ceil(total / upTo));
}

/** Reads restored messages back and compares them in the canonical form; what differs ends as degraded. */
export async function verifyRestored(run: RestoreRun, restored: readonly RestoredItem[]): Promise<void> {
  await forEachLimited(restored, run.target.concurrency + 2, async (one) => {
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

/** Members in which the restored message differs; `isDraft` and `readable` stand beside those of the canonical form. */
async function readBack(run: RestoreRun, { item, id }: RestoredItem): Promise<string[]> {
  const entry = await run.point.get({ containerId: item.containerId, id: item.itemId });
  const stored = entry?.type === 'item' ? await readStoredMessage(entry, run.point) : null;
  if (stored === null) return [];
  const { target } = item.folder;
  const found = await run.pace.ask((signal) => run.target.findTwins(target.id, twinQuery(stored), signal));
  const properties = found.find((candidate) => candidate.id === id);
  if (properties === undefined) return ['readable'];
  const mime = await run.pace.ask((signal) => run.target.mime(id, signal));
  const { restored } = await expectedForms(stored, target.path);
  const draft = (properties.isDraft ?? false) === (stored.properties.isDraft ?? false) ? [] : ['isDraft'];
  return [...draft, ...(await differences(restored, properties, mime))];
}
