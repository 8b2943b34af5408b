import type { ItemTarget, PlaceFound } from '../src/item-target.ts';
import type { FakeItem, FakeItems } from './fake-items.ts';
import type { FakeMailbox, RequestKind } from './fake-mailbox.ts';
import { notFound } from './fake-walk.ts';

/** What the fake's targets of all kinds have in common; the requests of all kinds go by the same names. */
export function fakeItemTarget<I extends FakeItem>(
  mailbox: FakeMailbox,
  items: FakeItems<I>,
  listing: Extract<RequestKind, 'folders' | 'contactFolders' | 'calendars'>,
  readOnly: readonly string[] = [],
): ItemTarget {
  const place = (id: string): PlaceFound => ({
    ...items.folder(id),
    ...(readOnly.includes(id) && { isReadOnly: true }),
  });
  return {
    concurrency: mailbox.concurrency,
    folders: (signal) => mailbox.answer(listing, '', signal, () => [...items.folders.keys()].map(place)),
    ensureFolder: (parentId, name, { hidden }, signal) =>
      mailbox.answer('ensureFolder', parentId, signal, () => {
        const there = [...items.folders.values()].find(
          (folder) => folder.parentId === parentId && folder.name.toLowerCase() === name.toLowerCase(),
        );
        return there ?? items.addFolder({ id: `${listing}-${items.folders.size + 1}`, parentId, name, hidden });
      }),
    findMarked: (folderId, restoreId, signal) =>
      mailbox.answer('findMarked', folderId, signal, () =>
        itemsIn(items, folderId).flatMap(({ properties, mark }) =>
          mark?.restoreId === restoreId ? [{ id: properties.id, mark: { ...mark } }] : [],
        ),
      ),
    markComplete: (id, mark, signal) =>
      mailbox.answer('markComplete', id, signal, () => {
        itemAt(items, id).mark = { ...mark, complete: true };
      }),
    remove: (id, signal) =>
      mailbox.answer('remove', id, signal, () => {
        if (items.items.has(id)) items.remove(id);
      }),
  };
}

/** The items of a folder. @throws Failure `not-found` when there is no such folder */
export function itemsIn<I extends FakeItem>(items: FakeItems<I>, folderId: string): I[] {
  if (!items.folders.has(folderId)) throw notFound('folder', folderId);
  return items.in(folderId);
}

/** One item. @throws Failure `not-found` when it is not there */
export function itemAt<I extends FakeItem>(items: FakeItems<I>, id: string): I {
  const item = items.items.get(id);
  if (item === undefined) throw notFound('item', id);
  return item;
}
