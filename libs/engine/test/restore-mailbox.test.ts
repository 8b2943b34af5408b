import { describe, expect, test } from '@jest/globals';
import { Failure, type FailureKind, type RestoreWork } from '@backhaul/domain';
import {
  backupMailbox,
  canonicalHash,
  canonicalMessage,
  restoreMailbox,
  type RestoreMailboxInput,
} from '../src/index.ts';
import {
  backupWork,
  buildMime,
  fakeMailSource,
  fakeMailTarget,
  FakeMailbox,
  fileAttachment,
  MemoryRepository,
  objectTask,
  recipient,
  restoreWork,
  workContext,
} from '../testing/index.ts';

const CHAIN = { jobId: 'job-1', objectId: 'object-1' };

/** A mailbox to back up: an inbox with a folder below it, and sent items. */
function originalMailbox(): FakeMailbox {
  const mailbox = new FakeMailbox();
  mailbox.addFolder({ id: 'inbox', name: 'Inbox', wellKnownName: 'inbox' });
  mailbox.addFolder({ id: 'projects', name: 'Projects', parentId: 'inbox' });
  mailbox.addFolder({ id: 'sent', name: 'Sent Items', wellKnownName: 'sentitems' });
  mailbox.addMessage('inbox', {
    isRead: true,
    categories: ['Red'],
    flag: { flagStatus: 'flagged' },
    importance: 'high',
  });
  mailbox.addMessage('projects', {}, { attachments: [fileAttachment(), fileAttachment({ name: 'second.txt' })] });
  mailbox.addMessage('sent');
  return mailbox;
}

/** Another user's mailbox in another language, with the well-known folders only. */
function emptyMailbox(): FakeMailbox {
  const mailbox = new FakeMailbox();
  mailbox.addFolder({ id: 'posteingang', name: 'Posteingang', wellKnownName: 'inbox' });
  mailbox.addFolder({ id: 'gesendet', name: 'Gesendete Elemente', wellKnownName: 'sentitems' });
  return mailbox;
}

async function pointOf(mailbox: FakeMailbox) {
  const repository = new MemoryRepository();
  const source = fakeMailSource(mailbox);
  const input = { source, task: objectTask(), work: backupWork(), context: workContext() };
  await backupMailbox({ ...input, writer: repository.openWriter() });
  return repository.openPoint(CHAIN);
}

/** Restores a point of `from` into `into`. */
async function restore(
  from: FakeMailbox,
  into: FakeMailbox,
  work: Partial<RestoreWork> = {},
  rest: Partial<RestoreMailboxInput> = {},
) {
  const point = await pointOf(from);
  return () =>
    restoreMailbox({
      target: fakeMailTarget(into),
      point,
      work: restoreWork(work),
      context: workContext(),
      ...rest,
    });
}

async function done(outcome: ReturnType<typeof restoreMailbox>) {
  const result = await outcome;
  if (result.type !== 'done') throw new Error(`The work yielded: ${result.reason}`);
  return result;
}

/** Canonical hashes by folder, sorted: what is in a mailbox, whatever its ids. */
async function formsOf(mailbox: FakeMailbox, folderId: string): Promise<string[]> {
  const forms = mailbox
    .messagesIn(folderId)
    .map(({ properties, content }) => canonicalMessage(properties, buildMime(properties, content), []));
  return (await Promise.all(forms)).map(canonicalHash).sort();
}

function failure(kind: FailureKind, retryAfterMs?: number): Failure {
  return new Failure(kind, {
    code: `test.${kind}`,
    message: `Planned: ${kind}.`,
    retry: 'later',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

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
    const result = await done((await restore(from, into, {}, { verifyUpTo: 0 }))());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsRestored: 2, itemsDegraded: 1 } });
    expect(result.issues[0]?.failure).toMatchObject({ code: 'restore.attachment-refused' });
    expect(result.issues[0]?.failure.message).toContain('notes.bin');
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
        source: fakeMailSource(from),
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
    const input = { target: fakeMailTarget(into), point, work: restoreWork(), context: workContext() };
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

describe('what is there already', () => {
  test('"skip" leaves out the same message and restores one that has changed since', async () => {
    const mailbox = originalMailbox();
    const run = await restore(mailbox, mailbox);
    mailbox.changeMessage('message-1', { isRead: false });
    const result = await done(run());
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 1, itemsSkipped: 2 } });
    expect(mailbox.messagesIn('inbox').map(({ properties }) => properties.isRead)).toEqual([false, true]);
    expect(result.issues.map(({ result: end, failure: { code } }) => [end, code])).toEqual([
      ['skipped', 'restore.already-there'],
      ['skipped', 'restore.already-there'],
    ]);
  });

  test('"only-missing" leaves out every version of it', async () => {
    const mailbox = originalMailbox();
    const run = await restore(mailbox, mailbox, { collision: 'only-missing' });
    mailbox.changeMessage('message-1', { isRead: false });
    mailbox.removeMessage('message-3');
    expect((await done(run())).counts).toMatchObject({ itemsRestored: 1, itemsSkipped: 2 });
    expect(mailbox.messagesIn('inbox')).toHaveLength(1);
    expect(mailbox.messagesIn('sent')).toHaveLength(1);
  });

  test('"replace" puts the restored version in the place of others and leaves unchanged ones alone', async () => {
    const mailbox = originalMailbox();
    const run = await restore(mailbox, mailbox, { collision: 'replace' });
    mailbox.changeMessage('message-1', { isRead: false });
    expect((await done(run())).counts).toMatchObject({ itemsRestored: 1, itemsSkipped: 2 });
    expect(mailbox.messagesIn('inbox').map(({ properties }) => properties.isRead)).toEqual([true]);
    expect(mailbox.messages.has('message-1')).toBe(false);
    expect(mailbox.messages.has('message-2')).toBe(true);
  });

  test('"keep-both" creates in any case', async () => {
    const mailbox = originalMailbox();
    expect((await done((await restore(mailbox, mailbox, { collision: 'keep-both' }))())).counts.itemsRestored).toBe(3);
    expect(mailbox.messages.size).toBe(6);
  });

  test('two equal messages of the point are both restored, also when one of them is still there', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const { properties, content } = from.message('message-3');
    from.addMessage('sent', { ...properties, id: 'twin' }, content);
    await done((await restore(from, into))());
    expect(into.messagesIn('gesendet')).toHaveLength(2);
    const same = await restore(from, from);
    from.removeMessage('twin');
    expect((await done(same())).counts).toMatchObject({ itemsRestored: 1, itemsSkipped: 3 });
    expect(from.messagesIn('sent')).toHaveLength(2);
  });
});

