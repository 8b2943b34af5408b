import { Failure } from '@backhaul/domain';
import type { ItemChanges } from '../src/item-source.ts';
import type { FakeItem, FakeItems } from './fake-items.ts';
import type { FakeMailbox, RequestKind } from './fake-mailbox.ts';

/** Whose pages are asked for, and by which name such requests go. */
export interface FakeWalk<I extends FakeItem> {
  mailbox: FakeMailbox;
  items: FakeItems<I>;
  request: RequestKind;
  folderId: string;
  signal: AbortSignal;
}

/**
 * A walk reports what is there, or what happened since the cursor, as of its beginning, each entry in its state when its
 * page is asked for; its cursor stands for the walk's beginning, so nothing that happens during the walk is lost.
 */
export async function* fakeChanges<I extends FakeItem>(
  walk: FakeWalk<I>,
  cursor: string | null,
): AsyncGenerator<ItemChanges<I['properties']>> {
  const { mailbox, items, folderId } = walk;
  let ids: string[] | null = null;
  let begunAt = 0;
  for (let at = 0; ids === null || at <= (ids as string[]).length;) {
    const page: ItemChanges<I['properties']> = await mailbox.answer(walk.request, folderId, walk.signal, () => {
      if (!items.folders.has(folderId)) throw notFound('folder', folderId);
      const since = cursor === null ? null : sequenceOf(cursor);
      if (!items.knowsCursor(ids === null ? (since ?? items.sequence) : begunAt)) throw expired();
      if (ids === null) {
        begunAt = items.sequence;
        ids = since === null ? items.in(folderId).map(idOf) : items.touchedSince(folderId, since);
      }
      const onPage = ids.slice(at, at + mailbox.pageSize);
      at += mailbox.pageSize;
      const isLast = at >= ids.length;
      return { ...pageOf(walk, onPage, cursor === null), ...(isLast ? { cursor: cursorAt(begunAt) } : {}) };
    });
    yield page;
    if (page.cursor !== undefined) return;
  }
}

/** A plain list, as of its beginning, without a cursor. */
export async function* fakeList<I extends FakeItem>(walk: FakeWalk<I>): AsyncGenerator<I['properties'][]> {
  const { mailbox, items, folderId } = walk;
  let ids: string[] | null = null;
  for (let at = 0; ids === null || at < (ids as string[]).length; at += mailbox.pageSize) {
    yield await mailbox.answer(walk.request, folderId, walk.signal, () => {
      if (!items.folders.has(folderId)) throw notFound('folder', folderId);
      ids ??= items.in(folderId).map(idOf);
      return pageOf(walk, ids.slice(at, at + mailbox.pageSize), true).changed;
    });
  }
}

function pageOf<I extends FakeItem>(
  { items, folderId }: FakeWalk<I>,
  ids: string[],
  isListing: boolean,
): ItemChanges<I['properties']> {
  const page: ItemChanges<I['properties']> = { changed: [], removed: [] };
  for (const id of ids) {
    const item = items.items.get(id);
    if (item?.properties.parentFolderId === folderId) page.changed.push(structuredClone(item.properties));
    else if (!isListing) page.removed.push(id);
  }
  return page;
}

function idOf({ properties }: FakeItem): string {
  return properties.id;
}

export function cursorAt(sequence: number): string {
  return `since:${sequence}`;
}

export function sequenceOf(cursor: string): number {
  const [, sequence] = /^since:(\d+)$/.exec(cursor) ?? [];
  if (sequence !== undefined) return Number(sequence);
  throw new Failure('invalid-input', { code: 'cursor.malformed', message: 'That is no cursor.', retry: 'never' });
}

export function notFound(what: string, id: string): Failure {
  return new Failure('not-found', { code: `${what}.not-found`, message: `There is no ${what} ${id}.`, retry: 'never' });
}

export function expired(): Failure {
  return new Failure('expired', { code: 'cursor.expired', message: 'The cursor is too old.', retry: 'now' });
}

export function unreadable(what: string): Failure {
  const message = `Microsoft cannot deliver this ${what}.`;
  return new Failure('unreadable', { code: `${what}.unreadable`, message, retry: 'later' });
}
