import { insertKey, removeKey } from '../../tenant/sorted-keys.ts';
import type { Change, Version } from '../../tenant/versions.ts';
import type { AppointmentState, CalendarState } from './appointment.ts';
import type { CalendarEvent } from './event.ts';

export interface CalendarRecord {
  readonly key: number;
  /** Null once it is gone. */
  state: CalendarState | null;
  readonly versions: Version<CalendarState>[];
  /** Keys of the appointments in it, ascending. */
  readonly appointments: number[];
  /** Appointments that came, changed, or left. */
  readonly changes: Change[];
}

export interface AppointmentRecord {
  readonly key: number;
  state: AppointmentState | null;
  readonly versions: Version<AppointmentState>[];
}

/** Key of the default calendar in every book. */
export const DEFAULT_CALENDAR = 1;
/** Groups that every mailbox has, by number. */
export const CALENDAR_GROUPS: Readonly<Record<number, string>> = { 1: 'My Calendars', 2: 'Other Calendars' };

/** The calendars of one mailbox, with all earlier states; states come in by {@link take} only. */
export class CalendarBook {
  /** Number of the mailbox. */
  readonly number: number;
  readonly calendars = new Map<number, CalendarRecord>();
  readonly appointments = new Map<number, AppointmentRecord>();
  readonly #index = new Map<string, Set<number>>();
  #nextKey = DEFAULT_CALENDAR;

  /** @param defaultName name of the calendar that every mailbox has */
  constructor(number: number, defaultName: string) {
    this.number = number;
    const state: CalendarState = {
      name: defaultName,
      group: 1,
      color: 'auto',
      isDefault: true,
      canEdit: true,
      sharedBy: null,
      revision: 1,
    };
    this.#setCalendar(DEFAULT_CALENDAR, state, 0);
  }

  /** A key that was never used in this book. */
  newKey(): number {
    return this.#nextKey++;
  }

  calendar(key: number): CalendarState | null {
    return this.calendars.get(key)?.state ?? null;
  }

  appointment(key: number): AppointmentState | null {
    return this.appointments.get(key)?.state ?? null;
  }

  /** Keys of the appointments that have an extended property (in normal form), `uid` or `transactionId` of this value. */
  having(name: string, value: string): Iterable<number> {
    return this.#index.get(`${name}=${value}`) ?? [];
  }

  take(event: CalendarEvent, seq: number): void {
    if (event.do === 'calendar') this.#setCalendar(event.key, event.state, seq);
    else this.#setAppointment(event.key, event.state, seq);
  }

  #setCalendar(key: number, state: CalendarState | null, seq: number): void {
    let record = this.calendars.get(key);
    if (record === undefined) {
      record = { key, state: null, versions: [], appointments: [], changes: [] };
      this.calendars.set(key, record);
    }
    record.state = state;
    record.versions.push({ since: seq, state });
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }

  #setAppointment(key: number, state: AppointmentState | null, seq: number): void {
    let record = this.appointments.get(key);
    if (record === undefined) {
      record = { key, state: null, versions: [] };
      this.appointments.set(key, record);
    }
    const before = record.state;
    record.state = state;
    record.versions.push({ since: seq, state });
    if (before !== null) {
      removeKey(this.calendars.get(before.calendar)!.appointments, key);
      for (const entry of indexEntries(before)) this.#index.get(entry)?.delete(key);
    }
    if (state !== null) {
      const calendar = this.calendars.get(state.calendar);
      if (calendar === undefined) throw new Error(`mailbox ${this.number} has no calendar ${state.calendar}`);
      insertKey(calendar.appointments, key);
      for (const entry of indexEntries(state)) addTo(this.#index, entry, key);
    }
    if (seq > 0) {
      for (const calendar of new Set([before?.calendar, state?.calendar])) {
        if (calendar !== undefined) this.calendars.get(calendar)!.changes.push({ seq, key });
      }
    }
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }
}

function indexEntries({ properties, uid, transactionId }: AppointmentState): string[] {
  const entries = Object.entries(properties).map(([id, value]) => `${id}=${value}`);
  entries.push(`uid=${uid}`);
  if (transactionId !== null) entries.push(`transactionId=${transactionId}`);
  return entries;
}

function addTo(index: Map<string, Set<number>>, entry: string, key: number): void {
  const keys = index.get(entry);
  if (keys === undefined) index.set(entry, new Set([key]));
  else keys.add(key);
}
