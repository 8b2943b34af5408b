import { createHash } from 'node:crypto';
import type { MailTarget, MessageToCreate } from '@backhaul/engine';
import type { Simulator } from '@backhaul/graph-simulator';
import { failureOf } from '@backhaul/engine/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mailTarget, type Graph } from '../src/index.ts';
import { simulatorScene, wellKnown, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
let simulator: Simulator;
let graph: Graph;
let logStart: number;
const { signal } = new AbortController();

beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 1, seed: 7 });
  simulator = scene.simulator;
});
beforeEach(async () => {
  logStart = (await simulator.control.log({})).next;
  graph = scene.open();
});
afterEach(() => simulator.control.clearFaults());
afterAll(() => scene.close());

describe('writing into a mailbox', () => {
  let user: string;
  let target: MailTarget;

  beforeEach(async () => {
    user = (await simulator.control.addUser()).id;
    target = mailTarget(graph, user);
  });

  const mark = { restoreId: 'restore-1', itemId: 'item/1', complete: false };
  const message: MessageToCreate = {
    subject: 'It’s "restored"',
    body: { contentType: 'html', content: '<p>Grüße <img src="cid:logo"></p>' },
    from: { emailAddress: { name: 'A', address: 'a@far.example' } },
    sender: { emailAddress: { name: 'A', address: 'a@far.example' } },
    toRecipients: [{ emailAddress: { name: 'B', address: 'b@x.example' } }],
    ccRecipients: [],
    bccRecipients: [{ emailAddress: { name: 'C', address: 'c@x.example' } }],
    replyTo: [],
    internetMessageId: "<o'neil@far.example>",
    sentDateTime: '2021-02-03T04:05:06Z',
    receivedDateTime: '2021-02-03T04:05:09Z',
    isRead: false,
    isDraft: false,
    importance: 'high',
    categories: ['Red', 'Blue'],
    flag: { flagStatus: 'flagged' },
    extendedProperties: [],
    mark,
  };
  const large = Buffer.alloc(9 * 1024 * 1024 + 5, 'large');
  const largeFile = {
    kind: 'file' as const,
    name: 'l',
    contentType: 'x/y',
    contentId: '',
    isInline: false,
    content: large,
  };

  test('makes a message that is what it was, attachments of every size and kind included, and sends no mail', async () => {
    const folder = await target.ensureFolder('', 'Restored', { hidden: false }, signal);
    const { id } = await target.create(folder.id, message, signal);
    const file = { kind: 'file' as const, contentType: 'image/png', isInline: true, contentId: 'logo' };
    await target.attach(id, { ...file, name: 'logo.png', content: Buffer.from('png') }, signal);
    await target.attach(id, { ...file, name: 'large.bin', contentId: '', isInline: false, content: large }, signal);
    const { subject, body, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime } = message;
    const inner = { subject, body, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime };
    const attachments = [{ ...file, name: 'inner.png', content: Buffer.from('inner') }];
    await target.attach(id, { kind: 'item', name: 'inner', message: { ...inner, attachments } }, signal);
    await target.markComplete(id, mark, signal);

    const truth = await simulator.control.truth({ mailbox: user });
    expect(truth.messages).toHaveLength(1);
    expect(truth.messages[0]).toMatchObject({
      id,
      folderId: folder.id,
      isDraft: false,
      canonical: {
        folderPath: ['Restored'],
        internetMessageId: "<o'neil@far.example>",
        subject: 'It’s "restored"',
        from: { name: 'A', address: 'a@far.example' },
        bcc: [{ name: 'C', address: 'c@x.example' }],
        sentAt: '2021-02-03T04:05:06Z',
        receivedAt: '2021-02-03T04:05:09Z',
        isRead: false,
        importance: 'high',
        flag: 'flagged',
        categories: expect.arrayContaining(['Blue', 'Red']),
      },
    });
    expect(truth.messages[0]?.attachments).toMatchObject([
      { kind: 'file', name: 'logo.png', size: 3 },
      { kind: 'file', name: 'large.bin', sha256: createHash('sha256').update(large).digest('hex') },
      { kind: 'item', name: 'inner' },
    ]);
    expect(await simulator.control.sent()).toEqual({ mails: 0, invitations: 0 });
  });

  test('survives faults in mid-upload with every byte', async () => {
    const { id } = await target.create(await wellKnown(graph, user, 'inbox'), message, signal);
    await simulator.control.addFault({ match: { method: 'PUT', nth: 1 }, effect: { kind: 'status', status: 503 } });
    await simulator.control.addFault({ match: { method: 'PUT', nth: 2 }, effect: { kind: 'lost-answer' } });
    await target.attach(id, largeFile, signal);
    const { messages } = await simulator.control.truth({ mailbox: user, forms: false });
    expect(messages[0]?.attachments).toMatchObject([{ sha256: createHash('sha256').update(large).digest('hex') }]);
  });

  test('sends nothing to an upload address on another host', async () => {
    const { id } = await target.create(await wellKnown(graph, user, 'inbox'), message, signal);
    await simulator.control.addFault({ match: { pathRegex: 'createUploadSession' }, effect: { kind: 'foreign-link' } });
    expect((await failureOf(target.attach(id, largeFile, signal))).code).toBe('graph.foreign-link');
    expect((await scene.logged(logStart)).filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  test('of a mailbox that is full says so', async () => {
    const inbox = await wellKnown(graph, user, 'inbox');
    await simulator.control.updateUser(user, { mailboxState: 'over-quota' });
    expect((await failureOf(target.create(inbox, message, signal))).kind).toBe('quota');
  });
});
