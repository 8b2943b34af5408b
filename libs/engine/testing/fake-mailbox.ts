import type { Failure } from '@backhaul/domain';
import type { MailFolder, MessageParts, MessageProperties } from '../src/mail-source.ts';
import type { RestoreMark } from '../src/item-target.ts';

/** A message as the fake keeps it. */
export interface FakeMessage {
  properties: MessageProperties;
  content: MessageParts;
  /** Set on what a restore has made. */
  mark: RestoreMark | null;
  /** `mime`: it cannot be converted, its parts can be read; `all`: nothing of it can be read. */
  unreadable: 'no' | 'mime' | 'all';
}

/** What can be asked of the mailbox, by the names of the ports' methods. */
export type RequestKind =
  | 'folders'
  | 'changes'
  | 'mime'
  | 'parts'
  | 'ensureFolder'
  | 'findMarked'
  | 'findTwins'
  | 'create'
  | 'attach'
  | 'markComplete'
  | 'remove';

export interface FakeRequest {
  kind: RequestKind;
  /** The folder or message it is about; `''` where there is none. */
  about: string;
}

/** A fault that is to happen exactly once; a test ends with {@link FakeMailbox.plannedFaults} being empty. */
export interface PlannedFault {
  on: RequestKind;
  /** Only requests about this folder or message. */
  about?: string;
  /** 1 is the next matching request. Default 1. */
  nth?: number;
  failure: Failure;
  /** The request takes effect, only its answer is lost. */
  answerLost?: boolean;
}

/** One thing that happened to a message in a folder: it arrived, changed or left. */
interface FolderEvent {
  sequence: number;
  folderId: string;
  messageId: string;
}

/**
 * A mailbox in memory with Microsoft's behaviour as far as backup and restore meet it: per-folder change tracking whose
 * cursors replay what happened since, immutable ids, change keys that alter with every change, MIME that is rendered anew
 * at each fetch. `fakeMailSource` and `fakeMailTarget` are its two faces.
 */
export class FakeMailbox {
  readonly folders = new Map<string, MailFolder>();
  readonly messages = new Map<string, FakeMessage>();
  /** Entries on a page of changes. */
  pageSize = 5;
  concurrency = 4;
  /** Whether a move alters the change key, as Exchange does it. */
  movesAlterChangeKeys = true;
  /** Called before each request is answered; a test changes the mailbox here, or throws to play a crash. */
  beforeRequest: (request: FakeRequest) => void = () => undefined;
  readonly requests: FakeRequest[] = [];
  readonly plannedFaults: PlannedFault[] = [];
  mostRequestsAtOnce = 0;
  #underWay = 0;
  #events: FolderEvent[] = [];
  #sequence = 0;
  #oldestKnownCursor = 0;
  #made = 0;

  /** Makes a folder; without `parentId` at the top. */
  addFolder(folder: Partial<MailFolder> & { id: string }): MailFolder {
    const added = { parentId: '', name: folder.id, wellKnownName: null, hidden: false, ...folder };
    this.folders.set(added.id, added);
    return added;
  }

