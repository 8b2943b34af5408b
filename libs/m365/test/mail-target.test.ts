import { isFailure, Secret, type Failure } from '@backhaul/domain';
import type { AttachmentToCreate, MailTarget, MessageToCreate } from '@backhaul/engine';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTransport, mailTarget, openGraph, type Transport } from '../src/index.ts';
import { startScriptedServer, type Arrival, type ScriptedServer } from './scripted-server.ts';

// What is sent word by word, and what the service does now and then; that a restored message is what it was is tested
// against the simulator.

const USER = 'user-1';
const { signal } = new AbortController();

let server: ScriptedServer;
let uploads: ScriptedServer;
let transport: Transport;
let target: MailTarget;

beforeAll(async () => {
  server = await startScriptedServer();
  uploads = await startScriptedServer();
  transport = createTransport({ caCertificates: [server.ca, uploads.ca] });
});
beforeEach(() => {
  target = mailTarget(graphWithLinks([uploads.host]), USER);
});
afterEach(() => {
  server.arrivals.length = 0;
  uploads.arrivals.length = 0;
});
afterAll(async () => {
  await transport.close();
  await server.close();
  await uploads.close();
});

function graphWithLinks(linkHosts: string[]) {
  const token = async () => new Secret('canary-token');
  return openGraph({ root: server.root, linkHosts, token, signal, taskTag: 't', transport, firstPauseMs: 1 });
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (isFailure(thrown)) return thrown;
  throw thrown;
}

const sentBody = (index = 0) => JSON.parse(server.arrivals[index]?.body.toString() ?? '') as Record<string, unknown>;
const refuse = (status: number, code: string) => (arrival: Arrival) =>
  arrival.reply(status, { error: { code, message: 'why' } });

const person = (address: string) => ({ emailAddress: { name: 'N', address } });

function message(more: Partial<MessageToCreate> = {}): MessageToCreate {
  return {
    subject: 's',
    body: { contentType: 'html', content: '<p>' },
    from: person('a@x'),
    sender: null,
    toRecipients: [person('b@x')],
    ccRecipients: [],
    bccRecipients: [],
    replyTo: [],
    internetMessageId: '<1@x>',
    sentDateTime: '2024-01-02T03:04:05Z',
    receivedDateTime: '2024-01-02T03:04:06Z',
    isRead: true,
    isDraft: false,
    importance: 'high',
    categories: ['Red'],
    flag: { flagStatus: 'flagged' },
    extendedProperties: [],
    mark: { restoreId: 'r-1', itemId: 'AAkA/1', complete: false },
    ...more,
  };
}

type Property = { id: string; value: string };
const properties = () => sentBody()['singleValueExtendedProperties'] as Property[];
const property = (id: string) =>
  properties()
    .filter((one) => one.id === id)
    .map(({ value }) => value);

