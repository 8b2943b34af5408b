import { describe, expect, test } from '@jest/globals';
import { Failure, type FailureKind } from '@backhaul/domain';
import type { ItemEntry, PointReader } from '@backhaul/repository';
import { backupMailbox, readStoredMessage, type BackupMailboxInput } from '../src/index.ts';
import {
  backupWork,
  fakeMailSource,
  FakeMailbox,
  fileAttachment,
  MemoryRepository,
  objectTask,
  workContext,
} from '../testing/index.ts';

const CHAIN = { jobId: 'job-1', objectId: 'object-1' };

/** A mailbox with an inbox of three messages and an archive of one, and a repository to back it up to. */
function scene() {
  const mailbox = new FakeMailbox();
  mailbox.addFolder({ id: 'inbox', name: 'Inbox', wellKnownName: 'inbox' });
  mailbox.addFolder({ id: 'archive', name: 'Archive' });
  for (let n = 0; n < 3; n += 1) mailbox.addMessage('inbox');
  mailbox.addMessage('archive');
  const repository = new MemoryRepository();
  let runs = 0;
  const backup = (overrides: Partial<BackupMailboxInput> = {}) => {
    runs += 1;
    const task = objectTask({ taskId: `task-${runs}`, fence: runs });
    return backupMailbox({
      source: fakeMailSource(mailbox),
      writer: repository.openWriter(),
      task,
      work: backupWork(),
      context: workContext(),
      ...overrides,
    });
  };
  return { mailbox, repository, backup };
}

async function done(outcome: ReturnType<typeof backupMailbox>) {
  const result = await outcome;
  if (result.type !== 'done') throw new Error(`The work yielded: ${result.reason}`);
  return result;
}

/** Ids by folder, as a point lists them. */
async function contentsOf(point: PointReader): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {};
  for (const folder of await point.folders()) {
    contents[folder.id] = (await itemsOf(point, folder.id)).map(({ id }) => id);
  }
  return contents;
}

async function itemsOf(point: PointReader, folderId: string): Promise<ItemEntry[]> {
  const items: ItemEntry[] = [];
  for await (const item of point.items(folderId)) items.push(item);
  return items;
}

