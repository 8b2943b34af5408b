import { describe, expect, test } from '@jest/globals';
import { readStoredMessage, type WorkContext } from '../src/index.ts';
import { backupWork, fileAttachment, workContext } from '../testing/index.ts';
import { backupScene, CHAIN, contentsOf, done } from './backup-scene.ts';

describe('a first backup', () => {
  test('holds every folder and message, nested and hidden ones included', async () => {
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, backup } = backupScene();
    for (let n = 0; n < 40; n += 1) mailbox.addMessage('archive');
    await done(backup());
    expect(mailbox.mostRequestsAtOnce).toBe(4);
  });

  test('tells from the folder listing how many messages there will be', async () => {
    const { mailbox, backup } = backupScene();
    const told: (number | undefined)[] = [];
    const onProgress: WorkContext['onProgress'] = ({ itemsExpected, phase }) => {
      if (phase !== 'starting') told.push(itemsExpected);
    };
    await backup({ context: workContext({ onProgress }) });
    expect(new Set(told)).toEqual(new Set([4]));
    told.length = 0;
    mailbox.addMessage('inbox');
    await backup({ context: workContext({ onProgress }) });
    expect(new Set(told)).toEqual(new Set([undefined]));
    told.length = 0;
    await backup({ context: workContext({ onProgress }), work: backupWork({ forceFull: true }) });
    expect(new Set(told)).toEqual(new Set([5]));
  });
});

describe('an incremental backup', () => {
  test('of an unchanged mailbox transfers no message and asks each folder once', async () => {
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.requests.map(({ kind }) => kind).sort()).toEqual(['changes', 'changes', 'folders', 'hasArchive']);
    expect(result.counts).toMatchObject({ itemsTotal: 4, itemsNew: 0, itemsChanged: 0, itemsDeleted: 0, bytesRead: 0 });
    expect(repository.points(CHAIN)).toHaveLength(2);
  });

  test('transfers what is new or changed and nothing else', async () => {
    const { mailbox, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, repository, backup } = backupScene();
    await done(backup());
    mailbox.changeFolder('archive', { name: 'Old things', parentId: 'inbox' });
    mailbox.requests.length = 0;
    await done(backup());
    expect(mailbox.countOf('mime')).toBe(0);
    const folders = await repository.openPoint(CHAIN).folders();
    expect(folders.find(({ id }) => id === 'archive')).toMatchObject({ name: 'Old things', parentId: 'inbox' });
  });

  test('takes out a deleted folder with its messages, except those that were moved away', async () => {
    const { mailbox, repository, backup } = backupScene();
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
    const { mailbox, backup } = backupScene();
    await done(backup({ work: backupWork({ changeTracking: { mode: 'proprietary', onError: 'fail-object' } }) }));
    mailbox.requests.length = 0;
    const result = await done(backup());
    expect(mailbox.countOf('mime')).toBe(0);
    expect(result.outcome).toBe('succeeded');
  });

  test('transfers everything when forced, and goes on from its cursors afterwards', async () => {
    const { mailbox, backup } = backupScene();
    await done(backup());
    mailbox.requests.length = 0;
    const forced = await done(backup({ work: backupWork({ forceFull: true }) }));
    expect(mailbox.countOf('mime')).toBe(4);
    expect(forced.counts).toMatchObject({ itemsNew: 0, itemsChanged: 0 });
    mailbox.requests.length = 0;
    await done(backup());
    expect(mailbox.requests).toHaveLength(4);
  });
});