describe('a message to create', () => {
  beforeEach(() => {
    server.answer = (arrival) => arrival.reply(201, { id: 'new' });
  });

  test('is no draft and keeps its dates, by properties that count at creation only', async () => {
    expect(await target.create('f', message(), signal)).toEqual({ id: 'new' });
    expect(server.arrivals[0]).toMatchObject({ method: 'POST', url: `/v1.0/users/${USER}/mailFolders/f/messages` });
    expect(server.arrivals[0]?.headers['prefer']).toBe('IdType="ImmutableId"');
    expect(property('Integer 0x0E07')).toEqual(['1']);
    expect(property('SystemTime 0x0039')).toEqual(['2024-01-02T03:04:05Z']);
    expect(property('SystemTime 0x0E06')).toEqual(['2024-01-02T03:04:06Z']);
    expect(sentBody()).toMatchObject({
      isRead: true,
      importance: 'high',
      categories: ['Red'],
      flag: { flagStatus: 'flagged' },
    });
    expect(sentBody()).not.toHaveProperty('sender');
  });

  test('that is unread has no read bit and no draft bit', async () => {
    await target.create('f', message({ isRead: false }), signal);
    expect(Number(property('Integer 0x0E07')[0]) & (1 | 8)).toBe(0);
  });

  test('stays a draft when it was one', async () => {
    await target.create('f', message({ isDraft: true, sentDateTime: null, receivedDateTime: null }), signal);
    expect(
      properties()
        .map(({ id }) => id)
        .filter((id) => / 0x/.test(id)),
    ).toEqual([]);
  });

  test('carries over what the original had besides, but not what decides its nature, nor classes that are no mail', async () => {
    const extendedProperties = [
      { id: 'Integer 0x1080', value: '261' },
      { id: 'integer 0xe07', value: '8' },
      { id: 'SystemTime 0x39', value: '1999-01-01T00:00:00Z' },
      { id: 'String 0x1a', value: 'IPM.Schedule.Meeting.Request' },
    ];
    await target.create('f', message({ extendedProperties }), signal);
    expect(property('Integer 0x1080')).toEqual(['261']);
    expect(properties().map(({ id }) => id)).toHaveLength(6);
    await target.create('f', message({ extendedProperties: [{ id: 'String 0x1a', value: 'IPM.Note.SMIME' }] }), signal);
    expect(sentBody(1)['singleValueExtendedProperties']).toContainEqual({ id: 'String 0x1a', value: 'IPM.Note.SMIME' });
  });

  test('loses reply addresses for which the service would refuse it', async () => {
    await target.create('f', message({ replyTo: [person('/o=ExchangeLabs/ou=x'), person('ok@x'), {}] }), signal);
    expect(sentBody()['replyTo']).toEqual([person('ok@x')]);
  });

  test('whose answer is lost is not created again', async () => {
    server.answer = (arrival) => arrival.response.destroy();
    expect((await failureOf(target.create('f', message(), signal))).kind).toBe('unavailable');
    expect(server.arrivals).toHaveLength(1);
  });

  test('that the service refuses is invalid, also where the same code says of a listed one that it is unreadable', async () => {
    server.answer = refuse(400, 'ErrorInvalidRecipients');
    expect((await failureOf(target.create('f', message(), signal))).kind).toBe('invalid-input');
  });
});

describe('a mark', () => {
  test('is searched by its restore and read back whatever the spelling of property ids, ids with slashes included', async () => {
    server.answer = (arrival) => arrival.reply(201, { id: 'new' });
    await target.create('f', message(), signal);
    const stored = properties().filter(({ id }) => id.includes('Backhaul'));
    server.arrivals.length = 0;

    const respelled = stored.map(({ id, value }) => ({
      id: id.replace(/\{.*\}/, (guid) => guid.toUpperCase()),
      value,
    }));
    server.answer = (arrival) =>
      arrival.reply(200, { value: [{ id: 'm', singleValueExtendedProperties: respelled }, { id: 'other' }] });
    expect(await target.findMarked('f', "r-1'", signal)).toEqual([
      { id: 'm', mark: { restoreId: 'r-1', itemId: 'AAkA/1', complete: false } },
    ]);
    const query = decodeURIComponent(server.arrivals[0]?.url ?? '');
    expect(query).toContain(`ep/id eq '${stored[0]?.id}' and ep/value eq 'r-1''')`);
  });

  test('is completed by changing the message', async () => {
    server.answer = (arrival) => arrival.reply(200, {});
    await target.markComplete('m/1', { restoreId: 'r', itemId: 'i', complete: false }, signal);
    expect(server.arrivals[0]).toMatchObject({ method: 'PATCH', url: `/v1.0/users/${USER}/messages/m%2F1` });
    expect(properties().map(({ value }) => value)).toEqual(['r', 'complete/i']);
  });
});

