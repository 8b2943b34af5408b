import { describe, expect, test } from '@jest/globals';
import type { Failure } from '@backhaul/domain';
import { readStoredMessage } from '../src/index.ts';
import { backupWork, fileAttachment } from '../testing/index.ts';
import { backupScene, CHAIN, contentsOf, done } from './backup-scene.ts';
import { failure } from './planned-failure.ts';

/** Requests for what lies in a folder. */
const WALKS = ['changes', 'list'];

describe('an expired cursor', () => {
  test('leads to a new listing that transfers nothing unchanged and finds deletions by comparing', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.removeMessage('message-1');
    mailbox.expireCursors();
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.countOf('mime')).toBe(0);
    expect(result.outcome).toBe('warning');
    expect(result.issues.map(({ failure }) => failure.code)).toEqual([
      'change-tracking.re-baselined',
      'change-tracking.re-baselined',
    ]);
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toEqual(['message-2', 'message-3']);
    expect(result.counts).toMatchObject({ itemsDeleted: 1, itemsNew: 0 });
    expect((await done(backup())).outcome).toBe('succeeded');
  });

  test('in the middle of a walk restarts that folder and loses nothing', async () => {
    const { mailbox, repository, backup } = backupScene();
    for (let n = 0; n < 12; n += 1) mailbox.addMessage('archive');
    mailbox.plan({ on: 'changes', about: 'archive', nth: 2, failure: failure('expired') });
    const result = await done(backup());
    expect(mailbox.plannedFaults).toEqual([]);
    expect(result.outcome).toBe('succeeded');
    expect((await contentsOf(repository.openPoint(CHAIN)))['archive']).toHaveLength(13);
  });

  test('that keeps expiring is given up after three restarts, and the folder, when it cannot be listed either, carried over', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.changeMessage('message-4');
    const before = mailbox.requests.length;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (WALKS.includes(kind) && about === 'archive') throw failure('expired');
    };
    const result = await done(backup());
    const asked = mailbox.requests.slice(before).filter(({ about }) => about === 'archive');
    expect(asked.map(({ kind }) => kind)).toEqual(['changes', 'changes', 'changes', 'changes', 'list']);
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'incomplete' } });
    expect((await contentsOf(repository.openPoint(CHAIN)))['archive']).toEqual(['message-4']);
  });
});

describe('a folder that cannot be read', () => {
  test('keeps its entries, its cursor and its date, and makes the point incomplete', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.changeMessage('message-4', { subject: 'Newer' });
    mailbox.beforeRequest = ({ kind, about }) => {
      if (WALKS.includes(kind) && about === 'archive') throw failure('unavailable');
    };
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'incomplete' } });
    const [first, second] = repository
      .points(CHAIN)
      .map((point) => point.containers.find((c) => c.containerId === 'archive'));
    expect(second).toEqual({ ...first, state: 'carried' });
    mailbox.beforeRequest = () => undefined;
    const later = await done(backup());
    expect(later).toMatchObject({ outcome: 'succeeded', point: { status: 'complete' }, counts: { itemsChanged: 1 } });
  });

  test('is never a source of deletions, and lets no other folder be one', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.moveMessage('message-1', 'archive');
    mailbox.beforeRequest = ({ kind, about }) => {
      if (WALKS.includes(kind) && about === 'archive') throw failure('timed-out');
    };
    await done(backup());
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toContain('message-1');
    mailbox.beforeRequest = () => undefined;
    const later = await done(backup());
    expect(later.counts).toMatchObject({ itemsMoved: 1, itemsDeleted: 0, itemsTotal: 4 });
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual({
      inbox: ['message-2', 'message-3'],
      archive: ['message-1', 'message-4'],
    });
  });

  test('fails the object when the job says so', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.beforeRequest = ({ kind, about }) => {
      if (WALKS.includes(kind) && about === 'archive') throw failure('unavailable');
    };
    const work = backupWork({ changeTracking: { mode: 'microsoft', onError: 'fail-object' } });
    await done(backup({ work })).then(
      () => expect('the backup').toBe('failed'),
      (error: Failure) => expect(error).toMatchObject({ kind: 'unavailable', where: { folder: 'Archive' } }),
    );
    expect(repository.points(CHAIN)).toHaveLength(1);
  });

  test('is listed and compared instead when only change tracking fails', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.addMessage('archive');
    mailbox.plan({ on: 'changes', about: 'archive', failure: failure('unavailable') });
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsNew: 1 } });
    const archive = repository.points(CHAIN)[1]?.containers.find(({ containerId }) => containerId === 'archive');
    expect(archive).toMatchObject({ method: 'comparison', state: 'read' });
  });

  test('because nothing of the mailbox can be read yields no point at all', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.beforeRequest = ({ kind }) => {
      if (WALKS.includes(kind)) throw failure('unavailable');
    };
    await expect(backup()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(repository.points(CHAIN)).toEqual([]);
  });

  test('because it was deleted after the listing is taken out, not carried over', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind !== 'changes' || about !== 'archive') return;
      mailbox.beforeRequest = () => undefined;
      mailbox.removeFolder('archive');
    };
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'succeeded', point: { status: 'complete' }, counts: { itemsDeleted: 1 } });
    expect(Object.keys(await contentsOf(repository.openPoint(CHAIN)))).toEqual(['inbox']);
  });
});

