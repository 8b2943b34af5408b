import { describe, expect, test } from '@jest/globals';
import type { FailureKind } from '@backhaul/domain';
import { readStoredContact, readStoredEvent } from '../src/index.ts';
import { fileAttachment, objectTask, type RequestKind } from '../testing/index.ts';
import { CHAIN, contentsOf, done, WEEKLY, wholeMailbox, wholeMailboxScene } from './backup-scene.ts';
import { failure } from './planned-failure.ts';

describe('a backup of a whole mailbox', () => {
  test('holds mail, contacts and calendars in one point, each folder with its kind', async () => {
    const { repository, backup } = wholeMailboxScene();
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 8, itemsNew: 8 } });
    expect(result.point).toMatchObject({ status: 'complete', kinds: ['mail', 'contacts', 'calendar'], itemCount: 8 });
    const point = repository.openPoint(CHAIN);
    expect(await contentsOf(point)).toMatchObject({
      contacts: ['contact-1', 'contact-2'],
      calendar: ['event-1', 'event-2'],
    });
    const kinds = (await point.folders()).map(({ id, kind }) => [id, kind]);
    expect(Object.fromEntries(kinds)).toEqual({
      inbox: 'mail',
      archive: 'mail',
      contacts: 'contacts',
      calendar: 'calendar',
    });
  });

  test('stores a contact with its photo and an event with exceptions and attachments as they were given', async () => {
    const { mailbox, repository, backup } = wholeMailboxScene();
    const { properties } = mailbox.calendar.item('event-2');
    const exceptions = [
      {
        originalStart: '2026-03-09T09:00:00Z',
        properties: { id: 'exception-1', changeKey: 'x', subject: 'Moved' },
        attachments: [fileAttachment({ name: 'of the exception' })],
      },
    ];
    const attachments = [fileAttachment({ name: 'one' }), fileAttachment({ name: 'two', content: Buffer.from('2') })];
    const series = mailbox.addEvent('calendar', { recurrence: WEEKLY }, { exceptions, attachments });
    await done(backup());
    const point = repository.openPoint(CHAIN);
    const read = async (containerId: string, id: string) => {
      const entry = await point.get({ containerId, id });
      if (entry?.type !== 'item') throw new Error(`${id} is not in the point.`);
      return entry;
    };
    const contact = await read('contacts', 'contact-1');
    expect(contact).toMatchObject({ kind: 'contact', name: 'Person 1', address: 'person1@example.com' });
    expect(await readStoredContact(contact, point)).toEqual({
      properties: mailbox.contacts.item('contact-1').properties,
      photo: new Uint8Array(Buffer.from('a photo')),
    });
    const event = await read('calendar', series.properties.id);
    expect(event).toMatchObject({
      kind: 'event',
      isSeries: true,
      startsAt: '2026-03-02T09:00:00.000Z',
      endsAt: '2026-03-02T10:00:00.000Z',
    });
    const stored = await readStoredEvent(event, point);
    expect(plain(stored?.attachments)).toEqual(plain(attachments));
    expect(stored?.exceptions.map(({ originalStart }) => originalStart)).toEqual(['2026-03-09T09:00:00Z']);
    expect(plain(stored?.exceptions[0]?.attachments)).toEqual(plain(exceptions[0]?.attachments));
    const { parentFolderId: _calendar, ...given } = properties;
    const single = await readStoredEvent(await read('calendar', 'event-2'), point);
    expect(single).toEqual({ properties: given, attachments: [], exceptions: [] });
  });

  test('without changes asks once for each folder and transfers nothing', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    await done(backup());
    mailbox.requests.length = 0;
    const result = await done(backup());
    for (const kind of ['mime', 'photo', 'event'] as const) expect(mailbox.countOf(kind)).toBe(0);
    expect(mailbox.countOf('contactChanges')).toBe(1);
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 8, itemsNew: 0, itemsChanged: 0 } });
  });

  test('transfers what is new or changed, and takes out what was deleted', async () => {
    const { mailbox, repository, backup } = wholeMailboxScene();
    await done(backup());
    mailbox.contacts.change('contact-1', ({ properties }) => (properties.displayName = 'Renamed'));
    mailbox.contacts.remove('contact-2');
    mailbox.calendar.change('event-1', ({ properties }) => (properties.subject = 'Renamed'));
    mailbox.calendar.remove('event-2');
    const added = mailbox.addEvent('calendar').properties.id;
    const result = await done(backup());
    expect(result.counts).toMatchObject({ itemsTotal: 7, itemsNew: 1, itemsChanged: 2, itemsDeleted: 2 });
    expect(await contentsOf(repository.openPoint(CHAIN))).toMatchObject({
      contacts: ['contact-1'],
      calendar: ['event-1', added],
    });
  });

  test('goes on after a stop with the kind it was at, and reads nothing twice', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    mailbox.plan({ on: 'event', about: 'event-2', failure: failure('throttled', 120_000) });
    mailbox.concurrency = 1;
    const task = objectTask();
    expect(await backup({ task })).toMatchObject({ type: 'yielded', counts: { itemsNew: 7 } });
    mailbox.requests.length = 0;
    const result = await done(backup({ task }));
    expect(['mime', 'photo', 'event'].map((kind) => mailbox.countOf(kind as RequestKind))).toEqual([0, 0, 1]);
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 8, itemsNew: 8 } });
  });
});