function failure(kind: FailureKind, retryAfterMs?: number): Failure {
  return new Failure(kind, {
    code: `test.${kind}`,
    message: `Planned: ${kind}.`,
    retry: 'later',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

describe('a first backup', () => {
  test('holds every folder and message, nested and hidden ones included', async () => {
    const { mailbox, repository, backup } = scene();
    mailbox.addFolder({ id: 'deep', name: 'Deep', parentId: 'archive', hidden: true });
    mailbox.addMessage('deep');
    const result = await done(backup());
    expect(result.outcome).toBe('succeeded');
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual({
      inbox: ['message-1', 'message-2', 'message-3'],
      archive: ['message-4'],
      deep: ['message-5'],
    });
    expect(result.counts).toMatchObject({
      itemsTotal: 5,
      itemsNew: 5,
      itemsChanged: 0,
      itemsMoved: 0,
      itemsDeleted: 0,
    });
    expect(result.point).toMatchObject({ sequence: 1, status: 'complete', kinds: ['mail'], itemCount: 5 });
  });

  test('stores the MIME stream and the properties as they were delivered', async () => {
    const { mailbox, repository, backup } = scene();
    const attachment = fileAttachment({ name: 'Grüße.pdf' });
    const sent = mailbox.addMessage('inbox', { subject: 'Mit Anhang' }, { attachments: [attachment] });
    await done(backup());
    const point = repository.openPoint(CHAIN);
    const entry = await point.get({ containerId: 'inbox', id: sent.properties.id });
    const stored = entry?.type === 'item' ? await readStoredMessage(entry, point) : null;
    expect(stored?.properties).toEqual(sent.properties);
    expect(Buffer.from(stored?.content as Uint8Array).toString()).toContain('Gr%C3%BC%C3%9Fe.pdf');
    expect(entry).toMatchObject({ subject: 'Mit Anhang', from: 'Grace Hopper <grace@example.com>', isRead: false });
  });

  test('finds a message that moves from a folder not yet read to one already read', async () => {
    const { mailbox, repository, backup } = scene();
    mailbox.concurrency = 1;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind !== 'changes' || about !== 'archive') return;
      mailbox.beforeRequest = () => undefined;
      mailbox.moveMessage('message-4', 'inbox');
    };
    const result = await done(backup());
    expect(result.outcome).toBe('succeeded');
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toContain('message-4');
    expect(result.counts.itemsNew).toBe(4);
  });

  test('never has more requests under way than the source allows', async () => {
    const { mailbox, backup } = scene();
    for (let n = 0; n < 40; n += 1) mailbox.addMessage('archive');
    await done(backup());
    expect(mailbox.mostRequestsAtOnce).toBe(4);
  });
});

describe('an incremental backup', () => {
  test('of an unchanged mailbox transfers no message and asks each folder once', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.requests.map(({ kind }) => kind).sort()).toEqual(['changes', 'changes', 'folders']);
    expect(result.counts).toMatchObject({ itemsTotal: 4, itemsNew: 0, itemsChanged: 0, itemsDeleted: 0, bytesRead: 0 });
    expect(repository.points(CHAIN)).toHaveLength(2);
  });

  test('transfers what is new or changed and nothing else', async () => {
    const { mailbox, backup } = scene();
    await done(backup());
    mailbox.changeMessage('message-1', { isRead: true });
    mailbox.addMessage('archive');
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.countOf('mime')).toBe(2);
    expect(result.counts).toMatchObject({
      itemsTotal: 5,
      itemsNew: 1,
      itemsChanged: 1,
      itemsMoved: 0,
      itemsDeleted: 0,
    });
  });

  test('takes out what was deleted, after every other folder has been read once more', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.removeMessage('message-2');
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.countOf('changes')).toBe(4);
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toEqual(['message-1', 'message-3']);
    expect(result.counts).toMatchObject({ itemsTotal: 3, itemsDeleted: 1, itemsNew: 0, itemsMoved: 0 });
    expect((await contentsOf(repository.openPoint(CHAIN, 1)))['inbox']).toContain('message-2');
  });

  test('counts a message that changed its folder as moved, not as new and deleted', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.moveMessage('message-1', 'archive');
    const result = await done(backup());
    expect(result.counts).toMatchObject({ itemsTotal: 4, itemsNew: 0, itemsMoved: 1, itemsDeleted: 0 });
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual({
      inbox: ['message-2', 'message-3'],
      archive: ['message-1', 'message-4'],
    });
  });

  test('does not transfer a moved message again when its change key says that it is unchanged', async () => {
    const { mailbox, repository, backup } = scene();
    mailbox.concurrency = 1;
    mailbox.movesAlterChangeKeys = false;
    await done(backup());
    mailbox.moveMessage('message-1', 'archive');
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.countOf('mime')).toBe(0);
    expect(result.counts).toMatchObject({ itemsMoved: 1, itemsNew: 0, bytesRead: 0 });
    expect((await contentsOf(repository.openPoint(CHAIN)))['archive']).toEqual(['message-1', 'message-4']);
  });

  test('keeps a message whose arrival is seen only in the closing round', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.concurrency = 1;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind !== 'changes' || about !== 'archive') return;
      mailbox.beforeRequest = () => undefined;
      mailbox.moveMessage('message-4', 'inbox');
    };
    const result = await done(backup());
    expect(result.counts).toMatchObject({ itemsTotal: 4, itemsMoved: 1, itemsDeleted: 0 });
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toContain('message-4');
  });

  test('finds a message that came since the last run and moves to a folder already read before its own is', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.concurrency = 1;
    const late = mailbox.addMessage('archive').properties.id;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind !== 'changes' || about !== 'archive') return;
      mailbox.beforeRequest = () => undefined;
      mailbox.moveMessage(late, 'inbox');
    };
    await done(backup());
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toContain(late);
  });

  test('holds a message once that moves from a folder already read to one not yet read', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.concurrency = 1;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind !== 'changes' || about !== 'archive') return;
      mailbox.beforeRequest = () => undefined;
      mailbox.moveMessage('message-1', 'archive');
    };
    const result = await done(backup());
    expect(result.counts).toMatchObject({ itemsTotal: 4, itemsMoved: 1, itemsNew: 0, itemsDeleted: 0 });
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual({
      inbox: ['message-2', 'message-3'],
      archive: ['message-1', 'message-4'],
    });
  });

  test('follows a renamed and moved folder without transferring its messages', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.changeFolder('archive', { name: 'Old things', parentId: 'inbox' });
    mailbox.requests.length = 0;
    await done(backup());
    expect(mailbox.countOf('mime')).toBe(0);
    const folders = await repository.openPoint(CHAIN).folders();
    expect(folders.find(({ id }) => id === 'archive')).toMatchObject({ name: 'Old things', parentId: 'inbox' });
  });

  test('takes out a deleted folder with its messages, except those that were moved away', async () => {
    const { mailbox, repository, backup } = scene();
    mailbox.addMessage('archive');
    await done(backup());
    mailbox.moveMessage('message-4', 'inbox');
    mailbox.removeFolder('archive');
    const result = await done(backup());
    expect(await contentsOf(repository.openPoint(CHAIN))).toEqual({
      inbox: ['message-1', 'message-2', 'message-3', 'message-4'],
    });
    expect(result.counts).toMatchObject({ itemsTotal: 4, itemsMoved: 1, itemsDeleted: 1, itemsNew: 0 });
  });

  test('does not use a cursor that was made under other options', async () => {
    const { mailbox, backup } = scene();
    await done(backup({ work: backupWork({ changeTracking: { mode: 'proprietary', onError: 'fail-object' } }) }));
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.countOf('mime')).toBe(0);
    expect(result.outcome).toBe('succeeded');
  });

  test('transfers everything when forced, and goes on from its cursors afterwards', async () => {
    const { mailbox, backup } = scene();
    await done(backup());
    mailbox.requests.length = 0;
    const forced = await done(backup({ work: backupWork({ forceFull: true }) }));
    expect(mailbox.countOf('mime')).toBe(4);
    expect(forced.counts).toMatchObject({ itemsNew: 0, itemsChanged: 0 });
    mailbox.requests.length = 0;
    await done(backup());
    expect(mailbox.requests).toHaveLength(3);
  });
});

