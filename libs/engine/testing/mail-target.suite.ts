import { Failure } from '@backhaul/domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MessageProperties } from '../src/mail-source.ts';
import type { MailTarget, MessageToCreate, TwinQuery } from '../src/mail-target.ts';
import { readMessageContent } from '../src/mime/message-content.ts';
import { againWhenLost } from './again-when-lost.ts';
import { recipient } from './builders.ts';
import { failureOf } from './failure-of.ts';
import type { MailboxUnderTest, OpenMailbox } from './mailbox-under-test.ts';
import { walk } from './walk.ts';

const { signal } = new AbortController();

/** What every implementation of {@link MailTarget} promises. What is there afterwards is read through the source. */
export function mailTargetSuite(name: string, open: OpenMailbox): void {
  describe(`mail target ${name}`, () => {
    let mailbox: MailboxUnderTest;
    let target: MailTarget;
    let inbox: string;

    beforeEach(async () => {
      mailbox = await open();
      target = mailbox.target;
      inbox = (await target.folders(signal)).find(({ wellKnownName }) => wellKnownName === 'inbox')?.id ?? '';
    });
    afterEach(() => mailbox.close());

    async function messagesIn(folderId: string): Promise<MessageProperties[]> {
      return [...(await walk(mailbox.source, folderId)).changed.values()];
    }

    describe('a folder', () => {
      const named = async (wanted: string) =>
        (await target.folders(signal)).filter(({ name: listed }) => listed === wanted);

      test('is made once, whatever the case of its name', async () => {
        const first = await target.ensureFolder('', 'Überblick', { hidden: false }, signal);
        const second = await target.ensureFolder('', 'überblick', { hidden: false }, signal);
        expect([second.id, second.name]).toEqual([first.id, 'Überblick']);
        expect(await named('Überblick')).toMatchObject([{ id: first.id, parentId: '', hidden: false }]);
      });

      test('is made below another one under a name that the other one bears too, hidden where that is asked', async () => {
        const above = await target.ensureFolder('', 'Twice', { hidden: false }, signal);
        const below = await target.ensureFolder(above.id, 'Twice', { hidden: true }, signal);
        expect(await named('Twice')).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ id: above.id, parentId: '', hidden: false }),
            expect.objectContaining({ id: below.id, parentId: above.id, hidden: true }),
          ]),
        );
      });

      test('that somebody else has made is found', async () => {
        const theirs = await mailbox.addFolder(inbox, 'Projects');
        expect((await target.ensureFolder(inbox, 'PROJECTS', { hidden: false }, signal)).id).toBe(theirs);
      });

      test('whose answer was lost is there once', async () => {
        await mailbox.loseAnswer('ensureFolder');
        const ensure = () => target.ensureFolder('', 'Lost', { hidden: false }, signal);
        const made = await againWhenLost(ensure);
        expect(await named('Lost')).toMatchObject([{ id: made.id }]);
      });
    });

    describe('a created message', () => {
      test('is as it was: people, dates, flag, categories, importance, read state; and no draft', async () => {
        const folder = await target.ensureFolder('', 'Restored', { hidden: false }, signal);
        const { id } = await target.create(folder.id, message(), signal);
        const [made, ...others] = await messagesIn(folder.id);
        expect(others).toEqual([]);
        const { body, mark: _mark, extendedProperties: _extended, ...stated } = message();
        expect(made).toMatchObject({ ...stated, id, isDraft: false, hasAttachments: false });
        expect((await readMessageContent(await target.mime(id, signal))).body).toEqual(body);
      });

      test.each([
        ['read', { isRead: true }],
        ['unread', { isRead: false }],
        ['a draft when it was one', { isDraft: true }],
        ['flagged as complete', { flag: { flagStatus: 'complete' } }],
        ['without a subject, recipients or id', { subject: '', toRecipients: [], internetMessageId: null }],
      ])('is %s', async (_what, given: Partial<MessageToCreate>) => {
        await target.create(inbox, message(given), signal);
        const { internetMessageId, ...rest } = given;
        expect(await messagesIn(inbox)).toMatchObject([rest]);
        if (internetMessageId === null) return;
        expect((await messagesIn(inbox))[0]?.internetMessageId).toBe(message().internetMessageId);
      });

      test('keeps the extended properties it had', async () => {
        const extendedProperties = [{ id: 'String 0x001A', value: 'IPM.Note.SMIME' }];
        await target.create(inbox, message({ extendedProperties }), signal);
        const values = (await messagesIn(inbox))[0]?.singleValueExtendedProperties?.map(({ value }) => value);
        expect(values).toContain('IPM.Note.SMIME');
      });

      test('whose answer was lost is there once, and is found by its mark', async () => {
        await mailbox.loseAnswer('create');
        const created = target.create(inbox, message(), signal);
        expect(await failureOf(created)).toMatchObject({ kind: 'unavailable' });
        const [made, ...others] = await messagesIn(inbox);
        expect(others).toEqual([]);
        expect(await target.findMarked(inbox, 'restore-1', signal)).toEqual([{ id: made?.id, mark: message().mark }]);
      });

      test('in a folder that is gone is refused, and is nowhere', async () => {
        const folder = await mailbox.addFolder('', 'Short-lived');
        await mailbox.removeFolder(folder);
        const created = target.create(folder, message(), signal);
        expect(await failureOf(created)).toMatchObject({ kind: 'not-found' });
      });

      test('leaves the mailbox silent', async () => {
        await target.create(inbox, message(), signal);
        expect(await mailbox.mailsSent()).toBe(0);
      });
    });

    describe('attachments', () => {
      const threeMegabytes = 3 * 1024 * 1024;
      test.each([
        ['of no byte', 0],
        ['of a few bytes', 5],
        ['just below what needs an upload session', threeMegabytes - 1_024],
        ['just as large as needs one', threeMegabytes],
        ['of several fragments', 9 * 1024 * 1024 + 5],
      ])('%s arrive byte for byte', async (_what, size) => {
        const { id } = await target.create(inbox, message(), signal);
        const content = patterned(size);
        await target.attach(id, { ...file, name: 'Übersicht (1).bin', content }, signal);
        const { attachments } = await mailbox.source.parts(id, signal);
        expect(attachments).toMatchObject([{ kind: 'file', name: 'Übersicht (1).bin', isInline: false }]);
        expect(Buffer.compare(attachments[0]?.content ?? Buffer.from('none'), content)).toBe(0);
        expect((await messagesIn(inbox))[0]?.isDraft).toBe(false);
      });

      test.each([
        ['small', 3],
        ['large', threeMegabytes],
      ])('that are shown in the body keep their content id (%s)', async (_what, size) => {
        const { id } = await target.create(inbox, message(), signal);
        const image = { ...file, contentType: 'image/png', contentId: 'logo@1', isInline: true };
        await target.attach(id, { ...image, name: 'logo.png', content: patterned(size) }, signal);
        const { attachments } = await mailbox.source.parts(id, signal);
        expect(attachments).toMatchObject([{ contentType: 'image/png', contentId: 'logo@1', isInline: true }]);
      });

      test('that are messages keep their own attachments', async () => {
        const { id } = await target.create(inbox, message(), signal);
        const { body, from, toRecipients, ccRecipients, replyTo, sentDateTime } = message();
        const inner = { body, from, toRecipients, ccRecipients, replyTo, sentDateTime };
        const attachments = [{ ...file, name: 'inner.bin', content: Buffer.from('inner bytes') }];
        const item = { ...inner, subject: 'Inner', internetMessageId: '<inner@example.com>', attachments };
        await target.attach(id, { kind: 'item', name: 'Inner', message: item }, signal);
        const [attached] = (await mailbox.source.parts(id, signal)).attachments;
        expect(attached).toMatchObject({ kind: 'item', name: 'Inner' });
        const content = await readMessageContent(attached?.content ?? new Uint8Array(0));
        expect(content.attachments.map(({ content: bytes }) => Buffer.from(bytes).toString())).toEqual(['inner bytes']);
      });

      test('whose answer was lost are not added twice', async () => {
        const { id } = await target.create(inbox, message(), signal);
        await mailbox.loseAnswer('attach');
        const attached = target.attach(id, { ...file, name: 'once.bin', content: Buffer.from('once') }, signal);
        expect(await failureOf(attached)).toMatchObject({ kind: 'unavailable' });
        expect((await mailbox.source.parts(id, signal)).attachments).toHaveLength(1);
      });
    });

    describe('the mark', () => {
      test('says which restore made a message, of which item, and whether it is complete', async () => {
        const { id } = await target.create(inbox, message(), signal);
        const { mark } = message();
        expect(await target.findMarked(inbox, 'restore-1', signal)).toEqual([{ id, mark }]);
        await target.markComplete(id, { ...mark, complete: true }, signal);
        const complete = { ...mark, complete: true };
        expect(await target.findMarked(inbox, 'restore-1', signal)).toEqual([{ id, mark: complete }]);
        const reduced = { ...complete, isReduced: true };
        await target.markComplete(id, reduced, signal);
        expect(await target.findMarked(inbox, 'restore-1', signal)).toEqual([{ id, mark: reduced }]);
      });

      test('is found in its folder alone, and not by another restore', async () => {
        const other = await mailbox.addFolder('', 'Other');
        await mailbox.addMessage(inbox);
        const { id } = await target.create(inbox, message(), signal);
        await target.create(inbox, message({ mark: { ...message().mark, restoreId: 'restore-10' } }), signal);
        expect((await target.findMarked(inbox, 'restore-1', signal)).map((found) => found.id)).toEqual([id]);
        expect(await target.findMarked(other, 'restore-1', signal)).toEqual([]);
      });

      test('is set once more where the answer was lost', async () => {
        const { id } = await target.create(inbox, message(), signal);
        await mailbox.loseAnswer('markComplete');
        const complete = { ...message().mark, complete: true };
        await againWhenLost(() => target.markComplete(id, complete, signal));
        expect(await target.findMarked(inbox, 'restore-1', signal)).toEqual([{ id, mark: complete }]);
      });
    });

    describe('twins', () => {
      const twins = async (query: Partial<TwinQuery>) => {
        const whole = { internetMessageId: '', subject: '', sentDateTime: null, ...query };
        return (await target.findTwins(inbox, whole, signal)).map(({ id }) => id).sort();
      };

      test('are the messages of the folder with the same internetMessageId, however it is written', async () => {
        const internetMessageId = "<o'neil+1%2F&=#@far.example>";
        const ids = [
          await mailbox.addMessage(inbox, { internetMessageId }),
          await mailbox.addMessage(inbox, { internetMessageId, subject: 'a newer version' }),
        ];
        await mailbox.addMessage(inbox, { internetMessageId: '<other@example.com>' });
        await mailbox.addMessage(await mailbox.addFolder('', 'Other'), { internetMessageId });
        expect(await twins({ internetMessageId })).toEqual(ids.sort());
      });

      test('of a message without one are those with its subject and sent date', async () => {
        const like = { subject: 'It’s "here" & there', sentDateTime: '2021-02-03T04:05:06Z' };
        const id = await mailbox.addMessage(inbox, like);
        await mailbox.addMessage(inbox, { ...like, sentDateTime: '2021-02-03T04:05:07Z' });
        await mailbox.addMessage(inbox, { ...like, subject: 'Another' });
        expect(await twins(like)).toEqual([id]);
      });
    });

    describe('removing', () => {
      test('leaves no trace, and may be repeated', async () => {
        const { id } = await target.create(inbox, message(), signal);
        await target.remove(id, signal);
        await target.remove(id, signal);
        for (const folder of await target.folders(signal)) expect(await messagesIn(folder.id)).toEqual([]);
        expect(await failureOf(target.mime(id, signal))).toMatchObject({ kind: 'not-found' });
      });

      test('takes one message and no other', async () => {
        const [kept, gone] = [await mailbox.addMessage(inbox), await mailbox.addMessage(inbox)];
        await target.remove(gone, signal);
        expect((await messagesIn(inbox)).map(({ id }) => id)).toEqual([kept]);
      });
    });

    test('nothing is made any more once the work is stopped, and the reason comes back', async () => {
      const work = new AbortController();
      const reason = new Failure('lease-lost', { code: 'lease.lost', message: 'Taken.', retry: 'never' });
      work.abort(reason);
      expect(await failureOf(target.create(inbox, message(), work.signal))).toBe(reason);
      expect(await messagesIn(inbox)).toEqual([]);
    });
  });
}

