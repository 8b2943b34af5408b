import type { ItemProperties, SourceFolder } from '../src/item-source.ts';
import type { RestoreMark } from '../src/item-target.ts';

/** An item as a fake keeps it, whatever its kind. */
export interface FakeItem {
  /** Its folder stands in `parentFolderId`, of an event too. */
  properties: ItemProperties & { parentFolderId: string };
  /** Set on what a restore has made. */
  mark: RestoreMark | null;
}

/** One thing that happened to an item in a folder: it arrived, changed or left. */
interface FolderEvent {
  sequence: number;
  folderId: string;
  itemId: string;
}

/**
 * Folders and items of one kind in memory with Microsoft's behaviour as far as backup and restore meet it: change tracking
 * per folder whose cursors replay what happened since, immutable ids, change keys that alter with every change.
 */
export class FakeItems<I extends FakeItem> {
  readonly folders = new Map<string, SourceFolder>();
  readonly items = new Map<string, I>();
  /** Whether a move alters the change key, as Exchange does it. */
  movesAlterChangeKeys = true;
  #events: FolderEvent[] = [];
  #sequence = 0;
  #oldestKnownCursor = 0;
  #made = 0;

  /** Makes a folder; without `parentId` at the top. */
  addFolder(folder: Partial<SourceFolder> & { id: string }): SourceFolder {
    const added = { parentId: '', name: folder.id, wellKnownName: null, hidden: false, ...folder };
    this.folders.set(added.id, added);
    return added;
  }

  changeFolder(id: string, change: Partial<Pick<SourceFolder, 'name' | 'parentId'>>): void {
    this.folders.set(id, { ...this.folder(id), ...change });
  }

  /** Removes a folder with what is below it and in it. */
  removeFolder(id: string): void {
    for (const child of [...this.folders.values()]) if (child.parentId === id) this.removeFolder(child.id);
    for (const { properties } of this.in(id)) this.remove(properties.id);
    this.folders.delete(id);
  }

  /** A number that was not given before; ids and change keys are made of it. */
  next(): number {
    return (this.#made += 1);
  }

  /** Puts an item into its folder. */
  add(item: I): I {
    const { id, parentFolderId } = item.properties;
    this.folder(parentFolderId);
    this.items.set(id, item);
    this.#happened(parentFolderId, id);
    return item;
  }

  /** Changes an item; its change key becomes another one. */
  change(id: string, change: (item: I) => void): I {
    const item = this.item(id);
    change(item);
    item.properties = { ...item.properties, changeKey: this.#newChangeKey() };
    return this.touch(id);
  }

  /** Something that belongs to the item changes and leaves its change key as it is. */
  touch(id: string): I {
    const item = this.item(id);
    this.#happened(item.properties.parentFolderId, id);
    return item;
  }

  move(id: string, toFolderId: string): void {
    const item = this.item(id);
    this.folder(toFolderId);
    this.#happened(item.properties.parentFolderId, id);
    const changeKey = this.movesAlterChangeKeys ? this.#newChangeKey() : item.properties.changeKey;
    item.properties = { ...item.properties, parentFolderId: toFolderId, changeKey };
    this.#happened(toFolderId, id);
  }

  remove(id: string): void {
    const { parentFolderId } = this.item(id).properties;
    this.items.delete(id);
    this.#happened(parentFolderId, id);
  }

  /** Microsoft forgets: no cursor made until now is known any more. */
  expireCursors(): void {
    this.#sequence += 1;
    this.#oldestKnownCursor = this.#sequence;
  }

  item(id: string): I {
    const item = this.items.get(id);
    if (item === undefined) throw new Error(`The test has no item ${id}.`);
    return item;
  }

  folder(id: string): SourceFolder {
    const folder = this.folders.get(id);
    if (folder === undefined) throw new Error(`The test has no folder ${id}.`);
    return folder;
  }

  /** The items of a folder in the order in which they came. */
  in(folderId: string): I[] {
    return [...this.items.values()].filter(({ properties }) => properties.parentFolderId === folderId);
  }

  /** The place in time a cursor made now stands for. */
  get sequence(): number {
    return this.#sequence;
  }

  /** False when the cursor has been forgotten. */
  knowsCursor(sequence: number): boolean {
    return sequence >= this.#oldestKnownCursor;
  }

  /** Ids of the items that arrived in, changed in or left a folder since then, in order, each once. */
  touchedSince(folderId: string, sequence: number): string[] {
    const since = this.#events.filter((event) => event.folderId === folderId && event.sequence > sequence);
    return [...new Set(since.map(({ itemId }) => itemId))];
  }

  #happened(folderId: string, itemId: string): void {
    this.#sequence += 1;
    this.#events.push({ sequence: this.#sequence, folderId, itemId });
  }

  #newChangeKey(): string {
    return `key-${this.next()}`;
  }
}
