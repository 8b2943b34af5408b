import { describe, expect, test } from '@jest/globals';
import { backupMailbox, restoreMailbox } from '../src/index.ts';
import {
  backupWork,
  buildMime,
  fakeMailboxSources,
  fakeMailboxTargets,
  fileAttachment,
  MemoryRepository,
  objectTask,
  recipient,
  restoreWork,
  workContext,
} from '../testing/index.ts';
import { failure } from './planned-failure.ts';
import { CHAIN, done, emptyMailbox, formsOf, originalMailbox, restore } from './restore-scene.ts';

describe('where messages go', () => {
  test('the original folders are found by well-known name, whatever they are called, and made where they are missing', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({ outcome: 'succeeded', issues: [], counts: { itemsTotal: 3, itemsRestored: 3 } });
    const projects = [...into.folders.values()].find(({ name }) => name === 'Projects');
    expect(projects?.parentId).toBe('posteingang');
    expect(await formsOf(into, 'posteingang')).toEqual(await formsOf(from, 'inbox'));
    expect(await formsOf(into, projects?.id ?? '')).toEqual(await formsOf(from, 'projects'));
    expect(await formsOf(into, 'gesendet')).toEqual(await formsOf(from, 'sent'));
  });

  test('in the same mailbox a renamed folder is found by its id', async () => {
    const mailbox = originalMailbox();
    const run = await restore(mailbox, mailbox);
    mailbox.changeFolder('projects', { name: 'Old projects' });
    mailbox.removeMessage('message-2');
    expect((await done(run())).counts).toMatchObject({ itemsRestored: 1, itemsSkipped: 2 });
    expect(mailbox.messagesIn('projects')).toHaveLength(1);
    expect(mailbox.folders.size).toBe(3);
  });

  test('a folder that is there under the same path is used without regard to case', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.addFolder({ id: 'theirs', name: 'PROJECTS', parentId: 'posteingang' });
    await done((await restore(from, into))());
    expect(into.messagesIn('theirs')).toHaveLength(1);
    expect(into.countOf('ensureFolder')).toBe(0);
  });

  test('a hidden folder is made hidden', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    from.addFolder({ id: 'hidden', name: 'Deep', parentId: 'inbox', hidden: true });
    from.addMessage('hidden');
    await done((await restore(from, into))());
    expect([...into.folders.values()].find(({ name }) => name === 'Deep')).toMatchObject({ hidden: true });
  });

  test('two folders that have the same place in the target bring it the messages of both, equal ones too', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    from.addFolder({ id: 'archive', name: 'Archive', wellKnownName: 'archive' });
    from.addFolder({ id: 'old', name: 'Archiv' });
    into.addFolder({ id: 'archiv', name: 'Archiv', wellKnownName: 'archive' });
    const { properties, content } = from.addMessage('archive');
    from.addMessage('old', { ...properties, id: 'equal' }, content);
    expect((await done((await restore(from, into))())).counts).toMatchObject({ itemsRestored: 5, itemsSkipped: 0 });
    expect(into.messagesIn('archiv')).toHaveLength(2);
  });

  test('below a new top folder the whole path is made anew and nothing else is touched', async () => {
    const mailbox = originalMailbox();
    const placement = { type: 'new-folder', name: 'Restored 2026-01-01' } as const;
    const result = await done((await restore(mailbox, mailbox, { placement }))());
    expect(result.counts).toMatchObject({ itemsRestored: 3, itemsSkipped: 0 });
    const top = [...mailbox.folders.values()].find(({ name }) => name === 'Restored 2026-01-01');
    const inbox = [...mailbox.folders.values()].find(({ name, parentId }) => name === 'Inbox' && parentId === top?.id);
    const projects = [...mailbox.folders.values()].find(({ parentId }) => parentId === inbox?.id);
    expect(mailbox.messagesIn(projects?.id ?? '')).toHaveLength(1);
    expect(mailbox.messagesIn('inbox')).toHaveLength(1);
  });
});

describe('what is selected', () => {
  test('a folder brings what is below it', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const result = await done((await restore(from, into, { selection: { type: 'folders', folderIds: ['inbox'] } }))());
    expect(result.counts).toMatchObject({ itemsTotal: 2, itemsRestored: 2 });
    expect(into.messagesIn('gesendet')).toEqual([]);
  });

  test('single items come alone', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const items = [{ folderId: 'sent', itemId: 'message-3' }];
    const result = await done((await restore(from, into, { selection: { type: 'items', items } }))());
    expect(result.counts).toMatchObject({ itemsTotal: 1, itemsRestored: 1 });
    expect(into.messages.size).toBe(1);
  });

  test('an item that is not in the point fails with that reason, the others are restored', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const items = [
      { folderId: 'sent', itemId: 'message-3' },
      { folderId: 'sent', itemId: 'nothing' },
      { folderId: 'nowhere', itemId: 'message-1' },
    ];
    const result = await done((await restore(from, into, { selection: { type: 'items', items } }))());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsTotal: 3, itemsRestored: 1, itemsFailed: 2 } });
    expect(result.issues.map(({ failure: { code } }) => code)).toEqual([
      'restore.not-in-point',
      'restore.not-in-point',
    ]);
  });
});

