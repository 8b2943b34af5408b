import { describe, expect, test } from '@jest/globals';
import { objectTask, workContext } from '../testing/index.ts';
import { backupScene, CHAIN, contentsOf, done } from './backup-scene.ts';
import { failure } from './planned-failure.ts';

describe('stopping', () => {
  test('for throttling keeps the progress, yields, and goes on from there', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.concurrency = 1;
    mailbox.plan({ on: 'mime', about: 'message-4', failure: failure('throttled', 120_000) });
    const task = objectTask();
    const first = await backup({ task });
    expect(first).toMatchObject({ type: 'yielded', notBeforeMs: 120_000, counts: { itemsNew: 3 } });
    expect(repository.points(CHAIN)).toEqual([]);
    mailbox.requests.length = 0;
    const second = await done(backup({ task }));
    expect(mailbox.countOf('mime')).toBe(1);
    expect(second).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: 4, itemsNew: 4 } });
  });

  test('when asked to yield leaves at the next request with a checkpoint', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.concurrency = 1;
    let asked: string | null = null;
    mailbox.beforeRequest = ({ kind }) => {
      if (kind === 'mime') asked = 'The Transporter is draining.';
    };
    const outcome = await backup({ context: workContext({ shouldYield: () => asked }) });
    expect(outcome).toMatchObject({ type: 'yielded', reason: 'The Transporter is draining.', notBeforeMs: 0 });
    expect(mailbox.countOf('mime')).toBe(1);
    expect(repository.checkpointsMade).toBe(1);
  });

  test('when cancelled leaves a checkpoint and no point', async () => {
    const { mailbox, repository, backup } = backupScene();
    const controller = new AbortController();
    mailbox.beforeRequest = ({ kind }) => {
      if (kind === 'mime') controller.abort(failure('cancelled'));
    };
    await expect(backup({ context: workContext({ signal: controller.signal }) })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(repository.checkpointsMade).toBe(1);
    expect(repository.points(CHAIN)).toEqual([]);
  });

  test.each(['lease-lost', 'stale'] as const)(
    'when the work is no longer ours (%s) writes nothing more',
    async (kind) => {
      const { mailbox, repository, backup } = backupScene();
      const controller = new AbortController();
      mailbox.beforeRequest = ({ kind: request }) => {
        if (request === 'mime') controller.abort(failure(kind));
      };
      await expect(backup({ context: workContext({ signal: controller.signal }) })).rejects.toMatchObject({ kind });
      expect(repository.checkpointsMade).toBe(0);
      expect(repository.points(CHAIN)).toEqual([]);
    },
  );

  test('the lease is looked at before every request and last thing before the commit', async () => {
    const { mailbox, repository, backup } = backupScene();
    let looks = 0;
    await done(backup({ context: workContext({ checkLease: () => void (looks += 1) }) }));
    expect(looks).toBe(mailbox.requests.length + 1);
    repository.beforeWrite = (operation) => {
      if (operation === 'commit') looks = -1;
    };
    const checkLease = () => {
      if (looks === -1) throw failure('lease-lost');
    };
    await expect(backup({ context: workContext({ checkLease }) })).rejects.toMatchObject({ kind: 'lease-lost' });
    expect(repository.points(CHAIN)).toHaveLength(1);
  });
});

describe('taking a task up again', () => {
  test('whose point is there already repeats nothing and reports that point', async () => {
    const { mailbox, repository, backup } = backupScene();
    const task = objectTask();
    await done(backup({ task }));
    mailbox.requests.length = 0;
    const again = await done(backup({ task: { ...task, fence: 9 } }));
    expect(mailbox.requests).toEqual([]);
    expect(again).toMatchObject({ outcome: 'succeeded', point: { sequence: 1, itemCount: 4 } });
    expect(repository.points(CHAIN)).toHaveLength(1);
  });

  test('after a crash skips what the checkpoint has and reads finished folders only in the closing round', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.concurrency = 1;
    for (let n = 0; n < 20; n += 1) mailbox.addMessage('archive');
    repository.checkpointEvery = 5;
    let puts = 0;
    repository.beforeWrite = (operation) => {
      if (operation === 'put' && (puts += 1) === 18) throw new Error('crash');
    };
    const task = objectTask();
    await expect(backup({ task })).rejects.toThrow('crash');
    repository.beforeWrite = () => undefined;
    mailbox.requests.length = 0;
    const result = await done(backup({ task }));
    expect(mailbox.countOf('mime')).toBe(24 - 15);
    expect(result.counts).toMatchObject({ itemsTotal: 24, itemsNew: 24, itemsChanged: 0 });
    expect(mailbox.requests.filter(({ kind, about }) => kind === 'changes' && about === 'inbox')).toHaveLength(1);
  });

  test('never holds a cursor in a checkpoint that is past a removal without effect', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.concurrency = 1;
    await done(backup());
    mailbox.removeMessage('message-1');
    mailbox.addMessage('archive');
    mailbox.plan({ on: 'mime', failure: failure('throttled') });
    const task = objectTask({ taskId: 'resumed', fence: 7 });
    expect((await backup({ task })).type).toBe('yielded');
    const result = await done(backup({ task }));
    expect(result.counts).toMatchObject({ itemsDeleted: 1, itemsNew: 1, itemsTotal: 4 });
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toEqual(['message-2', 'message-3']);
  });

  test('after a stop in the closing round makes that round, so that nothing falls between', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.concurrency = 1;
    let listings = 0;
    let asked: string | null = null;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'changes' && about === 'archive') mailbox.moveMessage('message-4', 'inbox');
      if (kind === 'folders' && (listings += 1) === 2) asked = 'asked to';
    };
    const task = objectTask();
    const first = await backup({ task, context: workContext({ shouldYield: () => asked }) });
    expect(first.type).toBe('yielded');
    mailbox.beforeRequest = () => undefined;
    await done(backup({ task }));
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toContain('message-4');
  });

  test('that skipped an item before the crash still reports it', async () => {
    const { mailbox, repository, backup } = backupScene();
    mailbox.concurrency = 1;
    mailbox.message('message-1').unreadable = 'all';
    mailbox.plan({ on: 'mime', about: 'message-4', failure: failure('throttled') });
    const task = objectTask();
    expect((await backup({ task })).type).toBe('yielded');
    const result = await done(backup({ task }));
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsSkipped: 1, itemsNew: 3 } });
    expect(repository.points(CHAIN)[0]?.skipped).toMatchObject([{ itemId: 'message-1' }]);
  });

  test('of which a newer holder has committed ends as stale', async () => {
    const { repository, backup } = backupScene();
    let overtaken = false;
    repository.beforeWrite = (operation) => {
      if (operation !== 'commit' || overtaken) return;
      overtaken = true;
      repository.commitElsewhere(objectTask({ taskId: 'other', fence: 99 }));
    };
    await expect(backup()).rejects.toMatchObject({ kind: 'stale' });
    expect(repository.points(CHAIN)).toHaveLength(1);
  });
});
