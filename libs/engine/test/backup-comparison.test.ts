import { describe, expect, test } from '@jest/globals';
import { backupWork } from '../testing/index.ts';
import { backupScene, CHAIN, contentsOf, done } from './backup-scene.ts';
import { failure } from './planned-failure.ts';

const COMPARISON = backupWork({ changeTracking: { mode: 'proprietary', onError: 'fail-object' } });
const FULL = backupWork({ changeTracking: { mode: 'full', onError: 'fail-object' } });

describe('comparison', () => {
  test('lists every folder, fetches the differences, and needs no change tracking', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup({ work: COMPARISON }));
    mailbox.changeMessage('message-1');
    mailbox.removeMessage('message-2');
    mailbox.moveMessage('message-3', 'archive');
    const added = mailbox.addMessage('inbox').properties.id;
    mailbox.requests.length = 0;
    const result = await done(backup({ work: COMPARISON }));
    expect(mailbox.countOf('changes')).toBe(0);
    expect(mailbox.countOf('mime')).toBe(3);
    expect(result.counts).toMatchObject({
      itemsNew: 1,
      itemsChanged: 1,
      itemsDeleted: 1,
      itemsMoved: 1,
      itemsTotal: 4,
    });
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual({
      inbox: ['message-1', added],
      archive: ['message-3', 'message-4'],
    });
    const states = repository.points(CHAIN)[1]?.containers.filter(({ containerId }) => containerId !== '');
    expect(states).toMatchObject([
      { method: 'comparison', cursor: null },
      { method: 'comparison', cursor: null },
    ]);
  });

  test('infers no deletion from a list of which one page fails', async () => {
    const { mailbox, repository, backup } = backupScene();
    for (let n = 0; n < 12; n += 1) mailbox.addMessage('archive');
    await done(backup({ work: COMPARISON }));
    mailbox.removeMessage('message-16');
    mailbox.removeMessage('message-1');
    let pages = 0;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'list' && about === 'archive' && (pages += 1) % 2 === 0) throw failure('unavailable');
    };
    const result = await done(backup({ work: COMPARISON }));
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'incomplete' }, counts: { itemsDeleted: 0 } });
    const contents = await contentsOf(repository.openPoint(CHAIN));
    expect(contents['archive']).toHaveLength(13);
    // With one folder unread, what left another one may have moved there.
    expect(contents['inbox']).toContain('message-1');
    mailbox.beforeRequest = () => undefined;
    expect(await done(backup({ work: COMPARISON }))).toMatchObject({
      outcome: 'succeeded',
      counts: { itemsDeleted: 2 },
    });
  });

  test('begins a list anew whose links expire on the way', async () => {
    const { mailbox, backup } = backupScene();
    for (let n = 0; n < 12; n += 1) mailbox.addMessage('archive');
    mailbox.plan({ on: 'list', about: 'archive', nth: 2, failure: failure('expired') });
    const result = await done(backup({ work: COMPARISON }));
    expect(mailbox.plannedFaults).toEqual([]);
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 16 } });
  });

  test('finds a message that is moved from a folder not yet listed to one already listed', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.concurrency = 1;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind !== 'list' || about !== 'archive') return;
      mailbox.beforeRequest = () => undefined;
      mailbox.moveMessage('message-4', 'inbox');
    };
    await done(backup({ work: COMPARISON }));
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toContain('message-4');
  });
});

describe('always full', () => {
  test('lists and transfers everything in every run', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup({ work: FULL }));
    mailbox.removeMessage('message-2');
    mailbox.requests.length = 0;
    const result = await done(backup({ work: FULL }));
    expect(mailbox.countOf('changes')).toBe(0);
    expect(mailbox.countOf('mime')).toBe(3);
    expect(result.counts).toMatchObject({ itemsNew: 0, itemsChanged: 0, itemsDeleted: 1 });
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toEqual(['message-1', 'message-3']);
  });
});

describe('change tracking that fails', () => {
  test.each(['unavailable', 'timed-out', 'invalid-input', 'quota'] as const)(
    'with "%s" from the very first walk is replaced by a list',
    async (kind) => {
      const { mailbox, repository, backup } = backupScene();
      mailbox.beforeRequest = (request) => {
        if (request.kind === 'changes') throw failure(kind);
      };
      const result = await done(backup());
      expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsTotal: 4 } });
      expect(result.issues.map(({ failure: { code } }) => code)).toEqual([
        'change-tracking.compared',
        'change-tracking.compared',
      ]);
      mailbox.beforeRequest = () => undefined;
      mailbox.requests.length = 0;
      mailbox.removeMessage('message-1');
      const later = await done(backup());
      expect(mailbox.countOf('mime')).toBe(0);
      expect(later).toMatchObject({ outcome: 'succeeded', counts: { itemsDeleted: 1, itemsNew: 0 } });
      expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toEqual(['message-2', 'message-3']);
    },
  );

  test('in the middle of a walk transfers nothing twice', async () => {
    const { mailbox, backup } = backupScene();
    for (let n = 0; n < 12; n += 1) mailbox.addMessage('archive');
    mailbox.plan({ on: 'changes', about: 'archive', nth: 3, failure: failure('unavailable') });
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsNew: 16, itemsTotal: 16 } });
    expect(mailbox.countOf('mime')).toBe(16);
  });
});
