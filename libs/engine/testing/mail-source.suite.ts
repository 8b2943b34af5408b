import { Failure } from '@backhaul/domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SourceFolder } from '../src/item-source.ts';
import type { MailSource, MessageChanges } from '../src/mail-source.ts';
import { readMessageContent } from '../src/mime/message-content.ts';
import { buildMime } from './build-mime.ts';
import { fileAttachment, recipient } from './builders.ts';
import { failureOf } from './failure-of.ts';
import type { MailboxUnderTest, OpenMailbox } from './mailbox-under-test.ts';
import { walk, walkOf } from './walk.ts';

const { signal } = new AbortController();

/** What every implementation of {@link MailSource} promises, besides what all sources do (`itemSourceSuite`). */
export function mailSourceSuite(name: string, open: OpenMailbox): void {
  describe(`mail source ${name}`, () => {
    let mailbox: MailboxUnderTest;
    let source: MailSource;
    let inbox: string;

    beforeEach(async () => {
      mailbox = await open();
      source = mailbox.source;
      inbox = await wellKnown('inbox');
    });
    afterEach(() => mailbox.close());

    async function wellKnown(role: string): Promise<string> {
      const folder = (await source.folders(signal)).find(({ wellKnownName }) => wellKnownName === role);
      if (folder === undefined) throw new Error(`The mailbox has no ${role}.`);
      return folder.id;
    }

    async function folder(id: string): Promise<SourceFolder | undefined> {
      return (await source.folders(signal)).find((listed) => listed.id === id);
    }

    describe('folders', () => {
      test('come with nested and hidden ones, each with its parent, and the inbox by its role', async () => {
        const projects = await mailbox.addFolder(inbox, 'Projects');
        const deep = await mailbox.addFolder(projects, 'Ärger & Co');
        const hidden = await mailbox.addFolder('', 'Hidden', true);
        expect(await folder(inbox)).toMatchObject({ parentId: '', wellKnownName: 'inbox', hidden: false });
        expect(await folder(projects)).toMatchObject({ parentId: inbox, name: 'Projects', wellKnownName: null });
        expect(await folder(deep)).toMatchObject({ parentId: projects, name: 'Ärger & Co', hidden: false });
        expect(await folder(hidden)).toMatchObject({ parentId: '', name: 'Hidden', hidden: true });
      });

      test('say how many messages lie in each, not below it, where they say it', async () => {
        const below = await mailbox.addFolder(inbox, 'Below');
        await mailbox.addMessage(inbox);
        for (let n = 0; n < 2; n += 1) await mailbox.addMessage(below);
        expect((await folder(inbox))?.itemCount ?? 1).toBe(1);
        expect((await folder(below))?.itemCount ?? 2).toBe(2);
      });

      test('keep their id under a new name and a new parent, and are gone with their parent', async () => {
        const one = await mailbox.addFolder('', 'One');
        const other = await mailbox.addFolder('', 'Other');
        const below = await mailbox.addFolder(other, 'Below');
        await mailbox.renameFolder(one, 'Renamed');
        await mailbox.moveFolder(one, inbox);
        await mailbox.removeFolder(other);
        expect(await folder(one)).toMatchObject({ name: 'Renamed', parentId: inbox });
        expect([await folder(other), await folder(below)]).toEqual([undefined, undefined]);
      });
    });

    describe('changes', () => {
      test('without a cursor are all messages of this one folder as ordinary entries', async () => {
        const below = await mailbox.addFolder(inbox, 'Below');
        const [one, two] = [await mailbox.addMessage(inbox), await mailbox.addMessage(inbox)];
        await mailbox.addMessage(below);
        const { changed, removed } = await walk(source, inbox);
        expect([...changed.keys()].sort()).toEqual([one, two].sort());
        expect([...removed]).toEqual([]);
        for (const message of changed.values()) {
          expect(message.parentFolderId).toBe(inbox);
          expect(message.changeKey).not.toBe('');
        }
      });

      test('say of a message what its MIME does not', async () => {
        const stated = {
          subject: 'Grüße "aus" Köln',
          from: recipient('Grace Hopper <grace@example.com>'),
          toRecipients: [recipient('Ada Lovelace <ada@example.com>')],
          ccRecipients: [recipient('Copy <copy@example.com>')],
          bccRecipients: [recipient('Blind <blind@example.com>')],
          replyTo: [recipient('Answers <answers@example.com>')],
          internetMessageId: '<stated@example.com>',
          sentDateTime: '2021-02-03T04:05:06Z',
          receivedDateTime: '2021-02-03T04:05:09Z',
          isRead: true,
          isDraft: false,
          importance: 'high',
          categories: ['Red', 'Blue'],
          flag: { flagStatus: 'flagged' },
        };
        const id = await mailbox.addMessage(inbox, stated);
        expect((await walk(source, inbox)).changed.get(id)).toMatchObject({ ...stated, id, hasAttachments: false });
      });

      test('since a cursor are what came, changed and left since then, and nothing else', async () => {
        const [kept, altered, gone, moved] = [
          await mailbox.addMessage(inbox),
          await mailbox.addMessage(inbox, { subject: 'before' }),
          await mailbox.addMessage(inbox),
          await mailbox.addMessage(inbox),
        ];
        const archive = await mailbox.addFolder('', 'Old');
        const [before, beforeInArchive] = [await walk(source, inbox), await walk(source, archive)];
        await mailbox.changeMessage(altered, { subject: 'after' });
        await mailbox.removeMessage(gone);
        await mailbox.moveMessage(moved, archive);
        const added = await mailbox.addMessage(inbox);

        const since = await walk(source, inbox, before.cursor);
        expect([...since.changed.keys()].sort()).toEqual([altered, added].sort());
        expect([...since.removed].sort()).toEqual([gone, moved].sort());
        expect(since.changed.get(altered)?.subject).toBe('after');
        expect(since.changed.get(altered)?.changeKey).not.toBe(before.changed.get(altered)?.changeKey);
        expect(before.changed.has(kept)).toBe(true);
        expect([...(await walk(source, archive, beforeInArchive.cursor)).changed.keys()]).toEqual([moved]);
        expect(await walk(source, inbox, since.cursor)).toMatchObject({ changed: new Map(), removed: new Set() });
      });

      test('name a message that was only marked as read', async () => {
        const id = await mailbox.addMessage(inbox, { isRead: false });
        const { cursor } = await walk(source, inbox);
        await mailbox.changeMessage(id, { isRead: true });
        expect((await walk(source, inbox, cursor)).changed.get(id)?.isRead).toBe(true);
      });

      test('of a message that was moved away and back leave it where it is', async () => {
        const id = await mailbox.addMessage(inbox);
        const archive = await mailbox.addFolder('', 'Old');
        const [before, beforeInArchive] = [await walk(source, inbox), await walk(source, archive)];
        await mailbox.moveMessage(id, archive);
        await mailbox.moveMessage(id, inbox);
        expect((await walk(source, inbox, before.cursor)).removed.has(id)).toBe(false);
        expect((await walk(source, archive, beforeInArchive.cursor)).changed.has(id)).toBe(false);
      });

      test('during a walk of several pages are told by it or by the next one; only the last page has a cursor', async () => {
        const ids: string[] = [];
        for (let n = 0; n < 25; n += 1) ids.push(await mailbox.addMessage(inbox));
        const [altered = '', gone = '', moved = ''] = [ids[1], ids[20], ids[24]];
        const archive = await mailbox.addFolder('', 'Old');
        await mailbox.givePagesBelow(ids.length);
        const pages: MessageChanges[] = [];
        let added = '';
        for await (const page of source.changes(inbox, null, signal)) {
          pages.push(page);
          if (pages.length > 1) continue;
          await mailbox.changeMessage(altered, { subject: 'during the walk' });
          await mailbox.removeMessage(gone);
          await mailbox.moveMessage(moved, archive);
          added = await mailbox.addMessage(inbox);
        }
        expect(pages.length).toBeGreaterThan(1);
        expect(pages.findIndex(({ cursor }) => cursor !== undefined)).toBe(pages.length - 1);

        const first = walkOf(pages);
        const next = await walk(source, inbox, first.cursor);
        const known = new Map([...first.changed, ...next.changed]);
        for (const id of next.removed) known.delete(id);
        expect([...known.keys()].sort()).toEqual([...ids, added].filter((id) => id !== gone && id !== moved).sort());
        expect(known.get(altered)?.subject).toBe('during the walk');
      });

      test('whose page links are forgotten in the middle of a walk are expired', async () => {
        for (let n = 0; n < 25; n += 1) await mailbox.addMessage(inbox);
        await mailbox.givePagesBelow(25);
        const pages = source.changes(inbox, null, signal)[Symbol.asyncIterator]();
        expect((await pages.next()).value.cursor).toBeUndefined();
        await mailbox.expireCursors();
        expect(await failureOf(Promise.resolve(pages.next()))).toMatchObject({ kind: 'expired' });
      });
    });

    describe('a message', () => {
      const attachments = [
        fileAttachment({
          name: 'Übersicht.pdf',
          contentType: 'application/pdf',
          content: Buffer.from([0, 255, 13, 10]),
        }),
        fileAttachment({ name: 'page.html', contentType: 'text/html', content: Buffer.from('<p>attached</p>') }),
        fileAttachment({ name: 'logo.png', contentType: 'image/png', contentId: 'logo', isInline: true }),
        {
          ...fileAttachment({ kind: 'item', name: 'Inner', contentType: 'message/rfc822' }),
          content: buildMime(
            { subject: 'Inner', from: recipient('Grace <grace@example.com>'), sentDateTime: '2020-01-02T03:04:05Z' },
            { body: { contentType: 'text', content: 'inner body' }, attachments: [] },
          ),
        },
      ];
      const body = { contentType: 'html' as const, content: '<p>Grüße <img src="cid:logo"></p>' };

      test('comes as MIME with its body and every byte of its attachments', async () => {
        const id = await mailbox.addMessage(inbox, { subject: 'With attachments' }, { body, attachments });
        const content = await readMessageContent(await source.mime(id, signal));
        expect(content.body).toEqual(body);
        expect(content.attachments.map(plain).sort(byName)).toEqual(attachments.map(plain).sort(byName));
        expect((await walk(source, inbox)).changed.get(id)?.hasAttachments).toBe(true);
      });

      test('that cannot be converted to MIME is unreadable as such and comes in parts', async () => {
        const link = { ...fileAttachment({ kind: 'reference', name: 'Shared' }), content: new Uint8Array(0) };
        const id = await mailbox.addMessage(inbox, {}, { body, attachments: [...attachments, link] });
        await mailbox.breakMime(id);
        expect(await failureOf(source.mime(id, signal))).toMatchObject({ kind: 'unreadable' });
        const parts = await source.parts(id, signal);
        expect(parts.body).toEqual(body);
        expect(parts.attachments.map(plain).sort(byName)).toEqual([...attachments, link].map(plain).sort(byName));
        const item = parts.attachments.find(({ kind }) => kind === 'item');
        expect((await readMessageContent(item?.content ?? new Uint8Array(0))).body.content.trim()).toBe('inner body');
      });

      test('is found wherever it was moved to', async () => {
        const id = await mailbox.addMessage(inbox, {}, { body: { contentType: 'text', content: 'moved' } });
        await mailbox.moveMessage(id, await mailbox.addFolder('', 'Old'));
        expect((await readMessageContent(await source.mime(id, signal))).body.content.trim()).toBe('moved');
      });

      test('that is gone is not found', async () => {
        const id = await mailbox.addMessage(inbox);
        await mailbox.removeMessage(id);
        expect(await failureOf(source.mime(id, signal))).toMatchObject({ kind: 'not-found' });
        expect(await failureOf(source.parts(id, signal))).toMatchObject({ kind: 'not-found' });
      });
    });

    test('nothing is asked for any more once the work is stopped, and the reason comes back', async () => {
      const id = await mailbox.addMessage(inbox);
      const work = new AbortController();
      const reason = new Failure('lease-lost', { code: 'lease.lost', message: 'Taken.', retry: 'never' });
      work.abort(reason);
      const walked = source.changes(inbox, null, work.signal)[Symbol.asyncIterator]();
      for (const asked of [source.folders(work.signal), source.mime(id, work.signal), walked.next()]) {
        expect(await failureOf(Promise.resolve<unknown>(asked))).toBe(reason);
      }
    });
  });
}

/** An attachment for a comparison; a nested message is rendered anew each time, so its bytes say nothing. */
function plain({
  kind,
  name,
  contentId,
  isInline,
  content,
}: Awaited<ReturnType<MailSource['parts']>>['attachments'][0]) {
  return { kind, name, contentId, isInline, bytes: kind === 'item' ? null : Buffer.from(content).toString('base64') };
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
