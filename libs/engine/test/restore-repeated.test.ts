import { describe, expect, test } from '@jest/globals';
import { fileAttachment, workContext } from '../testing/index.ts';
import { failure } from './planned-failure.ts';
import { done, emptyMailbox, originalMailbox, restore } from './restore-scene.ts';

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

  test('a message that Microsoft cannot deliver is not taken for the same one, and keeps no other from coming back', async () => {
    const mailbox = originalMailbox();
    const run = await restore(mailbox, mailbox);
    mailbox.message('message-1').unreadable = 'all';
    expect((await done(run())).counts).toMatchObject({ itemsRestored: 1, itemsSkipped: 2, itemsFailed: 0 });
    expect(mailbox.messagesIn('inbox')).toHaveLength(2);
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

  test('"replace" that was stopped before it removed the other version removes it when it goes on', async () => {
    const mailbox = originalMailbox();
    const run = await restore(mailbox, mailbox, { collision: 'replace' });
    mailbox.changeMessage('message-1', { isRead: false });
    mailbox.plan({ on: 'remove', failure: failure('lease-lost') });
    await expect(run()).rejects.toMatchObject({ kind: 'lease-lost' });
    expect(mailbox.messagesIn('inbox')).toHaveLength(2);
    expect((await done(run())).counts).toMatchObject({ itemsRestored: 1, itemsSkipped: 2 });
    expect(mailbox.messagesIn('inbox').map(({ properties }) => properties.isRead)).toEqual([true]);
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
      into.mail.items.clear();
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

  test('the number of items is told as soon as it is known', async () => {
    const told: (number | undefined)[] = [];
    const onProgress = ({ itemsExpected }: { itemsExpected?: number }) => void told.push(itemsExpected);
    const run = await restore(originalMailbox(), emptyMailbox(), {}, { context: workContext({ onProgress }) });
    await done(run());
    expect(told).toEqual([undefined, 3, 3, 3, 3]);
  });
});
