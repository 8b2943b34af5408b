import type { FailureRecord, ItemIssue } from '@backhaul/domain';
import { isUnread, readUnread } from '../stored-item.ts';
import type { BackupRun, KindReading } from './backup-run.ts';
import type { ContainerProgress } from './container-progress.ts';

/**
 * The ledger of items that could not be read, or not whole: every one is in the point with its reason, and later runs try it
 * again.
 */
export function skippedKey(containerId: string, itemId: string): string {
  return `${containerId}/${itemId}`;
}

/** Writes an item into the ledger; a newer reason replaces an older one. `degraded`: something of it is missing. */
export function noteSkipped(
  run: BackupRun,
  container: ContainerProgress,
  itemId: string,
  failure: FailureRecord,
  result: 'skipped' | 'degraded' = 'skipped',
): ItemIssue {
  const issue: ItemIssue = {
    itemId,
    folderPath: container.path.join('/'),
    result,
    failure: { ...failure, where: { ...failure.where, containerId: container.id } },
  };
  run.skipped.set(skippedKey(container.id, itemId), issue);
  return issue;
}

/** An item of which the newest version, or some of it, is missing; it is to be tried again. */
export interface UntriedItem {
  containerId: string;
  itemId: string;
  /** As it stands in the ledger; another one there means that it has been tried since. */
  issue: ItemIssue;
}

type Place = Pick<UntriedItem, 'containerId' | 'itemId'>;

/**
 * Fills the ledger with what of one kind earlier runs, or an earlier attempt of this one, could not read, and returns it.
 * The last point lists its items; what an interrupted attempt met is found in the tree itself.
 */
export async function loadSkipped(reading: KindReading): Promise<UntriedItem[]> {
  const { run, containers } = reading;
  const found: UntriedItem[] = [];
  const places = run.session.resumed === null ? listedInBase(run) : unreadInTree(reading);
  for await (const { containerId, itemId } of places) {
    const container = containers.get(containerId);
    const entry = await run.session.get({ containerId, id: itemId });
    if (entry?.type !== 'item' || container === undefined) continue;
    const unread = await readUnread(entry, run.session);
    if (unread === null) continue;
    const result = unread.isPartial === true ? 'degraded' : 'skipped';
    const issue = noteSkipped(run, container, itemId, unread.failure, result);
    found.push({ containerId, itemId, issue });
  }
  return found;
}

async function* listedInBase(run: BackupRun): AsyncGenerator<Place> {
  for (const issue of run.session.base?.skipped ?? []) {
    const containerId = issue.failure.where?.['containerId'];
    if (containerId !== undefined) yield { containerId, itemId: issue.itemId };
  }
}

async function* unreadInTree({ run, containers }: KindReading): AsyncGenerator<Place> {
  for (const containerId of containers.keys()) {
    for await (const entry of run.session.items(containerId)) {
      if (isUnread(entry)) yield { containerId, itemId: entry.id };
    }
  }
}