describe('what comes back', () => {
  test('dates, flags, categories, importance and read state; no draft unless it was one', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    from.addMessage('inbox', { isDraft: true });
    await done((await restore(from, into))());
    const original = from.message('message-1').properties;
    const copies = into.messagesIn('posteingang').map(({ properties }) => properties);
    const copy = copies.find(({ internetMessageId }) => internetMessageId === original.internetMessageId);
    const { id: _id, changeKey: _key, parentFolderId: _parent, ...unchanged } = original;
    expect(copy).toMatchObject(unchanged);
    expect(copies.map(({ isDraft }) => isDraft).sort()).toEqual([false, true]);
  });

  test('messages within messages, with their own attachments', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const inner = buildMime(
      {
        subject: 'Inner',
        internetMessageId: '<inner@x>',
        from: recipient('Bob <bob@example.com>'),
        sentDateTime: '2024-05-06T07:08:09Z',
      },
      { body: { contentType: 'html', content: '<p>innen</p>' }, attachments: [fileAttachment({ name: 'deep.bin' })] },
    );
    const item = { ...fileAttachment(), kind: 'item' as const, name: 'Inner', content: inner };
    from.addMessage('sent', {}, { attachments: [item, fileAttachment({ isInline: true, contentId: 'logo@x' })] });
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 4 } });
    expect(await formsOf(into, 'gesendet')).toEqual(await formsOf(from, 'sent'));
  });

  test('a link to a file in the cloud is left out, and the message ends as degraded', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const link = { ...fileAttachment(), kind: 'reference' as const, name: 'Budget.xlsx', content: new Uint8Array(0) };
    from.addMessage('sent', {}, { attachments: [link, fileAttachment()] });
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({
      outcome: 'warning',
      counts: { itemsRestored: 3, itemsDegraded: 1, itemsFailed: 0 },
    });
    expect(result.issues).toMatchObject([
      { itemId: 'message-4', folderPath: 'Sent Items', result: 'degraded', failure: { code: 'restore.link-left-out' } },
    ]);
    expect(into.messagesIn('gesendet')[1]?.content.attachments).toHaveLength(1);
  });

  test('an attachment that Microsoft refuses is left out and named', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.plan({ on: 'attach', failure: failure('invalid-input') });
    const run = await restore(from, into, {}, { verifyUpTo: 0 });
    const result = await done(run());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsRestored: 2, itemsDegraded: 1 } });
    expect(result.issues[0]?.failure).toMatchObject({ code: 'restore.attachment-refused' });
    expect(result.issues[0]?.failure.message).toContain('notes.bin');
    const again = await done(run());
    expect(again).toMatchObject({ outcome: 'warning', counts: { itemsRestored: 2, itemsDegraded: 1 } });
    expect(again.issues[0]?.failure).toMatchObject({ code: 'restore.attachment-refused' });
  });

  test('a message that was never readable fails with that reason', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    from.message('message-1').unreadable = 'all';
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsRestored: 2, itemsFailed: 1 } });
    expect(result.issues).toMatchObject([{ itemId: 'message-1', failure: { code: 'restore.never-read' } }]);
  });

  test('a message whose newest version was not readable comes back in its older one, as degraded', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const repository = new MemoryRepository();
    const backup = (taskId: string) =>
      backupMailbox({
        sources: fakeMailboxSources(from),
        writer: repository.openWriter(),
        task: objectTask({ taskId }),
        work: backupWork(),
        context: workContext(),
      });
    await backup('first');
    from.changeMessage('message-3', { subject: 'Newer' });
    from.message('message-3').unreadable = 'all';
    await backup('second');
    const point = repository.openPoint(CHAIN);
    const input = { targets: fakeMailboxTargets(into), point, work: restoreWork(), context: workContext() };
    const result = await done(restoreMailbox(input));
    expect(result.counts).toMatchObject({ itemsRestored: 2, itemsDegraded: 1, itemsFailed: 0 });
    expect(result.issues).toMatchObject([{ itemId: 'message-3', failure: { code: 'restore.older-version' } }]);
    expect(into.messagesIn('gesendet')[0]?.properties.subject).toBe('Subject 3');
  });

  test('what the target altered is found when it is read back', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.beforeRequest = ({ kind }) => {
      if (kind !== 'mime') return;
      into.beforeRequest = () => undefined;
      for (const { properties } of into.messagesIn('gesendet'))
        into.message(properties.id).content.body.content = 'altered';
    };
    into.concurrency = 1;
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsRestored: 2, itemsDegraded: 1 } });
    expect(result.issues).toMatchObject([
      { itemId: 'message-3', failure: { code: 'restore.differs', where: { members: 'body' } } },
    ]);
  });

  test('only so many messages are read back as the option says', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    for (let n = 0; n < 20; n += 1) from.addMessage('inbox');
    await done((await restore(from, into, {}, { verifyUpTo: 5 }))());
    expect(into.countOf('mime')).toBe(5);
  });
});