describe('twins', () => {
  test('are found by message id, quotes in it notwithstanding', async () => {
    server.answer = (arrival) => arrival.reply(200, { value: [{ id: 't', changeKey: 'k' }] });
    const twins = await target.findTwins(
      'f',
      { internetMessageId: "<o'neil&co@x>", subject: '', sentDateTime: null },
      signal,
    );
    expect(twins).toEqual([{ id: 't', changeKey: 'k' }]);
    const { searchParams } = new URL(`${server.root}${server.arrivals[0]?.url}`);
    expect(searchParams.get('$filter')).toBe("internetMessageId eq '<o''neil&co@x>'");
  });

  test('without a message id are found by subject and sent date', async () => {
    server.answer = (arrival) =>
      arrival.reply(200, {
        value: [
          { id: 'a', sentDateTime: '2024-01-01T00:00:00.000Z' },
          { id: 'b', sentDateTime: '2024-01-01T00:00:01Z' },
        ],
      });
    const like = { internetMessageId: '', subject: 's', sentDateTime: '2024-01-01T00:00:00Z' };
    expect((await target.findTwins('f', like, signal)).map(({ id }) => id)).toEqual(['a']);
  });
});

describe('a folder', () => {
  test('is made, hidden where asked', async () => {
    server.answer = (arrival) => arrival.reply(201, { id: 'n', displayName: 'New', isHidden: true });
    expect(await target.ensureFolder('', 'New', { hidden: true }, signal)).toMatchObject({
      id: 'n',
      parentId: '',
      hidden: true,
    });
    expect(server.arrivals[0]?.url).toBe(`/v1.0/users/${USER}/mailFolders`);
    expect(sentBody()).toEqual({ displayName: 'New', isHidden: true });
  });

  test('that exists, in whatever case, is the one that is there; a lost answer makes no second one', async () => {
    let made = 0;
    server.answer = (arrival) => {
      if (arrival.method === 'GET')
        return arrival.reply(200, {
          value: [
            { id: 'x', displayName: 'X' },
            { id: 'n', displayName: 'nEW' },
          ],
        });
      made += 1;
      if (made === 1) arrival.response.destroy();
      else refuse(409, 'ErrorFolderExists')(arrival);
    };
    expect(await target.ensureFolder('p', 'New', { hidden: false }, signal)).toEqual({
      id: 'n',
      parentId: 'p',
      name: 'nEW',
      wellKnownName: null,
      hidden: false,
    });
  });
});

describe('removing', () => {
  test('removes for good, and succeeds when it is gone already', async () => {
    server.answer = (arrival) => arrival.reply(204);
    await target.remove('m', signal);
    expect(server.arrivals[0]).toMatchObject({ method: 'POST', url: `/v1.0/users/${USER}/messages/m/permanentDelete` });
    server.answer = refuse(404, 'ErrorItemNotFound');
    await target.remove('m', signal);
  });
});

