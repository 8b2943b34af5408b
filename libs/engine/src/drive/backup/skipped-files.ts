import { failureRecord, type Failure, type ItemIssue } from '@backhaul/domain';
import type { FileEntry } from '@backhaul/repository';
import { isUnread, partOf } from '../../stored-item.ts';
import { FILE_PARTS, fileListing, readUnreadFile, unreadFilePart } from '../../stored-file.ts';
import type { DriveItem } from '../drive-item.ts';
import { issueOf, type DriveRun } from './drive-run.ts';

/** A file whose newest state is missing and is to be tried again. */
export interface SkippedFile {
  id: string;
  folderId: string;
  /** As it stands in the ledger; another one there means that it has been tried since. */
  issue: ItemIssue;
}

/**
 * Puts a file that could not be read into the point with the reason, and into the ledger. What was readable of it before
 * stays; the part `unread` says what is missing, so that later runs try again.
 */
export async function storeSkipped(
  run: DriveRun,
  item: DriveItem,
  folderId: string,
  known: FileEntry | null,
  failure: Failure,
): Promise<void> {
  const record = failureRecord(failure);
  const kept = (known?.parts ?? []).filter(({ name }) => name !== FILE_PARTS.unread).map((part) => ({ kept: part }));
  const listing = known === null ? fileListing(item, folderId) : { ...listingOf(known), containerId: folderId };
  const unread = unreadFilePart({ properties: item, failure: record });
  leavePlace(run, known, folderId);
  const stored = await run.session.putItem(listing, [...kept, unread]);
  run.bytesTotal += stored.size - (known?.size ?? 0);
  const place = { id: item.id, folderId, ...(item.name !== undefined && { name: item.name }) };
  run.skipped.set(item.id, issueOf(run, place, 'skipped', record));
}

/**
 * A file that lies elsewhere by now leaves its old place before it is listed at the new one: a checkpoint between the two
 * makes it come again, never twice.
 */
export function leavePlace(run: DriveRun, known: FileEntry | null, folderId: string): void {
  if (known !== null && known.containerId !== folderId) run.session.remove(known);
}

/**
 * Fills the ledger with what earlier runs, or an earlier attempt of this one, could not read, and returns it. The last point
 * lists its files; what an interrupted attempt met is found in the tree itself.
 */
export async function loadSkipped(run: DriveRun): Promise<SkippedFile[]> {
  const found: SkippedFile[] = [];
  for await (const entry of run.session.resumed === null ? listedInBase(run) : unreadInTree(run)) {
    const unread = await readUnreadFile(entry, run.session);
    if (unread === null) continue;
    const { id, containerId: folderId, name } = entry;
    const issue = issueOf(run, { id, folderId, name }, 'skipped', unread.failure);
    run.skipped.set(id, issue);
    found.push({ id, folderId, issue });
  }
  return found;
}

async function* listedInBase(run: DriveRun): AsyncGenerator<FileEntry> {
  for (const { itemId: id, failure } of run.session.base?.skipped ?? []) {
    const entry = await run.session.get({ containerId: failure.where?.['containerId'] ?? '', id });
    if (entry?.type === 'item' && entry.kind === 'file') yield entry;
  }
}

async function* unreadInTree(run: DriveRun): AsyncGenerator<FileEntry> {
  for (const folderId of run.folders.ids) {
    for await (const entry of run.session.items(folderId)) if (entry.kind === 'file' && isUnread(entry)) yield entry;
  }
}

function listingOf(entry: FileEntry): Omit<FileEntry, 'parts' | 'size'> {
  const { parts: _parts, size: _size, ...listing } = entry;
  return listing;
}

/** True when some state of the file could be read once. */
export function hasFileContent(entry: FileEntry): boolean {
  return partOf(entry, FILE_PARTS.content) !== undefined;
}
