import { failureRecord, isFailure, type Failure } from '@backhaul/domain';
import type { ItemEntry, PartToStore } from '@backhaul/repository';
import type { ItemProperties } from '../item-source.ts';
import { hasContent, isUnread, ITEM_PARTS, unreadPart } from '../stored-item.ts';
import { checkpointIfDue, reportProgress, type BackupRun, type KindReading } from './backup-run.ts';
import type { Tracking } from './choose-tracking.ts';
import type { ContainerProgress } from './container-progress.ts';
import type { FetchedItem } from './kinds/kind-of-item.ts';
import { noteSkipped, skippedKey } from './skipped-items.ts';

/**
 * Brings one listed item into the point: leaves it alone when its change key is the one that is stored, takes over what is
 * stored of it elsewhere when it was moved unchanged, else transfers it. Microsoft gives a new change key for every change,
 * that of a flag included, and says not what changed; so a changed item is always transferred whole, and deduplication keeps
 * that cheap in the repository.
 */
export async function readItem(
  reading: KindReading,
  container: ContainerProgress,
  properties: ItemProperties,
  transfer: Tracking['transfer'],
): Promise<void> {
  const { run, removals } = reading;
  const known = await knownItem(run, container.id, properties.id);
  removals.withdraw(container.id, properties.id);
  if (transfer === 'differences') {
    if (isCurrent(known, properties)) return;
    const moved = known === null ? await movedUnchanged(reading, properties) : null;
    if (moved !== null) return takeOver(reading, container, moved);
  }
  await transferItem(reading, container, properties, known);
}

/** Fetches an item and stores it, or notes why it could not be read; `known` is what is stored of it in its folder. */
export async function transferItem(
  reading: KindReading,
  container: ContainerProgress,
  properties: ItemProperties,
  known: ItemEntry | null,
): Promise<void> {
  const { run } = reading;
  const transfer = async (tellSize: (bytes: number) => void) => {
    const fetched = await fetchItem(reading, properties);
    // Listed, then gone: deleted meanwhile. If something of it is stored, its removal will be reported too.
    if (fetched === null) return;
    if (fetched instanceof Error) return storeUnread(reading, container, properties, known, fetched);
    tellSize(bytesOf(fetched));
    await storeItem(reading, container, known, fetched);
  };
  const { contentBudget } = run.context;
  await run.transfers(() => contentBudget?.hold(transfer) ?? transfer(() => undefined));
  await checkpointIfDue(run);
  reportProgress(run, 'transferring');
}

/** The item that is stored under this key, or null. */
export async function knownItem(run: BackupRun, containerId: string, id: string): Promise<ItemEntry | null> {
  const entry = await run.session.get({ containerId, id });
  return entry?.type === 'item' ? entry : null;
}

function isCurrent(known: ItemEntry | null, properties: ItemProperties): boolean {
  return known !== null && known.changeKey === properties.changeKey && !isUnread(known);
}

/** The item as it lies in a folder that has reported it gone; null when it changed with the move. */
async function movedUnchanged({ run, removals }: KindReading, properties: ItemProperties): Promise<ItemEntry | null> {
  for (const containerId of removals.containersWithout(properties.id)) {
    const entry = await knownItem(run, containerId, properties.id);
    if (isCurrent(entry, properties)) return entry;
  }
  return null;
}

async function takeOver({ run, arrivals }: KindReading, container: ContainerProgress, moved: ItemEntry): Promise<void> {
  await run.storing.together(async () => {
    run.session.putEntry({ ...moved, containerId: container.id });
    run.bytesTotal += moved.size;
    run.counts.itemsNew += 1;
    arrivals.note(container.id, moved.id);
  });
}

/** Failures of a single item that leave the rest of the mailbox alone. */
const ABOUT_THE_ITEM = ['unreadable', 'unavailable', 'timed-out', 'invalid-input', 'conflict', 'precondition'] as const;

/** So many single items in a row that the service failed to deliver are no bad items: the service is down. */
const MAX_SERVICE_FAILURES_IN_A_ROW = 20;

/** Null when the item is gone; the failure when it cannot be read. */
async function fetchItem({ run, of }: KindReading, properties: ItemProperties): Promise<FetchedItem | Failure | null> {
  try {
    const fetched = await of.fetch(properties, (request) => run.pace.ask(request));
    run.failuresInARow = 0;
    return fetched;
  } catch (error) {
    if (isFailure(error, 'not-found')) return null;
    if (isFailure(error, ...ABOUT_THE_ITEM) && !serviceIsDown(run, error)) return error;
    throw run.pace.stop(error);
  }
}

function serviceIsDown(run: BackupRun, failure: Failure): boolean {
  if (!isFailure(failure, 'unavailable', 'timed-out')) return false;
  run.failuresInARow += 1;
  return run.failuresInARow > MAX_SERVICE_FAILURES_IN_A_ROW;
}

/** Of an item that could not be read whole, the part `unread` says what is missing, so that later runs try again. */
async function storeItem(
  { run, of, arrivals }: KindReading,
  container: ContainerProgress,
  known: ItemEntry | null,
  { properties, parts, lacks }: FetchedItem,
): Promise<void> {
  const { id } = properties;
  const missing = lacks === null ? [] : [unreadPart({ properties, failure: lacks, isPartial: true })];
  await run.storing.together(async () => {
    const stored = await run.session.putItem(of.listing(properties, container.id), [...parts, ...missing]);
    run.bytesTotal += stored.size - (known?.size ?? 0);
    run.counts.bytesRead += bytesOf({ parts });
    if (known === null || !hasContent(known)) run.counts.itemsNew += 1;
    else if (hasChanged(known, stored, of.mayHideChanges(properties))) run.counts.itemsChanged += 1;
    if (known === null) arrivals.note(container.id, id);
    if (lacks === null) run.skipped.delete(skippedKey(container.id, id));
    else noteSkipped(run, container, id, lacks, 'degraded');
  });
}

function bytesOf({ parts }: Pick<FetchedItem, 'parts'>): number {
  return parts.reduce((sum, { content }) => sum + lengthOf(content), 0);
}

function hasChanged(known: ItemEntry, stored: ItemEntry, mayHideChanges: boolean): boolean {
  return known.changeKey !== stored.changeKey || (mayHideChanges && contentOf(known) !== contentOf(stored));
}

function contentOf({ parts }: ItemEntry): string {
  return JSON.stringify(parts.map(({ name, sha256 }) => [name, sha256]).sort());
}

/** What was readable of it before stays; the part `unread` says what is missing, so that later runs try again. */
async function storeUnread(
  { run, of, arrivals }: KindReading,
  container: ContainerProgress,
  properties: ItemProperties,
  known: ItemEntry | null,
  failure: Failure,
): Promise<void> {
  const unread = unreadPart({ properties, failure: failureRecord(failure) });
  const kept = (known?.parts ?? []).filter(({ name }) => name !== ITEM_PARTS.unread);
  const parts: PartToStore[] = [...kept.map((part) => ({ kept: part })), unread];
  await run.storing.together(async () => {
    const stored = await run.session.putItem(known ?? of.listing(properties, container.id), parts);
    run.bytesTotal += stored.size - (known?.size ?? 0);
    if (known === null) arrivals.note(container.id, properties.id);
    noteSkipped(run, container, properties.id, failureRecord(failure));
  });
}

function lengthOf(content: Uint8Array | AsyncIterable<Uint8Array>): number {
  return content instanceof Uint8Array ? content.length : 0;
}