  changeFolder(id: string, change: Partial<Pick<MailFolder, 'name' | 'parentId'>>): void {
    this.folders.set(id, { ...this.#folder(id), ...change });
  }

  /** Removes a folder with what is below it and in it. */
  removeFolder(id: string): void {
    for (const child of [...this.folders.values()]) if (child.parentId === id) this.removeFolder(child.id);
    for (const message of this.messagesIn(id)) this.removeMessage(message.properties.id);
    this.folders.delete(id);
  }

  /** Puts a message into a folder; everything that is not given is made up, different for every message. */
  addMessage(
    folderId: string,
    given: Partial<MessageProperties> = {},
    content: Partial<MessageParts> = {},
    rest: Partial<Pick<FakeMessage, 'mark' | 'unreadable'>> = {},
  ): FakeMessage {
    this.#folder(folderId);
    const n = (this.#made += 1);
    const message: FakeMessage = {
      properties: {
        id: `message-${n}`,
        changeKey: `key-${n}`,
        internetMessageId: `<${n}@example.com>`,
        subject: `Subject ${n}`,
        from: { emailAddress: { name: 'Grace Hopper', address: 'grace@example.com' } },
        toRecipients: [{ emailAddress: { name: 'Ada Lovelace', address: 'ada@example.com' } }],
        ccRecipients: [],
        bccRecipients: [],
        replyTo: [],
        sentDateTime: new Date(Date.UTC(2025, 0, 1) + n * 60_000).toISOString(),
        receivedDateTime: new Date(Date.UTC(2025, 0, 1) + n * 60_000 + 5_000).toISOString(),
        isRead: false,
        isDraft: false,
        importance: 'normal',
        categories: [],
        flag: { flagStatus: 'notFlagged' },
        hasAttachments: (content.attachments ?? []).length > 0,
        ...given,
        parentFolderId: folderId,
      },
      content: { body: { contentType: 'text', content: `Body ${n}` }, attachments: [], ...content },
      mark: null,
      unreadable: 'no',
      ...rest,
    };
    this.messages.set(message.properties.id, message);
    this.#happened(folderId, message.properties.id);
    return message;
  }

  /** Changes a message; its change key becomes another one. */
  changeMessage(id: string, change: Partial<MessageProperties> = {}, content: Partial<MessageParts> = {}): void {
    const message = this.message(id);
    message.properties = { ...message.properties, ...change, changeKey: this.#newChangeKey() };
    message.content = { ...message.content, ...content };
    this.#happened(message.properties.parentFolderId, id);
  }

  moveMessage(id: string, toFolderId: string): void {
    const message = this.message(id);
    this.#folder(toFolderId);
    this.#happened(message.properties.parentFolderId, id);
    const changeKey = this.movesAlterChangeKeys ? this.#newChangeKey() : message.properties.changeKey;
    message.properties = { ...message.properties, parentFolderId: toFolderId, changeKey };
    this.#happened(toFolderId, id);
  }

  removeMessage(id: string): void {
    const { parentFolderId } = this.message(id).properties;
    this.messages.delete(id);
    this.#happened(parentFolderId, id);
  }

  /** Microsoft forgets: no cursor made until now is known any more. */
  expireCursors(): void {
    this.#sequence += 1;
    this.#oldestKnownCursor = this.#sequence;
  }

  message(id: string): FakeMessage {
    const message = this.messages.get(id);
    if (message === undefined) throw new Error(`The test has no message ${id}.`);
    return message;
  }

  /** In the order in which they came. */
  messagesIn(folderId: string): FakeMessage[] {
    return [...this.messages.values()].filter(({ properties }) => properties.parentFolderId === folderId);
  }

  /** The next matching request fails once. */
  plan(fault: PlannedFault): void {
    this.plannedFaults.push({ nth: 1, ...fault });
  }

  /** How many requests of this kind there were. */
  countOf(kind: RequestKind): number {
    return this.requests.filter((request) => request.kind === kind).length;
  }

  /** Answers one request: hook, planned faults, then the effect. */
  async answer<T>(kind: RequestKind, about: string, signal: AbortSignal, effect: () => T): Promise<T> {
    this.requests.push({ kind, about });
    this.#underWay += 1;
    this.mostRequestsAtOnce = Math.max(this.mostRequestsAtOnce, this.#underWay);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      this.beforeRequest({ kind, about });
      const fault = this.#dueFault(kind, about);
      if (fault !== null && fault.answerLost !== true) throw fault.failure;
      const answer = effect();
      if (fault !== null) throw fault.failure;
      return answer;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** The place in time a cursor made now stands for. */
  get sequence(): number {
    return this.#sequence;
  }

  /** False when the cursor has been forgotten. */
  knowsCursor(sequence: number): boolean {
    return sequence >= this.#oldestKnownCursor;
  }

  /** Ids of the messages that arrived in, changed in or left a folder since then, in order, each once. */
  touchedSince(folderId: string, sequence: number): string[] {
    const since = this.#events.filter((event) => event.folderId === folderId && event.sequence > sequence);
    return [...new Set(since.map(({ messageId }) => messageId))];
  }

  #dueFault(kind: RequestKind, about: string): PlannedFault | null {
    for (const fault of this.plannedFaults) {
      if (fault.on !== kind || (fault.about !== undefined && fault.about !== about)) continue;
      fault.nth = (fault.nth ?? 1) - 1;
      if (fault.nth > 0) continue;
      this.plannedFaults.splice(this.plannedFaults.indexOf(fault), 1);
      return fault;
    }
    return null;
  }

  #happened(folderId: string, messageId: string): void {
    this.#sequence += 1;
    this.#events.push({ sequence: this.#sequence, folderId, messageId });
  }

  #newChangeKey(): string {
    return `key-${(this.#made += 1)}`;
  }

  #folder(id: string): MailFolder {
    const folder = this.folders.get(id);
    if (folder === undefined) throw new Error(`The test has no folder ${id}.`);
    return folder;
  }
}
