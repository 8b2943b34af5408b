import type { Failure } from '@backhaul/domain';
import type { EventProperties, SourceException } from '../src/calendar-source.ts';
import type { ContactProperties } from '../src/contact-source.ts';
import type { SourceFolder } from '../src/item-source.ts';
import type { MessageParts, MessageProperties, SourceAttachment } from '../src/mail-source.ts';
import { FakeItems, type FakeItem } from './fake-items.ts';

/** A message as the fake keeps it. */
export interface FakeMessage extends FakeItem {
  properties: MessageProperties;
  content: MessageParts;
  /** `mime`: it cannot be converted, its parts can be read; `all`: nothing of it can be read. */
  unreadable: 'no' | 'mime' | 'all';
}

/** A contact as the fake keeps it. */
export interface FakeContact extends FakeItem {
  properties: ContactProperties;
  photo: Uint8Array | null;
  /** `photo`: all but the photo can be read. */
  unreadable: 'no' | 'photo';
}

/** An event, or a series with its exceptions, as the fake keeps it. */
export interface FakeEvent extends FakeItem {
  properties: EventProperties & { parentFolderId: string };
  attachments: SourceAttachment[];
  exceptions: SourceException[];
  /** `all`: it is listed, and nothing else of it can be read. */
  unreadable: 'no' | 'all';
}

/** What can be asked of the mailbox, by the names of the ports' methods; those of reading contacts and calendars say so. */
export type RequestKind =
  | 'folders'
  | 'changes'
  | 'list'
  | 'mime'
  | 'parts'
  | 'contactFolders'
  | 'contactChanges'
  | 'contactList'
  | 'photo'
  | 'calendars'
  | 'eventChanges'
  | 'eventList'
  | 'event'
  | 'hasArchive'
  | 'ensureFolder'
  | 'findMarked'
  | 'findTwins'
  | 'create'
  | 'contact'
  | 'setPhoto'
  | 'occurrences'
  | 'changeOccurrence'
  | 'cancelOccurrence'
  | 'attach'
  | 'attachments'
  | 'detach'
  | 'markComplete'
  | 'remove';

export interface FakeRequest {
  kind: RequestKind;
  /** The folder or item it is about; `''` where there is none. */
  about: string;
}

/** A fault that is to happen exactly once; a test ends with {@link FakeMailbox.plannedFaults} being empty. */
export interface PlannedFault {
  on: RequestKind;
  /** Only requests about this folder or item. */
  about?: string;
  /** 1 is the next matching request. Default 1. */
  nth?: number;
  failure: Failure;
  /** The request takes effect, only its answer is lost. */
  answerLost?: boolean;
}

/**
 * A mailbox in memory: mail, contacts and calendars, each with the behaviour of {@link FakeItems}, MIME that is rendered anew
 * at each fetch, and series whose change key does not alter with their exceptions. `fakeMailboxSources` and the targets are
 * its faces. Methods without a kind in their name are about mail.
 */
export class FakeMailbox {
  readonly mail = new FakeItems<FakeMessage>();
  readonly contacts = new FakeItems<FakeContact>();
  readonly calendar = new FakeItems<FakeEvent>();
  /** Whether it has an in-place archive; null: nobody may know. */
  hasArchive: boolean | null = false;
  /** Entries on a page of changes or of a list. */
  pageSize = 5;
  concurrency = 4;
  /** Called before each request is answered; a test changes the mailbox here, or throws to play a crash. */
  beforeRequest: (request: FakeRequest) => void = () => undefined;
  readonly requests: FakeRequest[] = [];
  readonly plannedFaults: PlannedFault[] = [];
  mostRequestsAtOnce = 0;
  #underWay = 0;

  get folders(): ReadonlyMap<string, SourceFolder> {
    return this.mail.folders;
  }

  get messages(): ReadonlyMap<string, FakeMessage> {
    return this.mail.items;
  }

  set movesAlterChangeKeys(doThey: boolean) {
    this.mail.movesAlterChangeKeys = doThey;
  }

  /** Makes a folder; without `parentId` at the top. */
  addFolder(folder: Partial<SourceFolder> & { id: string }): SourceFolder {
    return this.mail.addFolder(folder);
  }

  changeFolder(id: string, change: Partial<Pick<SourceFolder, 'name' | 'parentId'>>): void {
    this.mail.changeFolder(id, change);
  }

  /** Removes a folder with what is below it and in it. */
  removeFolder(id: string): void {
    this.mail.removeFolder(id);
  }

  /** Puts a message into a folder; everything that is not given is made up, different for every message. */
  addMessage(
    folderId: string,
    given: Partial<MessageProperties> = {},
    content: Partial<MessageParts> = {},
    rest: Partial<Pick<FakeMessage, 'mark' | 'unreadable'>> = {},
  ): FakeMessage {
    const n = this.mail.next();
    return this.mail.add({
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
    });
  }

  /** Puts a contact into a folder of contacts. */
  addContact(
    folderId: string,
    given: Partial<ContactProperties> = {},
    rest: Partial<Pick<FakeContact, 'mark' | 'photo' | 'unreadable'>> = {},
  ): FakeContact {
    const n = this.contacts.next();
    return this.contacts.add({
      properties: {
        id: `contact-${n}`,
        changeKey: `key-${n}`,
        displayName: `Person ${n}`,
        emailAddresses: [{ name: `Person ${n}`, address: `person${n}@example.com` }],
        ...given,
        parentFolderId: folderId,
      },
      photo: null,
      mark: null,
      unreadable: 'no',
      ...rest,
    });
  }

  /** Puts an event into a calendar; with a recurrence it is a series. */
  addEvent(
    calendarId: string,
    given: Partial<EventProperties> = {},
    rest: Partial<Pick<FakeEvent, 'mark' | 'attachments' | 'exceptions' | 'unreadable'>> = {},
  ): FakeEvent {
    const n = this.calendar.next();
    const at = (hour: number) => ({
      dateTime: `2026-03-02T${hour}:00:00.0000000`,
      timeZone: 'W. Europe Standard Time',
    });
    return this.calendar.add({
      properties: {
        id: `event-${n}`,
        changeKey: `key-${n}`,
        type: given.recurrence ? 'seriesMaster' : 'singleInstance',
        subject: `Event ${n}`,
        body: { contentType: 'text', content: `About ${n}` },
        start: at(10),
        end: at(11),
        originalStartTimeZone: 'W. Europe Standard Time',
        hasAttachments: (rest.attachments ?? []).length > 0,
        ...given,
        parentFolderId: calendarId,
      },
      attachments: [],
      exceptions: [],
      mark: null,
      unreadable: 'no',
      ...rest,
    });
  }

  /** Changes a message; its change key becomes another one. */
  changeMessage(id: string, change: Partial<MessageProperties> = {}, content: Partial<MessageParts> = {}): void {
    this.mail.change(id, (message) => {
      message.properties = { ...message.properties, ...change };
      message.content = { ...message.content, ...content };
    });
  }

  moveMessage(id: string, toFolderId: string): void {
    this.mail.move(id, toFolderId);
  }

  removeMessage(id: string): void {
    this.mail.remove(id);
  }

  /** Microsoft forgets: no cursor made until now, of whatever kind, is known any more. */
  expireCursors(): void {
    for (const items of [this.mail, this.contacts, this.calendar]) items.expireCursors();
  }

  message(id: string): FakeMessage {
    return this.mail.item(id);
  }

  /** In the order in which they came. */
  messagesIn(folderId: string): FakeMessage[] {
    return this.mail.in(folderId);
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
}
