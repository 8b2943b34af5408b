import { correspondents } from '../../directory/people.ts';
import type { Language } from '../../generate/languages.ts';
import { seededRandom } from '../../generate/random.ts';
import { shareOf } from '../../generate/shares.ts';
import type { Address } from '../../mail/state/message.ts';
import type { TenantShape } from '../../options.ts';
import type { UserRecord } from '../../tenant/user.ts';
import type { CalendarState } from '../state/appointment.ts';
import { CalendarBook, DEFAULT_CALENDAR } from '../state/calendar-book.ts';
import { APPOINTMENT_KINDS, generateAppointment } from './appointment.ts';

/** Name of the default calendar. */
const DEFAULT_NAMES: Readonly<Record<Language, string>> = {
  en: 'Calendar',
  de: 'Kalender',
  fr: 'Calendrier',
  es: 'Calendario',
  pl: 'Kalendarz',
  ja: '予定表',
  ru: 'Календарь',
  emoji: 'Calendar',
};

/** Calendars with nothing but an empty default one. */
export function emptyCalendarBook(mailbox: number, language: Language): CalendarBook {
  return new CalendarBook(mailbox, DEFAULT_NAMES[language]);
}

/**
 * The calendars of a new tenant, one book for each of the first users. The first mailbox has one of each kind of event.
 * Events of the calendar that someone else shares come on top of the asked number.
 */
export function generateCalendarBooks(shape: TenantShape, users: readonly UserRecord[]): CalendarBook[] {
  const people = correspondents(users);
  return Array.from({ length: shape.mailboxes }, (_, at) => {
    const user = users[at]!;
    const book = emptyCalendarBook(at + 1, user.language);
    const count = shareOf(shape.events, shape.mailboxes, at);
    if (count === 0) return book;
    const random = seededRandom(shape.seed, book.number, 727);
    const owner: Address = { name: user.displayName, address: user.mail ?? user.userPrincipalName };
    const make = (calendar: number, kind: string): void => {
      const plan = { calendar, kind, owner, people, language: user.language, days: [0, 900] as const };
      const state = generateAppointment(plan, random);
      book.take({ do: 'appointment', mailbox: book.number, key: book.newKey(), state }, 0);
    };
    const own = [DEFAULT_CALENDAR, addCalendar(book, 'Projects & Übungen', null), addCalendar(book, '誕生日 🎂', null)];
    for (let number = 0; number < count; number++) {
      const kind = APPOINTMENT_KINDS[number] ?? random.pick(APPOINTMENT_KINDS);
      make(random.chance(0.6) ? DEFAULT_CALENDAR : random.pick(own), kind);
    }
    const colleague = users[(at + 1) % shape.mailboxes]!;
    if (colleague !== user) {
      const sharedBy = { name: colleague.displayName, address: colleague.mail ?? colleague.userPrincipalName };
      make(addCalendar(book, colleague.displayName, sharedBy), 'single');
    }
    return book;
  });
}

function addCalendar(book: CalendarBook, name: string, sharedBy: Address | null): number {
  const key = book.newKey();
  const state: CalendarState = {
    name,
    group: sharedBy === null ? 1 : 2,
    color: sharedBy === null ? 'lightGreen' : 'auto',
    isDefault: false,
    canEdit: sharedBy === null,
    sharedBy,
    revision: 1,
  };
  book.take({ do: 'calendar', mailbox: book.number, key, state }, 0);
  return key;
}
