import type { FolderEntry, ItemEntry, PointReader } from '@backhaul/repository';
import { foldersOf, folderNotFound, type FolderWithPath } from './browse-point.ts';

/** A request looks at so many items at most, and says where to go on. */
export const MAX_LOOKED_AT = 20_000;

/** What is looked for; all that is said must hold. Texts are found without regard to case and accents. */
export interface Search {
  /** In subjects, names, company names. */
  text: string | null;
  /** In senders, organizers, addresses. */
  person: string | null;
  kind: ItemEntry['kind'] | null;
  /** Only in this folder and below it. */
  folderId: string | null;
  /** ISO 8601, UTC, inclusive: when a message came, an event begins, a file was changed. A contact has no time. */
  since: string | null;
  /** Exclusive. */
  until: string | null;
}

export interface FoundItem {
  item: ItemEntry;
  folder: FolderWithPath;
}

/** Where a search goes on: behind this item. */
export interface SearchPosition {
  folderId: string;
  itemId: string;
}

/**
 * The next items that fit, in order of the tree, at most `limit`; `next` is where to go on, null at the end. The order never
 * changes, because a point does not.
 * @throws Failure `not-found` for an unknown folder.
 */
export async function searchPoint(
  point: PointReader,
  search: Search,
  after: SearchPosition | null,
  { limit, lookAt = MAX_LOOKED_AT }: { limit: number; lookAt?: number },
): Promise<{ found: FoundItem[]; next: SearchPosition | null }> {
  const fits = matcher(search);
  const found: FoundItem[] = [];
  let lookedAt = 0;
  for (const folder of foldersToSearch(await foldersOf(point), search, after)) {
    const from = folder.id === after?.folderId ? after.itemId : '';
    for await (const item of point.items(folder.id, from)) {
      if (from !== '' && item.id === from) continue;
      lookedAt += 1;
      if (fits(item)) found.push({ item, folder });
      if (found.length >= limit || lookedAt >= lookAt) {
        return { found, next: { folderId: folder.id, itemId: item.id } };
      }
    }
  }
  return { found, next: null };
}

/** In order of their ids, as the tree has them; from the one where the search stopped on. */
function foldersToSearch(
  folders: FolderWithPath[],
  { folderId }: Search,
  after: SearchPosition | null,
): FolderWithPath[] {
  const wanted = folderId === null ? null : withDescendants(folders, folderId);
  return folders
    .filter(({ id }) => (wanted === null || wanted.has(id)) && (after === null || id >= after.folderId))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function withDescendants(folders: readonly FolderEntry[], top: string): Set<string> {
  if (!folders.some(({ id }) => id === top)) throw folderNotFound(top);
  const ids = new Set([top]);
  for (let before = 0; before !== ids.size;) {
    before = ids.size;
    for (const { id, parentId } of folders) if (ids.has(parentId)) ids.add(id);
  }
  return ids;
}

/** True for items that fit `search`, its folder aside. */
export function matcher({ text, person, kind, since, until }: Search): (item: ItemEntry) => boolean {
  const [wantedText, wantedPerson] = [folded(text ?? ''), folded(person ?? '')];
  const from = since === null ? -Infinity : Date.parse(since);
  const to = until === null ? Infinity : Date.parse(until);
  return (item) => {
    if (kind !== null && item.kind !== kind) return false;
    if (since !== null || until !== null) {
      const time = Date.parse(timeOf(item));
      if (Number.isNaN(time) || time < from || time >= to) return false;
    }
    return folded(textOf(item)).includes(wantedText) && folded(personOf(item)).includes(wantedPerson);
  };
}

/** Without case and accents: `Zoë` is found by `ZOE`. */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function textOf(item: ItemEntry): string {
  switch (item.kind) {
    case 'message':
    case 'event':
      return item.subject;
    case 'contact':
      return `${item.name}\n${item.company}`;
    case 'file':
      return item.name;
  }
}

function personOf(item: ItemEntry): string {
  switch (item.kind) {
    case 'message':
      return item.from;
    case 'event':
      return item.organizer;
    case 'contact':
      return `${item.name}\n${item.address}`;
    case 'file':
      return '';
  }
}

function timeOf(item: ItemEntry): string {
  switch (item.kind) {
    case 'message':
      return item.receivedAt;
    case 'event':
      return item.startsAt;
    case 'file':
      return item.modifiedAt;
    case 'contact':
      return '';
  }
}