describe('rights and the connection', () => {
  test.each(['forbidden', 'unauthenticated', 'permission-missing', 'unreachable'] as const)(
    'a failure "%s" fails the object and is never masked as a tracking error',
    async (kind) => {
      const { mailbox, repository, backup } = backupScene();
      await done(backup());
      mailbox.beforeRequest = (request) => {
        if (request.kind === 'changes') throw failure(kind);
      };
      await expect(backup()).rejects.toMatchObject({ kind });
      expect(repository.points(CHAIN)).toHaveLength(1);
    },
  );
});

describe('a message that cannot be read', () => {
  test('as MIME is stored as its parts', async () => {
    const { mailbox, repository, backup } = backupScene();
    const attachments = [fileAttachment()];
    const odd = mailbox.addMessage('inbox', {}, { attachments }, { unreadable: 'mime' });
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsNew: 5, itemsSkipped: 0 } });
    const point = repository.openPoint(CHAIN);
    const entry = await point.get({ containerId: 'inbox', id: odd.properties.id });
    const stored = entry?.type === 'item' ? await readStoredMessage(entry, point) : null;
    expect(stored?.content).toMatchObject({ body: { content: 'Body 5' }, attachments: [{ name: 'notes.bin' }] });
  });

  test('at all is listed with its reason, the rest goes on, and the result is a warning', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.message('message-2').unreadable = 'all';
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsTotal: 4, itemsNew: 3, itemsSkipped: 1 } });
    expect(result.issues).toMatchObject([
      { itemId: 'message-2', folderPath: 'Inbox', result: 'skipped', failure: { kind: 'unreadable' } },
    ]);
    expect(result.point?.status).toBe('complete');
    expect(repository.points(CHAIN)[0]?.skipped).toHaveLength(1);
  });

  test('is tried again by later runs although its folder reports no change', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.message('message-2').unreadable = 'all';
    await done(backup());
    expect(await done(backup())).toMatchObject({ outcome: 'warning', counts: { itemsSkipped: 1, itemsNew: 0 } });
    mailbox.message('message-2').unreadable = 'no';
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsSkipped: 0, itemsNew: 1 } });
    const point = repository.openPoint(CHAIN);
    const entry = await point.get({ containerId: 'inbox', id: 'message-2' });
    expect(entry?.type === 'item' && (await readStoredMessage(entry, point))?.properties.subject).toBe('Subject 2');
  });

  test('in its newest version keeps the version that could be read', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.changeMessage('message-2', { subject: 'Poisoned' });
    mailbox.message('message-2').unreadable = 'all';
    const poisoned = await done(backup());
    expect(poisoned).toMatchObject({ outcome: 'warning', counts: { itemsSkipped: 1, itemsChanged: 0 } });
    const point = repository.openPoint(CHAIN);
    const entry = await point.get({ containerId: 'inbox', id: 'message-2' });
    expect(entry?.type === 'item' && (await readStoredMessage(entry, point))?.properties.subject).toBe('Subject 2');
    mailbox.message('message-2').unreadable = 'no';
    const healed = await done(backup());
    expect(healed).toMatchObject({ outcome: 'succeeded', counts: { itemsChanged: 1 } });
    const now = await repository.openPoint(CHAIN).get({ containerId: 'inbox', id: 'message-2' });
    expect(now).toMatchObject({ subject: 'Poisoned' });
  });

  test('leaves the ledger when it is deleted or moved to where it can be read', async () => {
    const { mailbox, backup } = backupScene();
    mailbox.message('message-1').unreadable = 'all';
    mailbox.message('message-2').unreadable = 'all';
    await done(backup());
    mailbox.removeMessage('message-1');
    mailbox.message('message-2').unreadable = 'no';
    mailbox.moveMessage('message-2', 'archive');
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsSkipped: 0, itemsTotal: 3 } });
  });

  test('because it was deleted between listing and fetching is no issue', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'mime' && about === 'message-3' && mailbox.messages.has(about)) mailbox.removeMessage(about);
    };
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsNew: 3, itemsTotal: 3 } });
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toEqual(['message-1', 'message-2']);
  });

  test('because the service is down altogether stops the work instead of filling the ledger', async () => {
    const { mailbox, repository, backup } = backupScene();
    for (let n = 0; n < 40; n += 1) mailbox.addMessage('inbox');
    mailbox.beforeRequest = ({ kind }) => {
      if (kind === 'mime') throw failure('unavailable');
    };
    await expect(backup()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(repository.points(CHAIN)).toEqual([]);
  });
});
