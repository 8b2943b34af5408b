import { expect, test } from '@jest/globals';
import { isUnread, readStoredMessage } from '@backhaul/engine';
import type { Edit } from '@backhaul/graph-simulator';
import { fieldMailbox, type FieldMailbox } from './field-mailbox.ts';
import { codesOf, fieldScene } from './scene.ts';

/* Single messages that vanish, wander, or cannot be read. */

const scene = fieldScene();
const MAIL = { kinds: ['mail' as const] };

/**
 * Plays a backup during which something happens, at moments spread over its length: the edits come just before its n-th
 * request. Each time in a mailbox of its own, which `prepare` fills.
 */
async function atAnyMoment(
  prepare: (mailbox: FieldMailbox) => Promise<Edit[]>,
  afterwards: (mailbox: FieldMailbox, moment: number) => Promise<void>,
): Promise<void> {
  const undisturbed = await fieldMailbox(scene);
  await prepare(undisturbed);
  await undisturbed.backup(MAIL);
  const requests = (await scene.requests(undisturbed.id)).length;
  for (let at = 0; at < MOMENTS; at += 1) {
    const moment = 2 + Math.floor((at * (requests - 2)) / (MOMENTS - 1));
    const mailbox = await fieldMailbox(scene);
    await scene.control.changeAtRequest({ inRequests: moment, edits: await prepare(mailbox) });
    expect((await mailbox.backup(MAIL)).point?.status).toBe('complete');
    expect((await scene.control.appliedChanges()).at(-1)?.error).toBe(null);
    await afterwards(mailbox, moment);
  }
}

const MOMENTS = 6;

test('F40 a message that vanishes between list and fetch is no failure, whenever it happens', async () => {
  await atAnyMoment(
    async (mailbox) => {
      await mailbox.addMessage('To stay');
      return [{ do: 'delete-message', mailbox: mailbox.id, message: await mailbox.addMessage('To vanish') }];
    },
    async (mailbox, moment) => {
      // What vanished after it was read is gone with the next backup at the latest.
      const { outcome } = await mailbox.backup(MAIL);
      expect({ moment, outcome, differences: await mailbox.differences() }).toEqual({
        moment,
        outcome: 'succeeded',
        differences: [],
      });
    },
  );
});

test('F41 a folder that vanishes in the middle of a run takes nothing else with it, whenever it happens', async () => {
  await atAnyMoment(
    async (mailbox) => {
      const folder = await mailbox.addFolder('To vanish');
      await mailbox.addMessage('In it', folder);
      await mailbox.addMessage('Beside it');
      return [{ do: 'delete-folder', mailbox: mailbox.id, folder }];
    },
    async (mailbox, moment) => {
      await mailbox.backup(MAIL);
      expect({ moment, differences: await mailbox.differences() }).toEqual({ moment, differences: [] });
    },
  );
});

test('F42 a message moved in the middle of a run into a folder that was read already is in the point all the same', async () => {
  const mailbox = await fieldMailbox(scene);
  const first = await mailbox.addFolder('A first one');
  for (let number = 1; number <= 12; number += 1) await mailbox.addFolder(`M between them ${number}`);
  const last = await mailbox.addFolder('Z last one');
  const message = await mailbox.addMessage('Wanders', last);
  await mailbox.backup(MAIL);
  const before = (await scene.requests()).length;
  await mailbox.backup(MAIL);
  const asked = (await scene.requests()).slice(before).map(({ path }) => path);
  const [readFirst, readLast] = [first, last].map((id) => asked.findIndex((path) => path.includes(id.slice(0, -1))));
  // So much apart that the one has been read before the other is.
  expect(readLast! - readFirst!).toBeGreaterThan(8);
  await scene.control.changeAtRequest({
    inRequests: readLast! + 1,
    edits: [{ do: 'move-message', mailbox: mailbox.id, message, to: first }],
  });
  const { counts } = await mailbox.backup(MAIL);
  expect(counts).toMatchObject({ itemsMoved: 1, itemsDeleted: 0, itemsNew: 0 });
  expect(await mailbox.differences()).toEqual([]);
});

