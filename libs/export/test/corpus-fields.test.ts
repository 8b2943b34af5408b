import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { canonicalName, type ContactProperties, type EventProperties } from '@backhaul/engine';
import ICAL from 'ical.js';
import { eventCalendar } from '../src/calendar/calendar-file.ts';
import { contactCard } from '../src/contacts/vcard.ts';

/** Real calendars and cards, many of them odd; a folder beside the checkout that not every machine has. */
const CORPUS = resolve(import.meta.dirname, '../../../../shared/corpus');
const whereThere = existsSync(CORPUS) ? describe : describe.skip;
if (!existsSync(CORPUS)) console.warn(`Skipped: the corpus of real calendars and cards is not at ${CORPUS}.`);

/** Every component of a kind in the files of a folder that can be read at all. */
function components(folder: string, name: string): ICAL.Component[] {
  return readdirSync(join(CORPUS, folder)).flatMap((file) => {
    try {
      const parsed = ICAL.parse(readFileSync(join(CORPUS, folder, file), 'utf8')) as unknown[];
      const roots = (Array.isArray(parsed[0]) ? parsed : [parsed]).map((one) => new ICAL.Component(one as unknown[]));
      return roots.flatMap((root) => (root.name === name ? [root] : root.getAllSubcomponents(name)));
    } catch {
      return [];
    }
  });
}

function textOf(component: ICAL.Component, property: string): string {
  const value: unknown = component.getFirstPropertyValue(property);
  return typeof value === 'string' ? value : '';
}

/** What a reader of our file must see of a text. */
const shown = (text: string) => canonicalName(text);

whereThere('texts of real cards and calendars', () => {
  test('come out of a card as they went in', () => {
    const cards = components('contacts', 'vcard');
    expect(cards.length).toBeGreaterThan(10);
    for (const card of cards) {
      const contact: ContactProperties = {
        id: 'c',
        parentFolderId: 'contacts',
        changeKey: 'k',
        displayName: textOf(card, 'fn') || 'Nameless',
        jobTitle: textOf(card, 'title'),
        personalNotes: textOf(card, 'note'),
        emailAddresses: [{ name: '', address: textOf(card, 'email') }],
      };
      const read = new ICAL.Component(ICAL.parse(contactCard({ properties: contact, photo: null })) as unknown[]);
      expect(shown(textOf(read, 'fn'))).toBe(shown(contact.displayName ?? ''));
      expect(shown(textOf(read, 'title'))).toBe(shown(contact.jobTitle ?? ''));
      expect(shown(textOf(read, 'note'))).toBe(shown(contact.personalNotes ?? ''));
    }
  });

  test('come out of a calendar as they went in', () => {
    const events = components('calendar', 'vevent');
    expect(events.length).toBeGreaterThan(30);
    for (const event of events) {
      const properties: EventProperties = {
        id: 'e',
        changeKey: 'k',
        subject: textOf(event, 'summary'),
        body: { contentType: 'text', content: textOf(event, 'description') },
        location: { displayName: textOf(event, 'location') },
        start: { dateTime: '2026-03-27T10:00:00.0000000', timeZone: textOf(event, 'tzid') || 'UTC' },
        end: { dateTime: '2026-03-27T11:00:00.0000000', timeZone: 'UTC' },
      };
      const { text } = eventCalendar({ properties, attachments: [], exceptions: [] });
      const read = new ICAL.Component(ICAL.parse(text) as unknown[]).getFirstSubcomponent('vevent');
      if (read === null) throw new Error(`No event in ${text}`);
      expect(shown(textOf(read, 'summary'))).toBe(shown(properties.subject ?? ''));
      expect(shown(textOf(read, 'description'))).toBe(shown(properties.body?.content ?? ''));
      expect(shown(textOf(read, 'location'))).toBe(shown(properties.location?.displayName ?? ''));
    }
  });
});
