import { describe, expect, test } from '@jest/globals';
import type { Attendee, EventProperties, SourceEvent } from '../src/index.ts';
import { restorableEvent } from '../src/restore/event/restorable-event.ts';
import { fileAttachment, recipient } from '../testing/index.ts';

const ZONE = 'W. Europe Standard Time';

function stored(properties: Partial<EventProperties> = {}, rest: Partial<SourceEvent> = {}): SourceEvent {
  return {
    properties: {
      id: 'e1',
      changeKey: 'k1',
      type: 'singleInstance',
      subject: 'Review',
      body: { contentType: 'html', content: '<html><body><p>Agenda</p></body></html>' },
      start: { dateTime: '2026-03-02T10:00:00.0000000', timeZone: ZONE },
      end: { dateTime: '2026-03-02T11:00:00.0000000', timeZone: ZONE },
      originalStartTimeZone: ZONE,
      isOrganizer: true,
      organizer: recipient('Ada Lovelace <ada@example.com>'),
      ...properties,
    },
    attachments: [],
    exceptions: [],
    ...rest,
  };
}

const attendee = (text: string, type: string, response: string): Attendee => ({
  ...recipient(text),
  type,
  status: { response, time: '0001-01-01T00:00:00Z' },
});
const attendees = [
  attendee('Grace <Hopper> & Sons <grace@example.com>', 'required', 'accepted'),
  attendee('room@example.com', 'resource', 'none'),
];

const codes = ({ losses }: { losses: readonly { code: string }[] }) => losses.map(({ code }) => code);

describe('what is created of an event', () => {
  test('keeps its times in the zone it was made in', async () => {
    const { fields, losses } = await restorableEvent(stored({ reminderMinutesBeforeStart: 15, isReminderOn: true }));
    expect(losses).toEqual([]);
    expect(fields).toMatchObject({
      start: { dateTime: '2026-03-02T10:00:00.0000000', timeZone: ZONE },
      end: { dateTime: '2026-03-02T11:00:00.0000000', timeZone: ZONE },
      isReminderOn: true,
      reminderMinutesBeforeStart: 15,
    });
  });

  test('never names people, online meetings, ids or anything else that the service says by itself', async () => {
    const { fields } = await restorableEvent(
      stored({
        attendees,
        iCalUId: 'uid',
        transactionId: 't',
        webLink: 'https://…',
        isOnlineMeeting: true,
        onlineMeeting: { joinUrl: 'https://meet.example/1' },
        responseStatus: { response: 'organizer' },
        seriesMasterId: null,
        cancelledOccurrences: [],
      }),
    );
    expect(Object.keys(fields).sort()).toEqual([
      'allowNewTimeProposals',
      'body',
      'categories',
      'end',
      'importance',
      'isAllDay',
      'isReminderOn',
      'location',
      'reminderMinutesBeforeStart',
      'responseRequested',
      'sensitivity',
      'showAs',
      'start',
      'subject',
    ]);
  });

  test('of a whole day goes from midnight to midnight, the nearest one when its zone was not known', async () => {
    const { fields } = await restorableEvent(
      stored({
        isAllDay: true,
        start: { dateTime: '2026-03-01T23:00:00.0000000', timeZone: 'UTC' },
        end: { dateTime: '2026-03-02T23:00:00.0000000', timeZone: 'UTC' },
      }),
    );
    expect(fields.start).toEqual({ dateTime: '2026-03-02T00:00:00', timeZone: 'UTC' });
    expect(fields.end).toEqual({ dateTime: '2026-03-03T00:00:00', timeZone: 'UTC' });
  });

  test('several places are told as a list, without ids of a directory', async () => {
    const places = ['Room 1', 'Room 2'].map((displayName) => ({
      displayName,
      uniqueId: displayName,
      uniqueIdType: 'directory',
      address: { city: 'Berlin' },
    }));
    const { fields } = await restorableEvent(stored({ location: places[0] ?? null, locations: places }));
    expect(fields).not.toHaveProperty('location');
    expect(fields.locations).toEqual([
      { displayName: 'Room 1', address: { city: 'Berlin' } },
      { displayName: 'Room 2', address: { city: 'Berlin' } },
    ]);
  });

  test('a recurrence keeps what its range uses; empty zones and years 1 are not told', async () => {
    const pattern = { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'monday' };
    const range = {
      type: 'noEnd',
      startDate: '2026-03-02',
      endDate: '0001-01-01',
      numberOfOccurrences: 0,
      recurrenceTimeZone: '',
    };
    const { fields } = await restorableEvent(stored({ type: 'seriesMaster', recurrence: { pattern, range } }));
    expect(fields.recurrence).toEqual({ pattern, range: { type: 'noEnd', startDate: '2026-03-02' } });
  });
});