const file = {
  kind: 'file' as const,
  contentType: 'application/octet-stream',
  contentId: '',
  isInline: false,
};

function message(overrides: Partial<MessageToCreate> = {}): MessageToCreate {
  return {
    subject: 'It’s "restored"',
    body: { contentType: 'html', content: '<p>Grüße <img src="cid:logo@1"></p>' },
    from: recipient('Grace Hopper <grace@far.example>'),
    sender: recipient('Secretary <secretary@far.example>'),
    toRecipients: [recipient('Ada Lovelace <ada@example.com>')],
    ccRecipients: [recipient('Copy <copy@example.com>')],
    bccRecipients: [recipient('Blind <blind@example.com>')],
    replyTo: [recipient('Answers <answers@far.example>')],
    internetMessageId: "<o'neil@far.example>",
    sentDateTime: '2021-02-03T04:05:06Z',
    receivedDateTime: '2021-02-03T04:05:09Z',
    isRead: false,
    isDraft: false,
    importance: 'high',
    categories: ['Red', 'Blue'],
    flag: { flagStatus: 'flagged' },
    extendedProperties: [],
    mark: { restoreId: 'restore-1', itemId: 'item/1', complete: false },
    ...overrides,
  };
}

/** Bytes that differ from place to place, so that a fragment in the wrong place shows. */
function patterned(size: number): Buffer {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) content[at] = (at * 31 + (at >> 12)) & 0xff;
  return content;
}