describe('an attachment', () => {
  const file = (size: number): Extract<AttachmentToCreate, { kind: 'file' }> => ({
    kind: 'file',
    name: 'a.bin',
    contentType: 'application/octet-stream',
    contentId: 'c1',
    isInline: true,
    content: Buffer.alloc(size, 'abc'),
  });

  test('that is small goes along as JSON, once', async () => {
    server.answer = (arrival) => arrival.reply(201, { id: 'a' });
    await target.attach('m', file(3), signal);
    expect(sentBody()).toEqual({
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'a.bin',
      contentType: 'application/octet-stream',
      isInline: true,
      contentId: 'c1',
      contentBytes: Buffer.from('abc').toString('base64'),
    });
    server.answer = (arrival) => arrival.response.destroy();
    expect((await failureOf(target.attach('m', file(3), signal))).code).toBe('graph.answer-lost');
    expect(server.arrivals).toHaveLength(2);
  });

  test('that is a message is sent as one, with its own attachments', async () => {
    server.answer = (arrival) => arrival.reply(201, { id: 'a' });
    const { subject, body, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime } = message();
    const inner = { subject, body, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime };
    await target.attach('m', { kind: 'item', name: 'inner', message: { ...inner, attachments: [file(1)] } }, signal);
    expect(sentBody()).toMatchObject({
      '@odata.type': '#microsoft.graph.itemAttachment',
      item: { '@odata.type': '#microsoft.graph.message', subject: 's', attachments: [{ name: 'a.bin' }] },
    });
    const large = { kind: 'item' as const, name: 'inner', message: { ...inner, attachments: [file(4 * 1024 * 1024)] } };
    expect((await failureOf(target.attach('m', large, signal))).code).toBe('graph.attachment-too-large');
  });

  describe('of 3 MB and more', () => {
    const SIZE = 10 * 1024 * 1024 + 7;

    /** An upload host as Outlook's: `received` is what it holds; `disturb` may spoil a request. */
    function serveUploads(disturb: (arrival: Arrival, turn: number) => boolean = () => false) {
      const session = { received: Buffer.alloc(0) };
      let turn = 0;
      server.answer = (arrival) =>
        arrival.reply(201, { uploadUrl: `${uploads.root}/session?token=x`, nextExpectedRanges: ['0-'] });
      uploads.answer = (arrival) => {
        turn += 1;
        const [, from = -1, to = -1, total = -1] = (
          /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(arrival.headers['content-range'])) ?? []
        ).map(Number);
        const state = { NextExpectedRanges: [String(session.received.length)] };
        if (arrival.method === 'GET') return arrival.reply(200, state);
        if (from !== session.received.length) return refuse(416, 'ErrorInvalidRange')(arrival);
        if (disturb(arrival, turn)) return;
        expect(arrival.body).toHaveLength(to - from + 1);
        session.received = Buffer.concat([session.received, arrival.body]);
        if (session.received.length < total)
          return arrival.reply(200, { NextExpectedRanges: [String(session.received.length)] });
        arrival.reply(201, '', { location: `${uploads.root}/api/v2.0/Attachments('A')` });
      };
      return session;
    }

    test('goes to an upload session in fragments below 4 MB, without our token', async () => {
      const session = serveUploads();
      const attachment = file(SIZE);
      await target.attach('m', attachment, signal);
      expect(session.received.equals(attachment.content)).toBe(true);
      expect(sentBody()).toEqual({
        AttachmentItem: {
          attachmentType: 'file',
          name: 'a.bin',
          size: SIZE,
          contentType: 'application/octet-stream',
          isInline: true,
          contentId: 'c1',
        },
      });
      expect(uploads.arrivals).toHaveLength(3);
      for (const { headers, body } of uploads.arrivals) {
        expect(headers['authorization']).toBeUndefined();
        expect(body.length).toBeLessThan(4_000_000);
      }
    });

    test('survives errors, lost answers and lost requests in mid-upload', async () => {
      const session = serveUploads((arrival, turn) => {
        if (turn === 1) refuse(503, 'ServiceUnavailable')(arrival);
        else if (turn === 3) arrival.response.destroy();
        else if (turn === 5) {
          // It is taken, but nobody hears of it.
          session.received = Buffer.concat([session.received, arrival.body]);
          arrival.response.destroy();
        } else return false;
        return true;
      });
      const attachment = file(SIZE);
      await target.attach('m', attachment, signal);
      expect(session.received.equals(attachment.content)).toBe(true);
    });

    test('is not known to be there when the session is gone', async () => {
      serveUploads((arrival, turn) => {
        if (turn > 1) refuse(404, 'itemNotFound')(arrival);
        return turn > 1;
      });
      expect((await failureOf(target.attach('m', file(SIZE), signal))).code).toBe('graph.upload-session-lost');
    });

    test('is never sent to an address on a host that is not allowed', async () => {
      serveUploads();
      const strict = mailTarget(graphWithLinks(['outlook.office.com']), USER);
      const failure = await failureOf(strict.attach('m', file(SIZE), signal));
      expect([failure.kind, failure.code]).toEqual(['forbidden', 'graph.foreign-link']);
      expect(uploads.arrivals).toHaveLength(0);
    });

    test('is refused before anything is sent when it is larger than Exchange takes', async () => {
      const failure = await failureOf(target.attach('m', file(150 * 1024 * 1024 + 1), signal));
      expect(failure.code).toBe('graph.attachment-too-large');
      expect(server.arrivals).toHaveLength(0);
    });
  });
});
