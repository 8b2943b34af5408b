import { describe, expect, test } from '@jest/globals';
import { Failure, failureRecord } from '@backhaul/domain';
import { readStoredEvent } from '../src/index.ts';
import { fileAttachment } from '../testing/index.ts';
import { CHAIN, contentsOf, done, wholeMailbox, wholeMailboxScene } from './backup-scene.ts';
import { failure } from './planned-failure.ts';

const COMPARISON = { mode: 'proprietary', onError: 'fail-object' } as const;

/** A scene of which only the calendar is backed up. */
function calendarScene() {
  const scene = wholeMailboxScene();
  const work = wholeMailbox({ kinds: ['calendar'] });
  return {
    ...scene,
    backup: () => scene.backup({ work }),
    compare: () => scene.backup({ work: { ...work, changeTracking: COMPARISON } }),
  };
}

const exception = {
  originalStart: '2026-03-09T09:00:00Z',
  properties: { id: 'exception-1', changeKey: 'x', subject: 'Moved' },
  attachments: [],
};

describe('a change of one occurrence, which leaves the change key of its series alone,', () => {
  test('is found because change tracking names the series', async () => {
    const { mailbox, repository, backup } = calendarScene();
    await done(backup());
    mailbox.calendar.touch('event-2').exceptions = [exception];
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.requests.filter(({ kind }) => kind === 'event')).toEqual([{ kind: 'event', about: 'event-2' }]);
    expect(result.counts).toMatchObject({ itemsChanged: 1, itemsNew: 0 });
    const point = repository.openPoint(CHAIN);
    const entry = await point.get({ containerId: 'calendar', id: 'event-2' });
    const stored = entry?.type === 'item' ? await readStoredEvent(entry, point) : null;
    expect(stored?.exceptions).toEqual([exception]);
  });

  test('is found by comparison because every series is read again, and only a changed one counts as changed', async () => {
    const { mailbox, compare } = calendarScene();
    await done(compare());
    mailbox.requests.length = 0;
    expect((await done(compare())).counts).toMatchObject({ itemsChanged: 0, itemsNew: 0 });
    expect(mailbox.requests.filter(({ kind }) => kind === 'event')).toEqual([{ kind: 'event', about: 'event-2' }]);
    mailbox.calendar.touch('event-2').exceptions = [exception];
    expect((await done(compare())).counts).toMatchObject({ itemsChanged: 1 });
  });

  test('is found also when the cursor was forgotten', async () => {
    const { mailbox, backup } = calendarScene();
    await done(backup());
    mailbox.calendar.touch('event-2').exceptions = [exception];
    mailbox.expireCursors();
    const result = await done(backup());
    expect(result.issues).toMatchObject([{ failure: { code: 'change-tracking.re-baselined' } }]);
    expect(result.counts).toMatchObject({ itemsChanged: 1, itemsNew: 0 });
  });
});

describe('a list of a calendar', () => {
  test('that breaks off deletes nothing', async () => {
    const { mailbox, repository, backup } = calendarScene();
    for (let n = 0; n < 9; n += 1) mailbox.addEvent('calendar');
    await done(backup());
    mailbox.calendar.remove('event-1');
    mailbox.beforeRequest = ({ kind }) => {
      const asked = mailbox.requests.filter((request) => request.kind === kind).length;
      if ((kind === 'eventChanges' || kind === 'eventList') && asked > 1) throw failure('timed-out');
    };
    mailbox.requests.length = 0;
    // Nothing else of the mailbox is selected, so there is nothing to make a point of.
    await expect(backup()).rejects.toMatchObject({ kind: 'timed-out' });
    expect((await contentsOf(repository.openPoint(CHAIN)))['calendar']).toContain('event-1');
    mailbox.beforeRequest = () => undefined;
    expect(await done(backup())).toMatchObject({ counts: { itemsDeleted: 1, itemsTotal: 10 } });
  });

  test('takes the place of change tracking that does not end, with a warning; the next run tracks again', async () => {
    const { mailbox, repository, backup } = calendarScene();
    await done(backup());
    const added = mailbox.addEvent('calendar').properties.id;
    const endless = { code: 'graph.endless-paging', message: 'The list does not end.', retry: 'later' } as const;
    mailbox.plan({ on: 'eventChanges', failure: new Failure('unavailable', endless) });
    const result = await done(backup());
    expect(result).toMatchObject({
      outcome: 'warning',
      point: { status: 'complete' },
      issues: [{ folderPath: 'Calendar', failure: { code: 'change-tracking.compared' } }],
    });
    expect((await contentsOf(repository.openPoint(CHAIN)))['calendar']).toContain(added);
    const [, second] = repository.points(CHAIN);
    const state = second?.containers.find(({ containerId }) => containerId === 'calendar');
    expect(state).toMatchObject({ method: 'comparison', cursor: null, state: 'read' });
    mailbox.requests.length = 0;
    expect((await done(backup())).outcome).toBe('succeeded');
    expect(mailbox.countOf('eventList')).toBe(0);
    expect(mailbox.countOf('eventChanges')).toBeGreaterThan(0);
  });
});