describe('nothing is doubled', () => {
  test('a restore that runs again finds its own messages by their marks', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const run = await restore(from, into, { collision: 'keep-both' });
    await done(run());
    into.requests.length = 0;
    const again = await done(run());
    expect(again).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 3, itemsSkipped: 0 } });
    expect(into.countOf('create')).toBe(0);
    expect(into.messages.size).toBe(3);
  });

  test('a creation whose answer was lost is looked up, not repeated', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.plan({ on: 'create', failure: failure('unavailable'), answerLost: true });
    const result = await done((await restore(from, into))());
    expect(into.plannedFaults).toEqual([]);
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 3 } });
    expect(into.countOf('create')).toBe(3);
    expect(into.messages.size).toBe(3);
  });

  test('a creation that did not take place is made once more', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.plan({ on: 'create', failure: failure('timed-out') });
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 3 } });
    expect(into.messages.size).toBe(3);
  });

  test('an attachment of which it is not known whether it was added leads to the message being made anew', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.plan({ on: 'attach', nth: 2, failure: failure('unavailable'), answerLost: true });
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 3 } });
    const projects = [...into.folders.values()].find(({ name }) => name === 'Projects');
    expect(into.messagesIn(projects?.id ?? '').map(({ content }) => content.attachments.length)).toEqual([2]);
  });

  test('what an earlier attempt left half made is removed and made anew', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const run = await restore(from, into);
    into.beforeRequest = ({ kind }) => {
      if (kind === 'attach') throw new Error('crash');
    };
    await expect(run()).rejects.toThrow('crash');
    into.beforeRequest = () => undefined;
    const half = [...into.messages.values()].filter(({ mark }) => mark?.complete === false);
    expect(half).toHaveLength(1);
    expect(await done(run())).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 3 } });
    expect(into.messages.size).toBe(3);
    expect(into.messages.has(half[0]?.properties.id ?? '')).toBe(false);
  });

  test('a message that could not be finished leaves nothing behind', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.beforeRequest = ({ kind }) => {
      if (kind === 'attach') throw failure('unavailable');
    };
    const result = await done((await restore(from, into))());
    expect(result).toMatchObject({ outcome: 'warning', counts: { itemsRestored: 2, itemsFailed: 1 } });
    expect(into.messages.size).toBe(2);
  });

  test('equal messages that are restored side by side are not taken for each other', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    const { properties, content } = from.message('message-3');
    for (let n = 0; n < 6; n += 1) from.addMessage('sent', { ...properties, id: `twin-${n}` }, content);
    for (const collision of ['replace', 'skip', 'only-missing'] as const) {
      into.messages.clear();
      await done((await restore(from, into, { collision, restoreId: collision }))());
      expect(into.messagesIn('gesendet')).toHaveLength(7);
    }
  });
});

describe('stopping', () => {
  test('for throttling yields, and the next attempt goes on', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.plan({ on: 'create', nth: 2, failure: failure('throttled', 90_000) });
    const run = await restore(from, into);
    expect(await run()).toMatchObject({ type: 'yielded', notBeforeMs: 90_000 });
    expect(await done(run())).toMatchObject({ outcome: 'succeeded', counts: { itemsRestored: 3 } });
    expect(into.messages.size).toBe(3);
  });

  test.each(['lease-lost', 'stale', 'cancelled'] as const)(
    'a restore that is %s makes no further request',
    async (kind) => {
      const [from, into] = [originalMailbox(), emptyMailbox()];
      into.concurrency = 1;
      const controller = new AbortController();
      into.beforeRequest = (request) => {
        if (request.kind === 'create') controller.abort(failure(kind));
      };
      const run = await restore(from, into, {}, { context: workContext({ signal: controller.signal }) });
      await expect(run()).rejects.toMatchObject({ kind });
      expect(into.countOf('create')).toBe(1);
    },
  );

  test.each(['quota', 'forbidden', 'permission-missing'] as const)('"%s" ends the whole restore', async (kind) => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    into.plan({ on: 'create', failure: failure(kind) });
    await expect((await restore(from, into))()).rejects.toMatchObject({ kind });
  });

  test('the limit of requests at once is kept', async () => {
    const [from, into] = [originalMailbox(), emptyMailbox()];
    for (let n = 0; n < 30; n += 1) from.addMessage('inbox', {}, { attachments: [fileAttachment()] });
    await done((await restore(from, into))());
    expect(into.mostRequestsAtOnce).toBe(4);
  });
});
