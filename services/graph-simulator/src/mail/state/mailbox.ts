import type { FolderState, MessageState } from './message.ts';
import { insertKey, removeKey } from '../../tenant/sorted-keys.ts';
import type { Change, Version } from '../../tenant/versions.ts';

export interface FolderRecord {
  readonly key: number;
  /** Null once it is gone. */
  state: FolderState | null;
  readonly versions: Version<FolderState>[];
  /** Keys of the messages in it, ascending. */
  readonly messages: number[];
  unread: number;
  /** Messages that came, changed, or left. */
  readonly changes: Change[];
  /** Keys by descending received date; made when a listing asks for it. */
  byDate: number[] | null;
}

export interface MessageRecord {
  readonly key: number;
  state: MessageState | null;
  readonly versions: Version<MessageState>[];
}

/** The root folder's key in every mailbox; a root is its own parent. */
export const ROOT = 1;

/**
 * The folders and messages of one mailbox, with all their earlier states. States come in by {@link setFolder} and
 * {@link setMessage} only, each with its number in the tenant's sequence; everything else here is kept up from them.
 */
export class Mailbox {
  readonly number: number;
  readonly folders = new Map<number, FolderRecord>();
  readonly messages = new Map<number, MessageRecord>();
  readonly folderChanges: Change[] = [];
  readonly #wellKnown = new Map<string, number>();
  readonly #children = new Map<number, number[]>();
  readonly #byMessageId = new Map<string, Set<number>>();
  readonly #byProperty = new Map<string, Set<number>>();
  #nextKey = ROOT;

  constructor(number: number) {
    this.number = number;
  }

  /** A key that was never used in this mailbox. */
  newKey(): number {
    return this.#nextKey++;
  }

  folder(key: number): FolderState | null {
    return this.folders.get(key)?.state ?? null;
  }

  message(key: number): MessageState | null {
    return this.messages.get(key)?.state ?? null;
  }

  wellKnown(name: string): number | undefined {
    return this.#wellKnown.get(name);
  }

  /** Keys of the folders below one, in the order of their making; the root is not below itself. */
  children(folder: number): readonly number[] {
    return this.#children.get(folder) ?? [];
  }

  withMessageId(internetMessageId: string): Iterable<number> {
    return this.#byMessageId.get(internetMessageId) ?? [];
  }

  /** @param id in normal form */
  withProperty(id: string, value: string): Iterable<number> {
    return this.#byProperty.get(`${id}=${value}`) ?? [];
  }

  /** Keys by descending received date, then descending key. */
  byDate(folder: FolderRecord): readonly number[] {
    folder.byDate ??= folder.messages
      .map((key) => ({ key, at: this.message(key)?.receivedAt ?? '' }))
      .sort((a, b) => (a.at === b.at ? b.key - a.key : a.at < b.at ? 1 : -1))
      .map(({ key }) => key);
    return folder.byDate;
  }

  setFolder(key: number, state: FolderState | null, seq: number): void {
    let record = this.folders.get(key);
    if (record === undefined) {
      record = { key, state: null, versions: [], messages: [], unread: 0, changes: [], byDate: null };
      this.folders.set(key, record);
    }
    const before = record.state;
    if (before !== null) removeKey(this.#childList(before.parent), key);
    if (state !== null && state.parent !== key) insertKey(this.#childList(state.parent), key);
    if (before?.wellKnownName) this.#wellKnown.delete(before.wellKnownName);
    if (state?.wellKnownName) this.#wellKnown.set(state.wellKnownName, key);
    record.state = state;
    record.versions.push({ since: seq, state });
    if (seq > 0) this.folderChanges.push({ seq, key });
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }

  setMessage(key: number, state: MessageState | null, seq: number): void {
    let record = this.messages.get(key);
    if (record === undefined) {
      record = { key, state: null, versions: [] };
      this.messages.set(key, record);
    }
    const before = record.state;
    record.state = state;
    record.versions.push({ since: seq, state });
    if (before !== null) this.#leave(before, key, seq, state?.folder !== before.folder);
    if (state !== null) this.#enter(state, key, seq);
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }

  #enter(state: MessageState, key: number, seq: number): void {
    const folder = this.folders.get(state.folder);
    if (folder === undefined) throw new Error(`mailbox ${this.number} has no folder ${state.folder}`);
    insertKey(folder.messages, key);
    folder.byDate = null;
    if (!state.isRead) folder.unread++;
    if (seq > 0) folder.changes.push({ seq, key });
    for (const entry of indexEntries(state)) addTo(this.#byProperty, entry, key);
    if (state.content.internetMessageId) addTo(this.#byMessageId, state.content.internetMessageId, key);
  }

  #leave(state: MessageState, key: number, seq: number, forGood: boolean): void {
    const folder = this.folders.get(state.folder)!;
    removeKey(folder.messages, key);
    folder.byDate = null;
    if (!state.isRead) folder.unread--;
    if (forGood) folder.changes.push({ seq, key });
    for (const entry of indexEntries(state)) this.#byProperty.get(entry)?.delete(key);
    if (state.content.internetMessageId) this.#byMessageId.get(state.content.internetMessageId)?.delete(key);
  }

  #childList(parent: number): number[] {
    let list = this.#children.get(parent);
    if (list === undefined) this.#children.set(parent, (list = []));
    return list;
  }
}

function indexEntries(state: MessageState): string[] {
  return Object.entries(state.properties).map(([id, value]) => `${id}=${value}`);
}

function addTo(index: Map<string, Set<number>>, entry: string, key: number): void {
  const keys = index.get(entry);
  if (keys === undefined) index.set(entry, new Set([key]));
  else keys.add(key);
}
