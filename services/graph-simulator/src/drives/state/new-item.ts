import type { ItemState } from './item.ts';

/** What is new about an item; everything else has its ordinary value. */
export type NewItem = Pick<ItemState, 'type' | 'name' | 'parent'> & Partial<ItemState>;

/** The first state of an item. @param at its dates, ISO 8601 */
export function newItemState(item: NewItem, at: string): ItemState {
  return {
    createdAt: at,
    modifiedAt: at,
    fileCreatedAt: at,
    fileModifiedAt: at,
    description: null,
    revision: 1,
    contentRevision: item.type === 'file' ? 1 : 0,
    content: null,
    version: 1,
    older: [],
    malware: null,
    unreadable: false,
    special: null,
    target: null,
    permissions: [],
    inherits: true,
    ...item,
  };
}
