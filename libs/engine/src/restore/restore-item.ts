import { failureRecord, isFailure, type FailureKind } from '@backhaul/domain';
import type { ItemEntry } from '@backhaul/repository';
import type { MessageProperties } from '../mail-source.ts';
import type { TwinQuery } from '../mail-target.ts';
import { isUnread, readStoredMessage, type StoredMessage } from '../stored-message.ts';
import { decideCollision, type Twin } from './collision.ts';
import { differences, expectedForms, listedDifferences, type ExpectedForms } from './compare-copies.ts';
import { discard, makeMessage } from './make-message.ts';
import { notInPoint } from './plan-restore.ts';
import { restorableMessage, type Loss } from './restorable-message.ts';
import { endWithIssue, reason, type MadeMessage, type PlannedItem, type RestoreRun } from './restore-run.ts';

/** A message that is in the target because of this restore. */
export interface RestoredItem {
  item: PlannedItem;
  /** Its id in the target. */
  id: string;
  isDegraded: boolean;
}

/** Failures of a single item that leave the rest of the restore alone. */
const ABOUT_THE_ITEM: readonly FailureKind[] = [
  'unreadable',
  'invalid-input',
  'conflict',
  'precondition',
  'not-found',
  'corrupt',
  'unavailable',
  'timed-out',
];

/** So many items in a row that the service failed to take are no bad items: the service is down. */
const MAX_SERVICE_FAILURES_IN_A_ROW = 10;

/**
 * Restores one message; it ends as restored, skipped, degraded or failed, each with its reason.
 * @returns what is in the target now because of this restore, or null.
 * @throws what concerns the whole restore: rights, quota, throttling, a stop.
 */
export async function restoreItem(run: RestoreRun, item: PlannedItem): Promise<RestoredItem | null> {
  try {
    const restored = await tryToRestore(run, item);
    run.failuresInARow = 0;
    return restored;
  } catch (error) {
    if (!isFailure(error, ...ABOUT_THE_ITEM)) throw run.pace.stop(error);
    if (isFailure(error, 'unavailable', 'timed-out')) run.failuresInARow += 1;
    if (run.failuresInARow > MAX_SERVICE_FAILURES_IN_A_ROW) throw run.pace.stop(error);
    endWithIssue(run, item, 'failed', failureRecord(error));
    return null;
  }
}

async function tryToRestore(run: RestoreRun, item: PlannedItem): Promise<RestoredItem | null> {
  const { containerId, itemId } = item;
  const entry = await run.point.get({ containerId, id: itemId });
  if (entry?.type !== 'item') {
    endWithIssue(run, item, 'failed', notInPoint(itemId, item.folderPath).failure);
    return null;
  }
  const stored = await readStoredMessage(entry, run.point);
  if (stored === null) {
    const message = 'Microsoft could not deliver this message when the backup was made.';
    endWithIssue(run, item, 'failed', reason('unreadable', 'restore.never-read', message));
    return null;
  }
  run.counts.bytesRead += entry.size;
  const restorable = await restorableMessage(stored);
  const losses = [...lossOfVersion(entry), ...restorable.losses];
  return item.folder.inOrder(likeness(stored), async () => {
    const earlier = await madeEarlier(run, item);
    if (earlier !== null) {
      // What made it may have been stopped before it had removed the other versions.
      if (run.work.collision === 'replace') await removeVersions(run, item, await otherVersions(run, item, stored));
      return restored(run, item, earlier.id, [...losses, ...lossOfEarlier(earlier)]);
    }
    const replaced = await skippedOrReplaced(run, item, stored);
    if (replaced === 'skipped') return null;
    const { id, refused } = await makeMessage(run, item, restorable);
    await removeVersions(run, item, replaced);
    return restored(run, item, id, [...losses, ...refused]);
  });
}

async function otherVersions(run: RestoreRun, item: PlannedItem, stored: StoredMessage): Promise<string[]> {
  const twins = await findTwins(run, item, stored);
  return twins.filter(({ isSame }) => !isSame).map(({ id }) => id);
}

async function removeVersions(run: RestoreRun, { folder }: PlannedItem, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    folder.taken.add(id);
    await run.pace.ask((signal) => run.target.remove(id, signal));
  }
}

