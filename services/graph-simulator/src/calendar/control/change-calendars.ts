import { itemsPerKind, shuffled, type ChangeOrder } from '../../control/change-order.ts';
import { correspondents } from '../../directory/people.ts';
import { seededRandom, type Random } from '../../generate/random.ts';
import type { ChangedItem, ItemChanges } from '../../protocol/item.ts';
import { APPOINTMENT_KINDS, generateAppointment } from '../generate/appointment.ts';
import type { CalendarBook } from '../state/calendar-book.ts';
import { instancesIn } from '../state/instances.ts';
import {
  cancelOccurrence,
  changeAppointment,
  changeOccurrence,
  createAppointment,
  removeAppointment,
} from '../state/operations.ts';
import { DAY_MS } from '../time/days.ts';

/** Changes a share of the events of each mailbox's own calendars. @throws Error for a user without a mailbox */
export function changeCalendars(order: ChangeOrder, report: ItemChanges): void {
  for (const book of chosenBooks(order)) changeBook(order, book, report);
}

function changeBook(order: ChangeOrder, book: CalendarBook, report: ItemChanges): void {
  const { tenant, share, now } = order;
  const random = seededRandom(order.seed, book.number, 828);
  const kinds = order.kinds.filter((kind) => kind !== 'moved');
  const own = [...book.calendars.values()].filter(({ state }) => state !== null && state.sharedBy === null);
  const keys = shuffled(
    own.flatMap(({ appointments }) => appointments),
    random,
  );
  const total = keys.length;
  const count = itemsPerKind(total, share, kinds.length);
  const item = (key: number): ChangedItem => ({
    mailbox: tenant.owner(book.number).id,
    id: tenant.ids.encode('event', book.number, key),
  });
  for (const kind of kinds) {
    if (kind === 'new') {
      const people = correspondents([...tenant.users.values()]);
      const user = tenant.owner(book.number);
      for (let number = Math.ceil(total * share); number > 0; number--) {
        const plan = {
          calendar: random.pick(own).key,
          kind: random.pick(APPOINTMENT_KINDS),
          owner: { name: user.displayName, address: user.mail ?? user.userPrincipalName },
          people,
          language: user.language,
          days: [900, 930] as const,
        };
        const state = { ...generateAppointment(plan, random), createdAt: now, modifiedAt: now };
        report.new.push(item(createAppointment(tenant, book, state)));
      }
      continue;
    }
    for (const key of keys.splice(0, count)) {
      if (kind === 'changed') changeOne(order, book, key, random);
      else removeAppointment(tenant, book, key);
      report[kind].push(item(key));
    }
  }
}

/** Changes what an event says, or an occurrence of a series, or cancels one. */
function changeOne({ tenant, now }: ChangeOrder, book: CalendarBook, key: number, random: Random): void {
  const state = book.appointment(key)!;
  const date = random.chance(0.6) ? occurrenceDate(book, key, random) : null;
  if (date !== null && random.chance(0.4)) cancelOccurrence(tenant, book, key, date, now);
  else if (date !== null) {
    changeOccurrence(tenant, book, key, date, { subject: `Changed ${random.below(100_000)}` }, now);
  } else {
    const set = random.pick([
      { subject: `Changed ${random.below(100_000)}` },
      { categories: ['Changed'] },
      { location: { ...state.content.location, displayName: `Room ${random.below(1000)}` } },
      { isReminderOn: !state.content.isReminderOn },
    ]);
    changeAppointment(tenant, book, key, { content: { ...state.content, ...set } }, now);
  }
}

/** Of one of the first occurrences of a series that take place; null without one. */
function occurrenceDate(book: CalendarBook, key: number, random: Random): string | null {
  const state = book.appointment(key)!;
  const from = Date.parse(state.content.start);
  const dates: string[] = [];
  for (const { date } of instancesIn(state, { from, to: from + 366 * DAY_MS })) {
    if (date !== null) dates.push(date);
    if (dates.length === 6) break;
  }
  return dates.length === 0 ? null : random.pick(dates);
}

function chosenBooks({ tenant, users }: ChangeOrder): CalendarBook[] {
  if (users === null) return [...tenant.calendars.values()].filter((book) => book.appointments.size > 0);
  return users.map((user) => {
    const book = tenant.calendars.get(user.mailbox ?? -1);
    if (book === undefined) throw new Error(`there is no mailbox of ${user.userPrincipalName}`);
    return book;
  });
}
