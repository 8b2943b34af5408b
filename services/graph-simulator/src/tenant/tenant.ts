import { join } from 'node:path';
import type { SimulatorSettings } from '../protocol/settings.ts';
import { generateGuid, generateUsers } from '../directory/people.ts';
import { emptyCalendarBook, generateCalendarBooks } from '../calendar/generate/calendar-books.ts';
import type { CalendarBook } from '../calendar/state/calendar-book.ts';
import { emptyContactBook, generateContactBooks } from '../contacts/generate/contact-books.ts';
import type { ContactBook } from '../contacts/state/contact-book.ts';
import { generateDrives } from '../drives/generate/drives.ts';
import { Drives } from '../drives/state/drives.ts';
import { generateMailboxes } from '../mail/generate/mailboxes.ts';
import { seededRandom } from '../generate/random.ts';
import type { TenantShape } from '../options.ts';
import { Content } from './content.ts';
import { ContentFile } from './content-file.ts';
import type { ApplicationRecord, TenantEvent, UploadSession } from './event.ts';
import { IdCodec } from './ids.ts';
import { Journal } from './journal.ts';
import { Mailbox } from '../mail/state/mailbox.ts';
import type { UserRecord } from './user.ts';

/** The settings of a new tenant: Microsoft's documented limits. */
export const DEFAULT_SETTINGS: SimulatorSettings = {
  latencyMs: 0,
  limits: {
    concurrentPerMailbox: 4,
    requestsPerWindow: 10_000,
    windowSeconds: 600,
    uploadBytesPer5Minutes: 0,
    retryAfterSeconds: 2,
    resourceUnitsPerWindow: 0,
    resourceUnitWindowSeconds: 60,
  },
  drives: {
    downloadUrlSeconds: 3600,
    expiredDownloadStatus: 401,
    uploadSessionSeconds: 900,
    uploadUrlSeconds: 86_400,
    repeatedInDelta: 0,
    omitDeletedDescendants: 0,
    resyncMayHaveLostData: 0,
    rewriteOfficeFiles: 0,
    omitInheritedFrom: 0,
  },
  earlyGraceMs: 250,
  tokenLifetimeSeconds: 3599,
  deltaGenerations: 0,
  keepSeriesKey: 0,
  pageSize: 0,
  clockAheadSeconds: 0,
};

/**
 * One simulated tenant: generated from its shape, then changed by events. {@link apply} is the only way to change
 * anything; it writes the event down first, so that a restart generates the same tenant and repeats the same events.
 */
export class Tenant {
  readonly id: string;
  readonly shape: TenantShape;
  readonly ids: IdCodec;
  readonly content: Content;
  readonly users = new Map<string, UserRecord>();
  readonly mailboxes = new Map<number, Mailbox>();
  readonly contacts = new Map<number, ContactBook>();
  readonly calendars = new Map<number, CalendarBook>();
  readonly drives: Drives;
  readonly applications = new Map<string, ApplicationRecord>();
  readonly uploads = new Map<string, UploadSession>();
  readonly sent = { mails: 0, invitations: 0 };
  settings: SimulatorSettings = DEFAULT_SETTINGS;
  /** Number of the last event; also serves as the mark of the present state. */
  sequence = 0;
  /** Access tokens issued before this time (seconds since 1970) are refused. */
  tokensValidFrom = 0;
  readonly #byPrincipalName = new Map<string, string>();
  readonly #linksValidFrom = new Map<number | null, number>();
  readonly #owners = new Map<number, UserRecord>();
  readonly #journal: Journal<TenantEvent>;
  readonly #file: ContentFile;

  /** @param folder where journal and content file are */
  constructor(folder: string, shape: TenantShape) {
    this.shape = shape;
    this.id = generateGuid(seededRandom(shape.seed, 404));
    this.ids = new IdCodec(shape.seed);
    const users = generateUsers(shape.seed, shape.mailboxes);
    for (const mailbox of generateMailboxes(shape, users)) this.mailboxes.set(mailbox.number, mailbox);
    for (const book of generateContactBooks(shape, users)) this.contacts.set(book.number, book);
    for (const book of generateCalendarBooks(shape, users)) this.calendars.set(book.number, book);
    for (const user of users) this.#setUser(user);
    this.drives = new Drives(shape.seed, generateDrives(shape, users));
    this.#file = new ContentFile(join(folder, 'content.bin'));
    this.content = new Content(this.#file);
    this.#journal = Journal.open<TenantEvent>(join(folder, 'journal.jsonl'), (event) => this.#take(event));
  }

  /** Writes an event down, then makes it so. Returns its number. */
  apply(event: TenantEvent): number {
    this.#journal.append(event);
    this.#take(event);
    return this.sequence;
  }

  /** @param name id or principal name, in any case */
  user(name: string): UserRecord | undefined {
    return this.users.get(name.toLowerCase()) ?? this.users.get(this.#byPrincipalName.get(name.toLowerCase()) ?? '');
  }

  /** The user whom a mailbox belongs to. */
  owner(mailbox: number): UserRecord {
    return this.#owners.get(mailbox)!;
  }

  /** Change-tracking links made before this number of the sequence are expired. */
  linksValidFrom(mailbox: number): number {
    return Math.max(this.#linksValidFrom.get(mailbox) ?? -1, this.#linksValidFrom.get(null) ?? -1);
  }

  close(): void {
    this.#journal.close();
    this.#file.close();
  }

  #take(event: TenantEvent): void {
    const seq = ++this.sequence;
    switch (event.do) {
      case 'user':
        this.#setUser(event.user);
        break;
      case 'folder':
        this.mailboxes.get(event.mailbox)!.setFolder(event.key, event.state, seq);
        break;
      case 'message':
        this.mailboxes.get(event.mailbox)!.setMessage(event.key, event.state, seq);
        break;
      case 'calendar':
      case 'appointment':
        this.calendars.get(event.mailbox)!.take(event, seq);
        break;
      case 'contact-folder':
      case 'contact':
        this.contacts.get(event.mailbox)!.take(event, seq);
        break;
      case 'drive':
      case 'drive-item':
      case 'drive-upload':
        this.drives.take(event, seq);
        break;
      case 'application':
        this.applications.set(event.application.clientId, event.application);
        break;
      case 'settings':
        this.settings = event.settings;
        break;
      case 'upload':
        if (event.session === null) this.uploads.delete(event.id);
        else this.uploads.set(event.id, event.session);
        break;
      case 'sent':
        this.sent[event.what]++;
        break;
      case 'expire-links':
        this.#linksValidFrom.set(event.mailbox, seq);
        break;
      case 'revoke-tokens':
        this.tokensValidFrom = event.before;
        break;
      default:
        throw new Error(`the journal holds an unknown event: ${JSON.stringify(event).slice(0, 100)}`);
    }
  }

  #setUser(user: UserRecord): void {
    const before = this.users.get(user.id);
    if (before !== undefined) this.#byPrincipalName.delete(before.userPrincipalName.toLowerCase());
    this.users.set(user.id, user);
    this.#byPrincipalName.set(user.userPrincipalName.toLowerCase(), user.id);
    if (user.mailbox === null) return;
    this.#owners.set(user.mailbox, user);
    if (this.mailboxes.has(user.mailbox)) return;
    this.mailboxes.set(user.mailbox, new Mailbox(user.mailbox));
    this.contacts.set(user.mailbox, emptyContactBook(user.mailbox, user.language));
    this.calendars.set(user.mailbox, emptyCalendarBook(user.mailbox, user.language));
  }
}
