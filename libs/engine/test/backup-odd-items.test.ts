import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalContact,
  canonicalEvent,
  readStoredContact,
  readStoredEvent,
  readStoredMessage,
  type ContactProperties,
  type EventProperties,
} from '../src/index.ts';
import { fakeMailboxSources } from '../testing/index.ts';
import { backupScene, CHAIN, done, itemsOf, wholeMailbox, wholeMailboxScene } from './backup-scene.ts';

// The corpus lies beside the checkout, where it is present; elsewhere its test is skipped.
const CORPUS = resolve(import.meta.dirname, '../../../../shared/corpus/mail');
const samples = existsSync(CORPUS) ? readdirSync(CORPUS) : [];

(samples.length > 0 ? test : test.skip)('every message of the corpus is kept with every byte', async () => {
  const { mailbox, repository, backup } = backupScene();
  const given = new Map<string, Uint8Array>();
  for (const name of samples) {
    given.set(mailbox.addMessage('archive', { subject: name }).properties.id, readFileSync(resolve(CORPUS, name)));
  }
  const sources = fakeMailboxSources(mailbox);
  const { mail } = sources;
  const mime = async (id: string, signal: AbortSignal) => given.get(id) ?? mail.mime(id, signal);
  expect(await done(backup({ sources: { ...sources, mail: { ...mail, mime } } }))).toMatchObject({
    outcome: 'succeeded',
  });
  const point = repository.openPoint(CHAIN);
  for (const item of await itemsOf(point, 'archive')) {
    const expected = given.get(item.id);
    if (expected === undefined) continue;
    const stored = await readStoredMessage(item, point);
    expect(Buffer.from(stored?.content as Uint8Array).equals(expected)).toBe(true);
  }
});

/** Anything that JSON can hold where Microsoft promises a text: control characters, halves of pairs, nothing at all. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '\ud800', '\r\n', '\u202e', '..', 'ﬀ\u0308'),
);
const anyText = fc.option(text, { nil: null });
const anyTexts = fc.option(fc.array(anyText, { maxLength: 3 }), { nil: null });
const address = fc.option(fc.record({ name: anyText, address: anyText }, { requiredKeys: [] }), { nil: null });
const zone = text.filter((name) => name !== '');
const time = fc.option(fc.record({ dateTime: text, timeZone: zone }), { nil: null });

const oddContact = fc.record<Partial<ContactProperties>>(
  {
    displayName: anyText,
    fileAs: anyText,
    birthday: anyText,
    personalNotes: anyText,
    emailAddresses: fc.option(fc.array(address, { maxLength: 3 }), { nil: null }),
    businessPhones: anyTexts,
    categories: anyTexts,
    homeAddress: fc.constantFrom({}, null, { city: null }, { street: '\ud800' }),
  },
  { requiredKeys: [] },
);

const oddEvent = fc.record<Partial<EventProperties>>(
  {
    subject: anyText,
    start: time,
    end: time,
    isAllDay: fc.option(fc.boolean(), { nil: null }),
    body: fc.option(fc.record({ contentType: anyText, content: anyText }), { nil: null }),
    attendees: fc.option(fc.array(fc.record({ emailAddress: address, type: anyText }), { maxLength: 3 }), {
      nil: null,
    }),
    recurrence: fc.constantFrom(null, {}, { pattern: {} }, { pattern: { type: 'weekly' }, range: { type: 'endDate' } }),
    cancelledOccurrences: anyTexts,
    categories: anyTexts,
    location: fc.option(fc.record({ displayName: anyText }), { nil: null }),
  },
  { requiredKeys: [] },
);

test('contacts and events that hold anything are kept as they came, and have a canonical form', async () => {
  await fc.assert(
    fc.asyncProperty(oddContact, oddEvent, async (contact, event) => {
      const { mailbox, repository, backup } = wholeMailboxScene();
      const added = mailbox.addContact('contacts', contact).properties;
      const { parentFolderId: _calendar, ...made } = mailbox.addEvent('calendar', {
        start: null,
        ...event,
        originalStartTimeZone: event.start?.timeZone ?? '',
      }).properties;
      const result = await done(backup({ work: wholeMailbox({ kinds: ['contacts', 'calendar'] }) }));
      const point = repository.openPoint(CHAIN);
      const read = async (containerId: string, id: string) => {
        const entry = await point.get({ containerId, id });
        if (entry?.type !== 'item') throw new Error(`${id} is not there.`);
        return entry;
      };
      expect(result.outcome).toBe('succeeded');
      const storedContact = await readStoredContact(await read('contacts', added.id), point);
      const storedEvent = await readStoredEvent(await read('calendar', made.id), point);
      if (storedContact === null || storedEvent === null) throw new Error('Nothing could be read.');
      expect(storedContact.properties).toEqual(added);
      expect(storedEvent.properties).toEqual(made);
      expect(JSON.parse(JSON.stringify(canonicalContact(storedContact, [])))).toEqual(
        canonicalContact(storedContact, []),
      );
      const form = await canonicalEvent(storedEvent, []);
      expect(JSON.parse(JSON.stringify(form))).toEqual(form);
    }),
    { numRuns: 60 },
  );
});