describe('an attachment that cannot be read', () => {
  const reason = failureRecord(failure('unreadable'));

  test('is missing in the stored event and named, and tried again by later runs', async () => {
    const { mailbox, repository, backup } = calendarScene();
    const good = fileAttachment({ name: 'good' });
    const bad = fileAttachment({ name: 'bad', content: Buffer.from('too odd') });
    const refused = { ...bad, content: new Uint8Array(0), unread: reason };
    const { id } = mailbox.addEvent('calendar', {}, { attachments: [good, refused] }).properties;
    for (let run = 0; run < 2; run += 1) {
      const result = await done(backup());
      expect(result).toMatchObject({
        outcome: 'warning',
        counts: { itemsDegraded: 1, itemsSkipped: 0, itemsTotal: 3 },
      });
      expect(result.issues).toMatchObject([
        { itemId: id, result: 'degraded', failure: { kind: 'unreadable', where: { attachment: 'bad' } } },
      ]);
    }
    const point = repository.openPoint(CHAIN);
    const entry = await point.get({ containerId: 'calendar', id });
    const stored = entry?.type === 'item' ? await readStoredEvent(entry, point) : null;
    expect(stored?.attachments.map(({ name, content, unread }) => [name, content.length, unread?.kind])).toEqual([
      ['good', 14, undefined],
      ['bad', 0, 'unreadable'],
    ]);
    mailbox.calendar.item(id).attachments = [good, bad];
    expect(await done(backup())).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsDegraded: 0 } });
  });

  test('of a message that came in parts does not cost its body', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    const attachments = [{ ...fileAttachment(), content: new Uint8Array(0), unread: reason }];
    mailbox.addMessage('inbox', {}, { attachments }, { unreadable: 'mime' });
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsDegraded: 1, itemsNew: 9 } });
  });

  test('and a photo that cannot be read leave the rest of a contact readable', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    mailbox.contacts.item('contact-1').unreadable = 'photo';
    const work = wholeMailbox({ kinds: ['contacts'] });
    expect(await done(backup({ work }))).toMatchObject({
      outcome: 'warning',
      counts: { itemsDegraded: 1, itemsNew: 2 },
    });
    mailbox.contacts.item('contact-1').unreadable = 'no';
    expect(await done(backup({ work }))).toMatchObject({ outcome: 'succeeded', counts: { itemsDegraded: 0 } });
  });
});

describe('an event that cannot be read', () => {
  test('is listed with its reason and tried again', async () => {
    const { mailbox, backup } = calendarScene();
    mailbox.calendar.item('event-1').unreadable = 'all';
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsSkipped: 1, itemsNew: 1, itemsTotal: 2 } });
    mailbox.calendar.item('event-1').unreadable = 'no';
    expect(await done(backup())).toMatchObject({ outcome: 'succeeded', counts: { itemsSkipped: 0, itemsNew: 1 } });
  });
});
