import { failureRecord, isFailure, type Failure } from '@backhaul/domain';
import type { ItemEntry, PartContent } from '@backhaul/repository';
import type { MessageProperties } from '../mail-source.ts';
import { isUnread, messageEntry, messageParts, unreadPart, type FetchedContent } from '../stored-message.ts';
import { checkpointIfDue, reportProgress, type BackupRun } from './backup-run.ts';
import type { Tracking } from './choose-tracking.ts';
import type { ContainerProgress } from './container-progress.ts';
import { noteSkipped, skippedKey } from './skipped-items.ts';

/**
 * Brings one listed message into the point: leaves it alone when its change key is the one that is stored, takes over what
 * is stored of it elsewhere when it was moved unchanged, else transfers it. Microsoft gives a new change key for every
 * change, that of a flag included, and says not what changed; so a changed message is always transferred whole, and
 * deduplication keeps that cheap in the repository.
 */
export async function readMessage(
  run: BackupRun,
  container: ContainerProgress,
  properties: MessageProperties,
  transfer: Tracking['transfer'],
): Promise<void> {
  const known = await knownItem(run, container.id, properties.id);
  run.removals.withdraw(container.id, properties.id);
  if (transfer === 'differences') {
    if (isCurrent(known, properties)) return;
    const moved = known === null ? await movedUnchanged(run, properties) : null;
    if (moved !== null) return takeOver(run, container, moved);
  }
  await transferMessage(run, container, properties, known);
}

/** Fetches a message and stores it, or notes why it could not be read; `known` is what is stored of it in its folder. */
export async function transferMessage(
  run: BackupRun,
  container: ContainerProgress,
  properties: MessageProperties,
  known: ItemEntry | null,
): Promise<void> {
  await run.transfers(async () => {
    const fetched = await fetchContent(run, properties.id);
    // Listed, then gone: deleted meanwhile. If something of it is stored, its removal will be reported too.
    if (fetched === null) return;
    if (fetched instanceof Error) await storeUnread(run, container, properties, known, fetched);
    else await storeMessage(run, container, properties, known, fetched);
  });
  await checkpointIfDue(run);
  reportProgress(run, 'transferring');
}

/** The item that is stored under this key, or null. */
export async function knownItem(run: BackupRun, containerId: string, id: string): Promise<ItemEntry | null> {
  const entry = await run.session.get({ containerId, id });
  return entry?.type === 'item' ? entry : null;
}

function isCurrent(known: ItemEntry | null, properties: MessageProperties): boolean {
  return known !== null && known.changeKey === properties.changeKey && !isUnread(known);
}

/** The message as it lies in a folder that has reported it gone; null when it changed with the move. */
async function movedUnchanged(run: BackupRun, properties: MessageProperties): Promise<ItemEntry | null> {
  for (const containerId of run.removals.containersWithout(properties.id)) {
    const entry = await knownItem(run, containerId, properties.id);
    if (isCurrent(entry, properties)) return entry;
  }
  return null;
}

async function takeOver(run: BackupRun, container: ContainerProgress, moved: ItemEntry): Promise<void> {
  await run.storing.together(async () => {
    run.session.putEntry({ ...moved, containerId: container.id });
    run.bytesTotal += moved.size;
    run.counts.itemsNew += 1;
    run.arrivals.note(container.id, moved.id);
  });
}

/** Failures of a single message that leave the rest of the mailbox alone. */
const ABOUT_THE_MESSAGE = [
  'unreadable',
  'unavailable',
  'timed-out',
  'invalid-input',
  'conflict',
  'precondition',
] as const;

/** So many single items in a row that the service failed to deliver are no bad items: the service is down. */
const MAX_SERVICE_FAILURES_IN_A_ROW = 20;

/** MIME, else the parts; null when the message is gone; the failure when it cannot be read in any way. */
async function fetchContent(run: BackupRun, id: string): Promise<FetchedContent | Failure | null> {
  try {
    const mime = await run.pace.ask((signal) => run.source.mime(id, signal));
    run.failuresInARow = 0;
    return { type: 'mime', mime };
  } catch (error) {
    if (isFailure(error, 'not-found')) return null;
    if (isFailure(error, 'unreadable')) return fetchParts(run, id);
    if (isFailure(error, ...ABOUT_THE_MESSAGE) && !serviceIsDown(run, error)) return error;
    throw run.pace.stop(error);
  }
}

async function fetchParts(run: BackupRun, id: string): Promise<FetchedContent | Failure | null> {
  try {
    const parts = await run.pace.ask((signal) => run.source.parts(id, signal));
    run.failuresInARow = 0;
    return { type: 'parts', parts };
  } catch (error) {
    if (isFailure(error, 'not-found')) return null;
    if (isFailure(error, ...ABOUT_THE_MESSAGE) && !serviceIsDown(run, error)) return error;
    throw run.pace.stop(error);
  }
}

function serviceIsDown(run: BackupRun, failure: Failure): boolean {
  if (!isFailure(failure, 'unavailable', 'timed-out')) return false;
  run.failuresInARow += 1;
  return run.failuresInARow > MAX_SERVICE_FAILURES_IN_A_ROW;
}

async function storeMessage(
  run: BackupRun,
  container: ContainerProgress,
  properties: MessageProperties,
  known: ItemEntry | null,
  fetched: FetchedContent,
): Promise<void> {
  await run.storing.together(async () => {
    const parts = messageParts(properties, fetched);
    const stored = await run.session.putItem(messageEntry(properties, container.id), parts);
    run.bytesTotal += stored.size - (known?.size ?? 0);
    run.counts.bytesRead += fetchedBytes(fetched);
    if (known === null || !hasContent(known)) run.counts.itemsNew += 1;
    else if (known.changeKey !== properties.changeKey) run.counts.itemsChanged += 1;
    if (known === null) run.arrivals.note(container.id, properties.id);
    run.skipped.delete(skippedKey(container.id, properties.id));
  });
}

/** What was readable of it before stays; the part `unread` says what is missing, so that later runs try again. */
async function storeUnread(
  run: BackupRun,
  container: ContainerProgress,
  properties: MessageProperties,
  known: ItemEntry | null,
  failure: Failure,
): Promise<void> {
  await run.storing.together(async () => {
    const kept: PartContent[] = [];
    for (const part of known?.parts ?? []) {
      if (part.name === 'unread') continue;
      const content = await run.session.readPart(part);
      kept.push({ name: part.name, format: part.name === 'mime' ? 'mime' : 'bytes', content });
    }
    const entry = known ?? messageEntry(properties, container.id);
    const { parts: _parts, size: _size, ...listed } = { parts: [], size: 0, ...entry };
    const unread = unreadPart({ properties, failure: failureRecord(failure) });
    const stored = await run.session.putItem(listed, [...kept, unread]);
    run.bytesTotal += stored.size - (known?.size ?? 0);
    if (known === null) run.arrivals.note(container.id, properties.id);
    noteSkipped(run, container, properties.id, failureRecord(failure));
  });
}

function hasContent(entry: ItemEntry): boolean {
  return entry.parts.some((part) => part.name === 'properties');
}

function fetchedBytes(fetched: FetchedContent): number {
  if (fetched.type === 'mime') return fetched.mime.length;
  const { body, attachments } = fetched.parts;
  return Buffer.byteLength(body.content) + attachments.reduce((sum, { content }) => sum + content.length, 0);
}
