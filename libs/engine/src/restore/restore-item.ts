import type { CollisionRule } from '@backhaul/domain';
import type { ItemEntry, PointReader } from '@backhaul/repository';
import { readUnread } from '../stored-item.ts';
import { decideCollision, type Twin } from './collision.ts';
import { discard, makeItem } from './make-item.ts';
import type { MadeItem } from './open-folder.ts';
import { failingAlone } from './item-failures.ts';
import { notInPoint } from './plan-restore.ts';
import type { FoundVersion, Loss, RestorableItem } from './restore-kind.ts';
import { endWithIssue, reason, type PlannedItem, type RestoreRun } from './restore-run.ts';

/** An item that is in the target because of this restore. */
export interface RestoredItem {
  item: PlannedItem;
  /** Its id in the target. */
  id: string;
  isDegraded: boolean;
}

/**
 * Restores one item; it ends as restored, skipped, degraded or failed, each with its reason.
 * @returns what is in the target now because of this restore, or null.
 * @throws what concerns the whole restore: rights, quota, throttling, a stop.
 */
export async function restoreItem(run: RestoreRun, item: PlannedItem): Promise<RestoredItem | null> {
  return failingAlone(run, item, () => tryToRestore(run, item));
}

async function tryToRestore(run: RestoreRun, item: PlannedItem): Promise<RestoredItem | null> {
  const { kind, containerId, itemId } = item;
  const entry = await run.point.get({ containerId, id: itemId });
  if (entry?.type !== 'item') {
    endWithIssue(run, item, 'failed', notInPoint(itemId, item.folderPath).failure);
    return null;
  }
  const restorable = await kind.open(entry, run.point, run.ask);
  if (restorable === null) {
    const message = `Microsoft could not deliver this ${kind.noun} when the backup was made.`;
    endWithIssue(run, item, 'failed', reason('unreadable', 'restore.never-read', message));
    return null;
  }
  run.counts.bytesRead += entry.size;
  const losses = [...(await lossOfVersion(entry, run.point)), ...restorable.losses];
  return item.folder.inOrder(restorable.likeness, async () => {
    const earlier = await madeEarlier(run, item);
    if (earlier !== null) {
      // What made it may have been stopped before it had removed the other versions.
      const others = run.work.collision === 'replace' ? await otherVersions(run, item, restorable) : [];
      const kept = await removeVersions(run, item, others);
      return restored(run, item, earlier.id, [...losses, ...(earlier.isReduced ? [kind.refusedEarlier] : []), ...kept]);
    }
    const replaced = await skippedOrReplaced(run, item, restorable);
    if (replaced === 'skipped') return null;
    const { id, lost } = await makeItem(run, item, restorable);
    const kept = await removeVersions(run, item, replaced);
    return restored(run, item, id, [...losses, ...lost, ...kept]);
  });
}

/** The item that an earlier attempt of this restore has finished; what it left half made is removed. */
async function madeEarlier(run: RestoreRun, item: PlannedItem): Promise<MadeItem | null> {
  const made = item.folder.marked.get(item.itemId) ?? [];
  const finished = made.find(({ complete }) => complete) ?? null;
  for (const { id } of made) if (id !== finished?.id) await discard(run, item, id);
  return finished;
}

/** Applies the collision rule: `skipped`, or the versions to remove once the restored one is there. */
async function skippedOrReplaced(
  run: RestoreRun,
  item: PlannedItem,
  restorable: RestorableItem,
): Promise<'skipped' | FoundVersion[]> {
  const { collision } = run.work;
  if (collision === 'keep-both') return [];
  const found = await freeVersions(run, item, restorable);
  const twins = await asTwins(found, collision);
  // Another item may have taken one meanwhile: by its id it can be found for items that are not alike.
  const decision = decideCollision(
    collision,
    twins.filter(({ id }) => !item.folder.taken.has(id)),
  );
  if (decision.type === 'create') {
    for (const id of decision.thenRemove) item.folder.taken.add(id);
    return found.filter(({ id }) => decision.thenRemove.includes(id));
  }
  item.folder.taken.add(decision.because);
  const { noun } = item.kind;
  const message =
    collision === 'only-missing' ? `A version of this ${noun} is there already.` : `The same ${noun} is there already.`;
  endWithIssue(run, item, 'skipped', reason('conflict', 'restore.already-there', message));
  return 'skipped';
}

async function asTwins(found: readonly FoundVersion[], collision: CollisionRule): Promise<Twin[]> {
  const twins: Twin[] = [];
  // With `only-missing` only whether there is one matters, not what it looks like.
  for (const version of found)
    twins.push({ id: version.id, isSame: collision !== 'only-missing' && (await version.isSame()) });
  return twins;
}

async function otherVersions(run: RestoreRun, item: PlannedItem, restorable: RestorableItem): Promise<FoundVersion[]> {
  const found = await freeVersions(run, item, restorable);
  const twins = await asTwins(found, run.work.collision);
  return found.filter(({ id }, index) => twins[index]?.isSame === false && !item.folder.taken.has(id));
}

/** Versions that stand for no other item: neither taken by one, nor the very item that the point holds as another one. */
async function freeVersions(
  run: RestoreRun,
  { folder, containerId, itemId }: PlannedItem,
  restorable: RestorableItem,
): Promise<FoundVersion[]> {
  const found = await restorable.findVersions(folder.target);
  const free: FoundVersion[] = [];
  for (const version of found) {
    const isAnothers =
      folder.target.id === containerId &&
      version.id !== itemId &&
      (await run.point.get({ containerId, id: version.id })) !== null;
    if (!isAnothers && !folder.taken.has(version.id)) free.push(version);
  }
  return free;
}

/** Removes what was replaced, silently. @returns what is not as the rule wants it, because it had to stay */
async function removeVersions(
  run: RestoreRun,
  { kind, folder }: PlannedItem,
  versions: readonly FoundVersion[],
): Promise<Loss[]> {
  const kept: Loss[] = [];
  for (const version of versions) {
    folder.taken.add(version.id);
    const why = (await version.whyKept?.()) ?? null;
    if (why === null) await run.ask((signal) => kind.target.remove(version.id, signal));
    else kept.push(why);
  }
  return kept;
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

async function lossOfVersion(entry: ItemEntry, point: PointReader): Promise<Loss[]> {
  const unread = await readUnread(entry, point);
  if (unread === null) return [];
  if (unread.isPartial === true) {
    const message = 'Not all of it could be read when the backup was made.';
    return [{ code: 'restore.incomplete-version', message }];
  }
  const message = 'The newest version could not be read when the backup was made; an older one was restored.';
  return [{ code: 'restore.older-version', message }];
}