describe('people', () => {
  test('stand at the end of an HTML body, as text that no reader takes for HTML', async () => {
    const restorable = await restorableEvent(stored({ attendees }));
    expect(codes(restorable)).toEqual(['restore.attendees-in-body']);
    const { contentType, content } = restorable.fields.body ?? {};
    expect(contentType).toBe('html');
    expect(content).toMatch(/^<html><body><p>Agenda<\/p><hr>.*<\/p><\/body><\/html>$/s);
    expect(content).toContain('Organizer: Ada Lovelace &lt;ada@example.com&gt;');
    expect(content).toContain('- Grace &lt;Hopper&gt; &amp; Sons &lt;grace@example.com&gt; (required, accepted)');
    expect(content).toContain('- room@example.com (resource)');
    expect(restorable.event.properties.attendees).toEqual([]);
  });

  test('stand below a text body, one on a line whatever their names are', async () => {
    const evil = attendee('x', 'optional', 'declined');
    evil.emailAddress = { name: 'Line\r\nbreak', address: 'x@example.com' };
    const body = { contentType: 'text', content: 'Agenda' };
    const { fields } = await restorableEvent(stored({ body, attendees: [evil] }));
    expect(fields.body?.content?.split('\n')).toEqual([
      'Agenda',
      '',
      '_'.repeat(40),
      'Restored by Backhaul without inviting anybody. When it was backed up:',
      'Organizer: Ada Lovelace <ada@example.com>',
      'Attendees:',
      '- Line break <x@example.com> (optional, declined)',
      '',
    ]);
  });

  test.each<[string, Partial<EventProperties>, string[]]>([
    ['an appointment of one’s own', {}, []],
    ['a meeting that somebody else organizes', { isOrganizer: false, organizer: recipient('b@x') }, ['Organizer: b@x']],
    [
      'one that its organizer had cancelled',
      { isOrganizer: false, isCancelled: true, organizer: recipient('b@x') },
      ['Organizer: b@x', 'The organizer had cancelled it.'],
    ],
    ['a meeting of nobody known', { isOrganizer: false, organizer: null, attendees: [null, {}] }, []],
  ])('%s', async (_what, properties, lines) => {
    const body = { contentType: 'text', content: '' };
    const restorable = await restorableEvent(stored({ body, ...properties }));
    expect((restorable.fields.body?.content ?? '').split('\n').slice(4, -1)).toEqual(lines);
    expect(codes(restorable)).toEqual(lines.length === 0 ? [] : ['restore.attendees-in-body']);
  });

  test('are not added once more to an event that was restored before', async () => {
    const first = await restorableEvent(stored({ attendees }));
    const again = await restorableEvent(first.event);
    expect(again.losses).toEqual([]);
    expect(again.fields.body).toEqual(first.fields.body);
  });
});

describe('what is lost of an event', () => {
  test('an online meeting, with the address that took part in it', async () => {
    const { losses } = await restorableEvent(
      stored({ isOnlineMeeting: true, onlineMeeting: { joinUrl: 'https://meet.example/1' } }),
    );
    expect(losses).toMatchObject([{ code: 'restore.online-meeting-left-out' }]);
    expect(losses[0]?.message).toContain('https://meet.example/1');
  });

  test('links, attachments that were never read, and items that come back as files, each named once', async () => {
    const attachments = [
      fileAttachment({ kind: 'reference', name: 'Plan.docx', content: new Uint8Array() }),
      fileAttachment({ kind: 'item', name: 'card', contentType: '', content: Buffer.from('BEGIN:VCARD\r\n') }),
      fileAttachment({
        name: 'lost.bin',
        content: new Uint8Array(),
        unread: { kind: 'unreadable', code: 'x', message: 'x', retry: 'never' },
      }),
      fileAttachment({ name: 'kept.bin' }),
    ];
    const exception = { originalStart: '2026-03-09T09:00:00Z', properties: stored().properties, attachments };
    const restorable = await restorableEvent(stored({}, { attachments, exceptions: [exception] }));
    expect(codes(restorable).sort()).toEqual([
      'restore.attachment-never-read',
      'restore.item-as-file',
      'restore.link-left-out',
    ]);
    expect(restorable.attachments).toMatchObject([
      { kind: 'file', name: 'card', contentType: 'text/vcard' },
      { kind: 'file', name: 'kept.bin' },
    ]);
    expect(restorable.event.attachments.map(({ kind, name }) => [kind, name])).toEqual([
      ['file', 'card'],
      ['file', 'kept.bin'],
    ]);
    expect(restorable.changed[0]?.attachments).toHaveLength(2);
  });
});
