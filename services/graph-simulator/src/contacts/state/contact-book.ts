import { insertKey, removeKey } from '../../tenant/sorted-keys.ts';
import type { Change, Version } from '../../tenant/versions.ts';
import type { ContactFolderState, ContactState } from './contact.ts';
import type { ContactsEvent } from './event.ts';

export interface ContactFolderRecord {
  readonly key: number;
  /** Null once it is gone. */
  state: ContactFolderState | null;
  readonly versions: Version<ContactFolderState>[];
  /** Keys of the contacts in it, ascending. */
  readonly contacts: number[];
  /** Contacts that came, changed, or left. */
  readonly changes: Change[];
}

export interface ContactRecord {
  readonly key: number;
  state: ContactState | null;
  readonly versions: Version<ContactState>[];
}

/** Key of the default folder in every contact book. */
export const DEFAULT_FOLDER = 1;

/** The contact folders and contacts of one mailbox, with all their earlier states; states come in by {@link take} only. */
export class ContactBook {
  /** Number of the mailbox. */
  readonly number: number;
  readonly folders = new Map<number, ContactFolderRecord>();
  readonly contacts = new Map<number, ContactRecord>();
  readonly folderChanges: Change[] = [];
  readonly #byProperty = new Map<string, Set<number>>();
  #nextKey = DEFAULT_FOLDER;

  /** @param defaultName display name of the folder that every mailbox has */
  constructor(number: number, defaultName: string) {
    this.number = number;
    this.#setFolder(DEFAULT_FOLDER, { name: defaultName, parent: null }, 0);
  }

  /** A key that was never used in this book. */
  newKey(): number {
    return this.#nextKey++;
  }

  folder(key: number): ContactFolderState | null {
    return this.folders.get(key)?.state ?? null;
  }

  contact(key: number): ContactState | null {
    return this.contacts.get(key)?.state ?? null;
  }

  /** Keys of the folders below one, or of those at the top, in the order of their making. */
  children(parent: number | null): number[] {
    return [...this.folders.values()]
      .filter(({ state }) => state !== null && state.parent === parent)
      .map(({ key }) => key);
  }

  /** @param id in normal form */
  withProperty(id: string, value: string): Iterable<number> {
    return this.#byProperty.get(`${id}=${value}`) ?? [];
  }

  take(event: ContactsEvent, seq: number): void {
    if (event.do === 'contact-folder') this.#setFolder(event.key, event.state, seq);
    else this.#setContact(event.key, event.state, seq);
  }

  #setFolder(key: number, state: ContactFolderState | null, seq: number): void {
    let record = this.folders.get(key);
    if (record === undefined) {
      record = { key, state: null, versions: [], contacts: [], changes: [] };
      this.folders.set(key, record);
    }
    record.state = state;
    record.versions.push({ since: seq, state });
    if (seq > 0) this.folderChanges.push({ seq, key });
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }

  #setContact(key: number, state: ContactState | null, seq: number): void {
    let record = this.contacts.get(key);
    if (record === undefined) {
      record = { key, state: null, versions: [] };
      this.contacts.set(key, record);
    }
    const before = record.state;
    record.state = state;
    record.versions.push({ since: seq, state });
    if (before !== null) this.#leave(before, key, seq, state?.folder !== before.folder);
    if (state !== null) this.#enter(state, key, seq);
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }

  #enter(state: ContactState, key: number, seq: number): void {
    const folder = this.folders.get(state.folder);
    if (folder === undefined) throw new Error(`mailbox ${this.number} has no contact folder ${state.folder}`);
    insertKey(folder.contacts, key);
    if (seq > 0) folder.changes.push({ seq, key });
    for (const [id, value] of Object.entries(state.properties)) {
      const entry = `${id}=${value}`;
      const keys = this.#byProperty.get(entry);
      if (keys === undefined) this.#byProperty.set(entry, new Set([key]));
      else keys.add(key);
    }
  }

  #leave(state: ContactState, key: number, seq: number, forGood: boolean): void {
    const folder = this.folders.get(state.folder)!;
    removeKey(folder.contacts, key);
    if (forGood) folder.changes.push({ seq, key });
    for (const [id, value] of Object.entries(state.properties)) this.#byProperty.get(`${id}=${value}`)?.delete(key);
  }
}