describe('an expired cursor', () => {
  test('leads to a new listing that transfers nothing unchanged and finds deletions by comparing', async () => {
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
    for (let n = 0; n < 12; n += 1) mailbox.addMessage('archive');
    mailbox.plan({ on: 'changes', about: 'archive', nth: 2, failure: failure('expired') });
    const result = await done(backup());
    expect(mailbox.plannedFaults).toEqual([]);
    expect(result.outcome).toBe('succeeded');
    expect((await contentsOf(repository.openPoint(CHAIN)))['archive']).toHaveLength(13);
  });

  test('that keeps expiring is given up after three restarts, and the folder is carried over', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.changeMessage('message-4');
    const before = mailbox.requests.length;
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'changes' && about === 'archive') throw failure('expired');
    };
    const result = await done(backup());
    expect(mailbox.requests.slice(before).filter(({ about }) => about === 'archive')).toHaveLength(4);
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'incomplete' } });
    expect((await contentsOf(repository.openPoint(CHAIN)))['archive']).toEqual(['message-4']);
  });
});

describe('a folder that cannot be read', () => {
  test('keeps its entries, its cursor and its date, and makes the point incomplete', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.changeMessage('message-4', { subject: 'Newer' });
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'changes' && about === 'archive') throw failure('unavailable');
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
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.moveMessage('message-1', 'archive');
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'changes' && about === 'archive') throw failure('timed-out');
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
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'changes' && about === 'archive') throw failure('unavailable');
    };
    const work = backupWork({ changeTracking: { mode: 'microsoft', onError: 'fail-object' } });
    await done(backup({ work })).then(
      () => expect('the backup').toBe('failed'),
      (error: Failure) => expect(error).toMatchObject({ kind: 'unavailable', where: { folder: 'Archive' } }),
    );
    expect(repository.points(CHAIN)).toHaveLength(1);
  });

  test('is listed and compared instead when only change tracking fails', async () => {
    const { mailbox, repository, backup } = scene();
    await done(backup());
    mailbox.addMessage('archive');
    mailbox.plan({ on: 'changes', about: 'archive', failure: failure('unavailable') });
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsNew: 1 } });
    const archive = repository.points(CHAIN)[1]?.containers.find(({ containerId }) => containerId === 'archive');
    expect(archive).toMatchObject({ method: 'comparison', state: 'read' });
  });

  test('because nothing of the mailbox can be read yields no point at all', async () => {
    const { mailbox, repository, backup } = scene();
    mailbox.beforeRequest = ({ kind }) => {
      if (kind === 'changes') throw failure('unavailable');
    };
    await expect(backup()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(repository.points(CHAIN)).toEqual([]);
  });

  test('because it was deleted after the listing is taken out, not carried over', async () => {
    const { mailbox, repository, backup } = scene();
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
      const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
    mailbox.beforeRequest = ({ kind, about }) => {
      if (kind === 'mime' && about === 'message-3' && mailbox.messages.has(about)) mailbox.removeMessage(about);
    };
    const result = await done(backup());
    expect(result).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsNew: 3, itemsTotal: 3 } });
    expect((await contentsOf(repository.openPoint(CHAIN)))['inbox']).toEqual(['message-1', 'message-2']);
  });

  test('because the service is down altogether stops the work instead of filling the ledger', async () => {
    const { mailbox, repository, backup } = scene();
    for (let n = 0; n < 40; n += 1) mailbox.addMessage('inbox');
    mailbox.beforeRequest = ({ kind }) => {
      if (kind === 'mime') throw failure('unavailable');
    };
    await expect(backup()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(repository.points(CHAIN)).toEqual([]);
  });
});

describe('stopping', () => {
  test('for throttling keeps the progress, yields, and goes on from there', async () => {
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
      const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
    const task = objectTask();
    await done(backup({ task }));
    mailbox.requests.length = 0;
    const again = await done(backup({ task: { ...task, fence: 9 } }));
    expect(mailbox.requests).toEqual([]);
    expect(again).toMatchObject({ outcome: 'succeeded', point: { sequence: 1, itemCount: 4 } });
    expect(repository.points(CHAIN)).toHaveLength(1);
  });

  test('after a crash skips what the checkpoint has and reads finished folders only in the closing round', async () => {
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { mailbox, repository, backup } = scene();
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
    const { repository, backup } = scene();
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