test.each([
  ['F43 a message with invalid recipients is skipped, named, and read when it can be', 'ErrorInvalidRecipients', 400],
  ['F44 a corrupt message is skipped, named, and read when it can be', 'ErrorCorruptData', 500],
])('%s', async (_name, code, status) => {
  const mailbox = await fieldMailbox(scene);
  const message = await mailbox.addMessage('Broken at the source');
  await mailbox.addMessage('Sound');
  await scene.fault({ pathRegex: `/messages/${message}`, mailbox: mailbox.id }, { kind: 'status', status, code });
  for (let night = 1; night <= 2; night += 1) {
    const result = await mailbox.backup(MAIL);
    expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsSkipped: 1 } });
    expect(result.issues).toMatchObject([
      { itemId: message, result: 'skipped', failure: { code: 'graph.item-unreadable' } },
    ]);
    expect((await mailbox.items()).map((item) => [item.id === message, isUnread(item)]).sort()).toEqual([
      [false, false],
      [true, true],
    ]);
  }
  await scene.control.clearFaults();
  const healed = await mailbox.backup(MAIL);
  expect(healed).toMatchObject({ outcome: 'succeeded', counts: { itemsSkipped: 0, itemsTotal: 2 } });
  expect(await mailbox.differences()).toEqual([]);
});

const CONVERSION_FAILS = { kind: 'status', status: 500, code: 'ErrorMimeContentConversionFailed' } as const;

function file(name: string, size: number): Record<string, unknown> {
  const contentBytes = Buffer.alloc(size, name).toString('base64');
  return { '@odata.type': '#microsoft.graph.fileAttachment', name, contentType: 'image/png', contentBytes };
}

async function storedAttachments(mailbox: FieldMailbox) {
  const point = mailbox.point();
  const [item] = await mailbox.items();
  const message = item === undefined ? null : await readStoredMessage(item, point);
  if (message === null || message.content instanceof Uint8Array) throw new Error('It is not stored in parts.');
  return message.content.attachments.map(({ name, content, unread }) => [name, content.length, unread?.code]);
}

test('F45 attachments that make one answer fail are fetched one by one', async () => {
  const mailbox = await fieldMailbox(scene);
  const attachments = [file('a.png', 1000), file('b.png', 2000), file('c.png', 3000)];
  const message = await mailbox.addMessage('With many attachments', 'inbox', { attachments });
  await scene.fault({ pathRegex: `/messages/${message}/\\$value`, mailbox: mailbox.id }, CONVERSION_FAILS);
  await scene.fault(
    // Whatever asks for the contents of all of them in one answer.
    { pathRegex: 'expand=.*attachments|/attachments(\\?(?!.*select=)|$)', method: 'GET', mailbox: mailbox.id },
    { kind: 'status', status: 504, body: 'empty' },
  );
  expect((await mailbox.backup(MAIL)).outcome).toBe('succeeded');
  expect((await storedAttachments(mailbox)).sort()).toEqual([
    ['a.png', 1000, undefined],
    ['b.png', 2000, undefined],
    ['c.png', 3000, undefined],
  ]);
});

test('F46 an attachment that Microsoft cannot open costs that attachment alone, and is read when it can be', async () => {
  const mailbox = await fieldMailbox(scene);
  const attachments = [file('sound.png', 10), file('broken.png', 20)];
  const message = await mailbox.addMessage('One is broken', 'inbox', { attachments });
  await scene.fault({ pathRegex: `/messages/${message}/\\$value`, mailbox: mailbox.id }, CONVERSION_FAILS);
  await scene.fault(
    { pathRegex: '/attachments/[^/]+/\\$value', mailbox: mailbox.id, nth: 2 },
    { kind: 'status', status: 400, code: 'ErrorCannotOpenFileAttachment' },
  );
  const result = await mailbox.backup(MAIL);
  expect(result).toMatchObject({ outcome: 'warning', counts: { itemsDegraded: 1, itemsSkipped: 0 } });
  expect(codesOf(result)).toEqual(['graph.item-unreadable']);
  expect((await storedAttachments(mailbox)).sort()).toEqual([
    ['broken.png', 0, 'graph.item-unreadable'],
    ['sound.png', 10, undefined],
  ]);
  await scene.control.clearFaults();
  expect((await mailbox.backup(MAIL)).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
});

test('F47 a single message for which the service fails again and again does not fail the mailbox', async () => {
  const mailbox = await fieldMailbox(scene);
  const message = await mailbox.addMessage('Fails every time');
  await mailbox.addMessage('Sound');
  await scene.fault(
    { pathRegex: `/messages/${message}`, mailbox: mailbox.id },
    { kind: 'status', status: 503, body: 'empty' },
  );
  const result = await mailbox.backup(MAIL);
  expect(result).toMatchObject({ outcome: 'warning', point: { status: 'complete' }, counts: { itemsSkipped: 1 } });
  await scene.control.clearFaults();
  expect((await mailbox.backup(MAIL)).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
});
