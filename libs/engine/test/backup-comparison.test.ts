import { describe, expect, test } from '@jest/globals';
import { setbacksAfter } from '../src/backup/hold-off.ts';
import { backupWork, eagerClock, workContext } from '../testing/index.ts';
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

  test('of an unchanged mailbox lists each folder twice: once more because nothing tells what passed by', async () => {
    const { mailbox, backup } = backupScene();
    await done(backup({ work: COMPARISON }));
    mailbox.requests.length = 0;
    expect((await done(backup({ work: COMPARISON }))).counts).toMatchObject({ itemsNew: 0, bytesRead: 0 });
    expect(mailbox.countOf('list')).toBe(4);
    expect(mailbox.countOf('mime')).toBe(0);
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

describe('change tracking that fails night after night', () => {
  const HOUR_MS = 3_600_000;

  test('is held off for a day after the third time, then tried again, and forgiven when it works', async () => {
    const { mailbox, repository, backup } = backupScene();
    let at = Date.parse('2026-01-01T00:00:00Z');
    const night = (hours: number) => {
      at += hours * HOUR_MS;
      mailbox.requests.length = 0;
      return done(backup({ context: workContext({ clock: eagerClock(new Date(at).toISOString()) }) }));
    };
    const stateOf = () =>
      repository
        .points(CHAIN)
        .at(-1)
        ?.containers.find(({ containerId }) => containerId === 'inbox');
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'changes' && about === 'inbox') throw failure('unavailable');
    };
    for (const inARow of [1, 2, 3]) {
      expect((await night(24)).issues.map(({ failure: { code } }) => code)).toEqual(['change-tracking.compared']);
      expect(stateOf()?.setbacks?.inARow).toBe(inARow);
    }
    expect(stateOf()?.setbacks?.heldOffUntil).toBe(new Date(at + 24 * HOUR_MS).toISOString());
    const held = await night(12);
    expect(held).toMatchObject({ outcome: 'warning', issues: [{ failure: { code: 'change-tracking.held-off' } }] });
    expect(mailbox.requests.filter(({ kind, about }) => kind === 'changes' && about === 'inbox')).toEqual([]);
    expect(stateOf()).toMatchObject({ method: 'comparison', setbacks: { inARow: 3 } });
    await night(13);
    expect(stateOf()?.setbacks).toEqual({ inARow: 4, heldOffUntil: new Date(at + 48 * HOUR_MS).toISOString() });
    mailbox.beforeRequest = () => undefined;
    expect(await night(49)).toMatchObject({ outcome: 'succeeded' });
    expect(stateOf()?.setbacks).toBeUndefined();
  });

  test.each([
    [2, 24],
    [3, 48],
    [4, 96],
    [5, 168],
    [50, 168],
  ])('for the time after %i failures pauses for %i hours', (before, hours) => {
    const now = new Date('2026-01-01T00:00:00Z');
    const previous = { setbacks: { inARow: before, heldOffUntil: null } };
    expect(setbacksAfter(previous, 'failed', now)).toEqual({
      inARow: before + 1,
      heldOffUntil: new Date(now.getTime() + hours * HOUR_MS).toISOString(),
    });
  });
});