/** The message that an earlier attempt of this restore has finished; what it left half made is removed. */
async function madeEarlier(run: RestoreRun, { folder, itemId }: PlannedItem): Promise<MadeMessage | null> {
  const made = folder.marked.get(itemId) ?? [];
  const finished = made.find(({ complete }) => complete) ?? null;
  for (const { id } of made) if (id !== finished?.id) await discard(run, folder, itemId, id);
  return finished;
}

/** Applies the collision rule: `skipped`, or the messages to remove once the restored one is there. */
async function skippedOrReplaced(
  run: RestoreRun,
  item: PlannedItem,
  stored: StoredMessage,
): Promise<'skipped' | string[]> {
  const { collision } = run.work;
  if (collision === 'keep-both') return [];
  const decision = decideCollision(collision, await findTwins(run, item, stored));
  if (decision.type === 'create') {
    for (const id of decision.thenRemove) item.folder.taken.add(id);
    return decision.thenRemove;
  }
  item.folder.taken.add(decision.because);
  const message =
    collision === 'only-missing' ? 'A version of this message is there already.' : 'The same message is there already.';
  endWithIssue(run, item, 'skipped', reason('conflict', 'restore.already-there', message));
  return 'skipped';
}

async function findTwins(run: RestoreRun, { folder }: PlannedItem, stored: StoredMessage): Promise<Twin[]> {
  const candidates = await run.pace.ask((signal) => run.target.findTwins(folder.target.id, twinQuery(stored), signal));
  const free = candidates.filter(({ id }) => !folder.taken.has(id));
  // Only whether there is one matters, not what it looks like.
  if (run.work.collision === 'only-missing') return free.map(({ id }) => ({ id, isSame: false }));
  if (free.length === 0) return [];
  const expected = await expectedForms(stored, folder.target.path);
  const twins: Twin[] = [];
  for (const candidate of free) twins.push({ id: candidate.id, isSame: await isSame(run, expected, candidate) });
  return twins;
}

async function isSame(
  run: RestoreRun,
  { whole, restored: damaged }: ExpectedForms,
  candidate: MessageProperties,
): Promise<boolean> {
  const listed = [await listedDifferences(whole, candidate), await listedDifferences(damaged, candidate)];
  if (listed.every((members) => members.length > 0)) return false;
  const mime = await mimeOf(run, candidate.id);
  if (mime === null) return false;
  for (const form of [whole, damaged]) if ((await differences(form, candidate, mime)).length === 0) return true;
  return false;
}

/** Null when it is gone meanwhile or Microsoft cannot deliver it: then nothing says that it is the same. */
async function mimeOf(run: RestoreRun, id: string): Promise<Uint8Array | null> {
  try {
    return await run.pace.ask((signal) => run.target.mime(id, signal));
  } catch (error) {
    if (isFailure(error, 'not-found', 'unreadable')) return null;
    throw error;
  }
}

/** Equal for messages that one search finds together. */
function likeness(stored: StoredMessage): string {
  const query = twinQuery(stored);
  return query.internetMessageId === '' ? JSON.stringify(query) : query.internetMessageId;
}

/** How a message is looked for among those of a folder. */
export function twinQuery({ properties }: StoredMessage): TwinQuery {
  return {
    internetMessageId: properties.internetMessageId ?? '',
    subject: properties.subject ?? '',
    sentDateTime: properties.sentDateTime ?? null,
  };
}

function restored(run: RestoreRun, item: PlannedItem, id: string, losses: readonly Loss[]): RestoredItem {
  const [first] = losses;
  if (first === undefined) run.counts.itemsRestored += 1;
  else {
    const message = losses.map((loss) => loss.message).join(' ');
    endWithIssue(run, item, 'degraded', reason('unreadable', first.code, message));
  }
  return { item, id, isDegraded: first !== undefined };
}

function lossOfEarlier({ lacksAttachments }: MadeMessage): Loss[] {
  if (!lacksAttachments) return [];
  return [{ code: 'restore.attachment-refused', message: 'An earlier attempt was refused an attachment of it.' }];
}

function lossOfVersion(entry: ItemEntry): Loss[] {
  if (!isUnread(entry)) return [];
  const message = 'The newest version could not be read when the backup was made; an older one was restored.';
  return [{ code: 'restore.older-version', message }];
}
