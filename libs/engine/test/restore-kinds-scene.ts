import type { EventProperties, Recurrence } from '../src/index.ts';
import { canonicalContact, canonicalEvent, canonicalMessage, folderPaths } from '../src/index.ts';
import { buildMime, fileAttachment, recipient, type FakeMailbox } from '../testing/index.ts';
import { emptyMailbox, originalMailbox } from './restore-scene.ts';

const ZONE = 'W. Europe Standard Time';

/** A local time of the scene's zone, as Exchange writes it. */
export function at(local: string) {
  return { dateTime: `${local}:00.0000000`, timeZone: ZONE };
}

/** Every Monday of March 2026 at 10 o'clock, of which there are five. */
export const MONDAYS: Recurrence = {
  pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'monday' },
  range: { type: 'numbered', startDate: '2026-03-02', numberOfOccurrences: 5, recurrenceTimeZone: ZONE },
};

/** The mail of {@link originalMailbox}, contacts in two folders, a calendar with a meeting and a series, and another one. */
export function wholeMailbox(): FakeMailbox {
  const mailbox = originalMailbox();
  mailbox.contacts.addFolder({ id: 'contacts', name: 'Contacts', wellKnownName: 'contacts' });
  mailbox.contacts.addFolder({ id: 'family', name: 'Family', parentId: 'contacts' });
  mailbox.addContact('contacts', { jobTitle: 'Countess' }, { photo: Buffer.from('a photo') });
  mailbox.addContact('family');
  mailbox.calendar.addFolder({ id: 'calendar', name: 'Calendar', wellKnownName: 'calendar' });
  mailbox.calendar.addFolder({ id: 'sports', name: 'Sports' });
  mailbox.addEvent('sports', { isOrganizer: true, organizer: recipient('Ada <ada@example.com>') });
  addSeries(mailbox, 'calendar');
  return mailbox;
}

/** Another user's mailbox in another language. */
export function emptyWholeMailbox(): FakeMailbox {
  const mailbox = emptyMailbox();
  mailbox.contacts.addFolder({ id: 'kontakte', name: 'Kontakte', wellKnownName: 'contacts' });
  mailbox.calendar.addFolder({ id: 'kalender', name: 'Kalender', wellKnownName: 'calendar' });
  return mailbox;
}

/** A series with attachments, one occurrence cancelled, one changed and moved, one with other attachments than the series. */
export function addSeries(mailbox: FakeMailbox, calendarId: string, given: Partial<EventProperties> = {}) {
  const attached = fileAttachment({ name: 'agenda.txt' });
  const exception = (originalStart: string, start: string, subject: string): EventProperties => ({
    id: `exception-${subject}`,
    changeKey: 'k',
    type: 'exception',
    subject,
    body: { contentType: 'text', content: subject },
    start: at(start),
    end: at(start.replace('T10', 'T11').replace('T14', 'T15')),
    originalStart,
    originalStartTimeZone: ZONE,
  });
  const series = mailbox.addEvent(
    calendarId,
    { subject: 'Jour fixe', recurrence: MONDAYS, start: at('2026-03-02T10:00'), end: at('2026-03-02T11:00'), ...given },
    {
      attachments: [attached],
      exceptions: [
        {
          originalStart: '2026-03-16T09:00:00Z',
          properties: exception('2026-03-16T09:00:00Z', '2026-03-17T14:00', 'Moved'),
          attachments: [attached, fileAttachment({ name: 'more.txt' })],
        },
        {
          originalStart: '2026-03-23T09:00:00Z',
          properties: exception('2026-03-23T09:00:00Z', '2026-03-23T10:00', 'Changed'),
          attachments: [],
        },
      ],
    },
  );
  series.properties.cancelledOccurrences = [`OID.${series.properties.id}.2026-03-09`];
  return series;
}

/** Everything in a mailbox in the canonical form, by kind and folder path; ids, order and organizers do not count. */
export async function everythingIn(mailbox: FakeMailbox): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  const note = (kind: string, path: string[], form: unknown) => {
    const place = [kind, ...path].join('/');
    all[place] = [...(all[place] ?? []), JSON.stringify(form)].sort();
  };
  const pathIn = (items: { folders: ReadonlyMap<string, { id: string; parentId: string; name: string }> }) => {
    const paths = folderPaths([...items.folders.values()]);
    return (folderId: string) => paths.get(folderId) ?? [];
  };
  for (const { properties, content } of mailbox.mail.items.values()) {
    const path = pathIn(mailbox.mail)(properties.parentFolderId);
    note('mail', path, await canonicalMessage(properties, buildMime(properties, content), []));
  }
  for (const contact of mailbox.contacts.items.values()) {
    note('contacts', pathIn(mailbox.contacts)(contact.properties.parentFolderId), canonicalContact(contact, []));
  }
  for (const event of mailbox.calendar.items.values()) {
    const form = { ...(await canonicalEvent(event, [])), organizer: null };
    note('calendar', pathIn(mailbox.calendar)(event.properties.parentFolderId), form);
  }
  return all;
}

/** What of a mailbox a restore has left half made. */
export function halfMade(mailbox: FakeMailbox): string[] {
  const items = [mailbox.mail, mailbox.contacts, mailbox.calendar].flatMap(({ items: all }) => [...all.values()]);
  return items.filter(({ mark }) => mark?.complete === false).map(({ properties }) => properties.id);
}