describe('the kinds that a job selects', () => {
  test('are read and no other', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    const result = await done(backup({ work: wholeMailbox({ kinds: ['contacts'] }) }));
    expect(result).toMatchObject({ point: { kinds: ['contacts'], itemCount: 2 } });
    expect(new Set(mailbox.requests.map(({ kind }) => kind))).toEqual(
      new Set<RequestKind>(['contactFolders', 'contactChanges', 'photo']),
    );
  });

  test('may become more: mail goes on from its cursors', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    await done(backup({ work: wholeMailbox({ kinds: ['mail'] }) }));
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.requests.filter(({ kind }) => kind === 'changes')).toHaveLength(2);
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 8, itemsNew: 4 } });
  });

  test('may become fewer: what is not selected any more leaves the point and is not counted as deleted', async () => {
    const { repository, backup } = wholeMailboxScene();
    const whole = await done(backup());
    const result = await done(backup({ work: wholeMailbox({ kinds: ['mail'] }) }));
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 4, itemsDeleted: 0 } });
    expect(result.point).toMatchObject({ kinds: ['mail'], itemCount: 4, status: 'complete' });
    expect(Object.keys(await contentsOf(repository.openPoint(CHAIN)))).toEqual(['inbox', 'archive']);
    expect(Object.keys(await contentsOf(repository.openPoint(CHAIN, 1)))).toHaveLength(4);
    const again = await done(backup());
    expect(again.point).toMatchObject({ bytesTotal: whole.point?.bytesTotal, itemCount: 8 });
  });

  test('may be none that a mailbox has, which is refused', async () => {
    const { backup } = wholeMailboxScene();
    await expect(backup({ work: wholeMailbox({ kinds: ['files'] }) })).rejects.toMatchObject({
      kind: 'invalid-input',
      code: 'backup.nothing-selected',
      where: { field: 'kinds' },
    });
  });
});

describe('a kind that cannot be read at all', () => {
  const refuseContacts = (kind: FailureKind) => (request: { kind: RequestKind }) => {
    if (request.kind === 'contactFolders') throw failure(kind);
  };

  test.each<FailureKind>(['permission-missing', 'forbidden', 'unavailable', 'timed-out'])(
    'because of "%s" leaves the others alone, makes the point incomplete and is not covered by it',
    async (kind) => {
      const { mailbox, repository, backup } = wholeMailboxScene();
      mailbox.beforeRequest = refuseContacts(kind);
      const result = await done(backup());
      expect(result).toMatchObject({ outcome: 'warning', counts: { itemsTotal: 6 } });
      expect(result.point).toMatchObject({ status: 'incomplete', kinds: ['mail', 'calendar'] });
      expect(result.issues).toMatchObject([
        { result: 'failed', failure: { kind, code: `test.${kind}`, where: { kind: 'contacts' } } },
      ]);
      expect(Object.keys(await contentsOf(repository.openPoint(CHAIN)))).toEqual(['inbox', 'archive', 'calendar']);
    },
  );

  test('keeps what the last point has of it, with its cursors and dates', async () => {
    const { mailbox, repository, backup } = wholeMailboxScene();
    await done(backup());
    mailbox.contacts.remove('contact-1');
    mailbox.beforeRequest = refuseContacts('permission-missing');
    const result = await done(backup());
    expect(result.point).toMatchObject({ status: 'incomplete', kinds: ['mail', 'contacts', 'calendar'] });
    const [first, second] = repository
      .points(CHAIN)
      .map(({ containers }) => containers.find(({ containerId }) => containerId === 'contacts'));
    expect(second).toEqual({ ...first, state: 'carried' });
    expect(await contentsOf(repository.openPoint(CHAIN))).toMatchObject({ contacts: ['contact-1', 'contact-2'] });
    mailbox.beforeRequest = () => undefined;
    const later = await done(backup());
    expect(later).toMatchObject({ outcome: 'succeeded', point: { status: 'complete' }, counts: { itemsDeleted: 1 } });
  });

  test('and no other either fails the object with the first reason', async () => {
    const { mailbox, repository, backup } = wholeMailboxScene();
    mailbox.beforeRequest = ({ kind }) => {
      if (kind === 'folders') throw failure('forbidden');
      if (kind === 'contactFolders' || kind === 'calendars') throw failure('permission-missing');
    };
    await expect(backup()).rejects.toMatchObject({ kind: 'forbidden' });
    expect(repository.points(CHAIN)).toEqual([]);
  });

  test.each<FailureKind>(['unauthenticated', 'unreachable'])(
    'because of "%s" fails the object: that concerns the whole mailbox',
    async (kind) => {
      const { mailbox, repository, backup } = wholeMailboxScene();
      mailbox.beforeRequest = refuseContacts(kind);
      await expect(backup()).rejects.toMatchObject({ kind });
      expect(repository.points(CHAIN)).toEqual([]);
    },
  );

  test('because Microsoft asks to wait is waited for', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    mailbox.plan({ on: 'contactFolders', failure: failure('throttled', 60_000) });
    expect(await backup()).toMatchObject({ type: 'yielded', notBeforeMs: 60_000 });
  });
});

describe('an in-place archive', () => {
  test('is reported as not covered, once a run', async () => {
    const { mailbox, backup } = wholeMailboxScene();
    mailbox.hasArchive = true;
    for (let run = 0; run < 2; run += 1) {
      const result = await done(backup());
      expect(result.outcome).toBe('warning');
      expect(result.issues).toMatchObject([{ result: 'skipped', failure: { code: 'mailbox.archive-not-covered' } }]);
      expect(result.point?.status).toBe('complete');
    }
  });

  test.each([false, null])('is no matter where the answer is %s', async (answer) => {
    const { mailbox, backup } = wholeMailboxScene();
    mailbox.hasArchive = answer;
    expect(await done(backup())).toMatchObject({ outcome: 'succeeded', issues: [] });
  });
});

function plain(attachments: { name: string; content: Uint8Array }[] | undefined) {
  return attachments?.map(({ content, ...rest }) => ({ ...rest, content: Buffer.from(content).toString() }));
}
