import type {
  ApplicationPatch,
  ApplicationResult,
  NewApplication,
  SentCount,
  SimulatedApplication,
} from './protocol/applications.ts';
import type { AppliedChange, ChangeAtRequest, ChangeReport, ChangeRequest, Edit } from './protocol/changes.ts';
import type { NewEvent } from './protocol/calendar/changes.ts';
import type { CalendarTruth } from './protocol/calendar/truth.ts';
import type { NewContact } from './protocol/contacts/changes.ts';
import type { ContactsTruth } from './protocol/contacts/truth.ts';
import type { DriveTruth, DriveTruthRequest } from './protocol/drives/truth.ts';
import type { FaultRule, FaultState } from './protocol/faults.ts';
import type { EditResult } from './protocol/item.ts';
import type { LogPage, LogQuery, LogSummary } from './protocol/log.ts';
import type { NewMessage } from './protocol/mail/changes.ts';
import type { MailboxTruth } from './protocol/mail/truth.ts';
import type { SettingsPatch, SimulatorSettings } from './protocol/settings.ts';
import type { TruthRequest } from './protocol/truth.ts';
import type { NewUser, SimulatedUser, UserPatch } from './protocol/users.ts';

/** The control port as methods. Every method rejects with an `Error` that carries the simulator's own words. */
export class ControlClient {
  readonly #url: string;
  readonly #token: string;

  /**
   * @param url `controlUrl` of the ready line
   * @param token `controlToken` of the ready line
   */
  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Every user of the tenant, guests and users without a mailbox included. */
  users(): Promise<SimulatedUser[]> {
    return this.#call('GET', '/users');
  }

  /** Makes a user, by default with an empty mailbox. */
  addUser(user: NewUser = {}): Promise<SimulatedUser> {
    return this.#call('POST', '/users', user);
  }

  /** @param user id or principal name */
  updateUser(user: string, patch: UserPatch): Promise<SimulatedUser> {
    return this.#call('PATCH', `/users/${encodeURIComponent(user)}`, patch);
  }

  /** Puts one given message into a folder. */
  addMessage(message: NewMessage): Promise<EditResult> {
    return this.#call('POST', '/messages', message);
  }

  /** Changes a share of the tenant, deterministically from the seed. */
  change(change: ChangeRequest): Promise<ChangeReport> {
    return this.#call('POST', '/change', change);
  }

  /** Exact edits, in order; one result each. */
  edit(...edits: Edit[]): Promise<EditResult[]> {
    return this.#call('POST', '/edit', { edits });
  }

  /** Orders a change for the n-th Graph request from now. */
  changeAtRequest(order: ChangeAtRequest): Promise<void> {
    return this.#call('POST', '/change-at-request', order);
  }

  /** What the orders of {@link changeAtRequest} have done so far. */
  appliedChanges(): Promise<AppliedChange[]> {
    return this.#call('GET', '/change-at-request');
  }

  /** Remembers the present state; {@link truth} can be asked for it later, also after a restart. */
  async mark(): Promise<number> {
    const { mark } = await this.#call<{ mark: number }>('POST', '/mark', {});
    return mark;
  }

  /** What a mailbox holds, now or at a mark: the reference for every comparison. */
  truth(request: TruthRequest): Promise<MailboxTruth> {
    return this.#call('GET', `/truth?${query({ ...request })}`);
  }

  /** Puts one given contact into a folder. */
  addContact(contact: NewContact): Promise<EditResult> {
    return this.#call('POST', '/contacts', contact);
  }

  /** What the contacts of a mailbox are, now or at a mark. */
  contactsTruth(request: TruthRequest): Promise<ContactsTruth> {
    return this.#call('GET', `/contacts-truth?${query({ ...request })}`);
  }

  /** What a drive holds, now or at a mark: the reference for every comparison of files. */
  driveTruth(request: DriveTruthRequest): Promise<DriveTruth> {
    return this.#call('GET', `/drive-truth?${query({ ...request })}`);
  }

  /** Puts one given event, or a series with its exceptions, into a calendar. */
  addEvent(event: NewEvent): Promise<EditResult> {
    return this.#call('POST', '/events', event);
  }

  /** What the calendars of a mailbox hold, now or at a mark. */
  calendarTruth(request: TruthRequest): Promise<CalendarTruth> {
    return this.#call('GET', `/calendar-truth?${query({ ...request })}`);
  }

  /** Every request to Graph, login and upload addresses, in the order of arrival; those under way included. */
  async log(request: LogQuery = {}): Promise<LogPage> {
    return this.#call('GET', `/log?${query({ ...request })}`);
  }

  /** @param request.since only entries with a greater `n` are summed up */
  logSummary(request: { since?: number } = {}): Promise<LogSummary> {
    return this.#call('GET', `/log/summary?${query({ ...request })}`);
  }

  /** Adds a rule; rules are tried in the order of their making, the first that applies wins. */
  addFault(rule: FaultRule): Promise<FaultState> {
    return this.#call('POST', '/faults', rule);
  }

  faults(): Promise<FaultState[]> {
    return this.#call('GET', '/faults');
  }

  /** Removes one rule, or all. */
  clearFaults(id?: string): Promise<void> {
    return this.#call('DELETE', id === undefined ? '/faults' : `/faults/${encodeURIComponent(id)}`);
  }

  settings(): Promise<SimulatorSettings> {
    return this.#call('GET', '/settings');
  }

  /** Takes effect at once and survives a restart. Returns the settings as they are now. */
  updateSettings(patch: SettingsPatch): Promise<SimulatorSettings> {
    return this.#call('PATCH', '/settings', patch);
  }

  /** All change-tracking links given out so far count as expired (410), of one mailbox or of all. */
  expireDeltaLinks(request: { mailbox?: string } = {}): Promise<void> {
    return this.#call('POST', '/expire-delta-links', request);
  }

  /** All access tokens given out so far are refused with 401. */
  revokeTokens(): Promise<void> {
    return this.#call('POST', '/revoke-tokens', {});
  }

  applications(): Promise<SimulatedApplication[]> {
    return this.#call('GET', '/applications');
  }

  /** Makes an application with a secret. */
  addApplication(application: NewApplication): Promise<ApplicationResult> {
    return this.#call('POST', '/applications', application);
  }

  /** Roles apply to tokens issued from now on, as in Entra. */
  updateApplication(clientId: string, patch: ApplicationPatch): Promise<ApplicationResult> {
    return this.#call('PATCH', `/applications/${encodeURIComponent(clientId)}`, patch);
  }

  /** Mails and invitations sent so far. */
  sent(): Promise<SentCount> {
    return this.#call('GET', '/sent');
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Simulator refuses ${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

function query(values: Record<string, string | number | boolean | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.toString();
}
