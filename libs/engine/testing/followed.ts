import type { ItemChanges, ItemProperties, ItemSource } from '../src/item-source.ts';

const { signal } = new AbortController();

/** What somebody knows of a folder who follows its changes. */
export interface Followed {
  /** Change keys by id. */
  items: Map<string, string>;
  cursor: string;
  /** Ids that the last walk named as touched. */
  touched: Set<string>;
}

/** Walks through a folder's changes to their end, from where it was followed to. */
export async function follow(
  source: ItemSource<ItemProperties>,
  folderId: string,
  known: Followed | null = null,
): Promise<Followed> {
  const pages: ItemChanges<ItemProperties>[] = [];
  for await (const page of source.changes(folderId, known?.cursor ?? null, signal)) pages.push(page);
  return followedBy(pages, known);
}

/** What the pages of a walk add to what is known. @throws when the last of them has no cursor */
export function followedBy(pages: readonly ItemChanges<ItemProperties>[], known: Followed | null): Followed {
  const items = new Map(known?.items);
  const listed = new Set<string>();
  for (const page of pages) {
    for (const { id, changeKey } of page.changed) {
      items.set(id, changeKey);
      listed.add(id);
    }
    for (const id of page.removed) items.delete(id);
  }
  const { cursor, isWhole = false } = pages.at(-1) ?? {};
  if (cursor === undefined) throw new Error('The walk ended without a cursor.');
  if (isWhole) for (const id of items.keys()) if (!listed.has(id)) items.delete(id);
  return { items, cursor, touched: new Set(pages.flatMap(({ touched = [] }) => touched)) };
}

/** Change keys by id of everything that a plain list names. */
export async function listed(source: ItemSource<ItemProperties>, folderId: string): Promise<Map<string, string>> {
  const items = new Map<string, string>();
  for await (const page of source.list(folderId, signal))
    for (const { id, changeKey } of page) items.set(id, changeKey);
  return items;
}
