import { Secret } from '@backhaul/domain';
import type { AttachmentToCreate, EmbeddedMessage, MailTarget } from '@backhaul/engine';
import { failureOf } from '@backhaul/engine/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTransport, mailTarget, openGraph, type Transport } from '../src/index.ts';
import { refuse } from './scripted-graph.ts';
import { startScriptedServer, type Arrival, type ScriptedServer } from './scripted-server.ts';

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

const sentBody = (index = 0) => JSON.parse(server.arrivals[index]?.body.toString() ?? '') as Record<string, unknown>;

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
    const inner: Omit<EmbeddedMessage, 'attachments'> = {
      subject: 's',
      body: { contentType: 'html', content: '<p>' },
      from: { emailAddress: { name: 'N', address: 'a@x' } },
      toRecipients: [],
      ccRecipients: [],
      replyTo: [],
      internetMessageId: '<1@x>',
      sentDateTime: '2024-01-02T03:04:05Z',
    };
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

    test('ends when the session forgets, again and again, what it had taken', async () => {
      const session = serveUploads((arrival, turn) => {
        if (arrival.method !== 'PUT' || turn % 3 !== 2) return false;
        session.received = Buffer.alloc(0);
        refuse(503, 'ServiceUnavailable')(arrival);
        return true;
      });
      expect((await failureOf(target.attach('m', file(SIZE), signal))).kind).toBe('unavailable');
      expect(uploads.arrivals.length).toBeLessThan(100);
    });

    test('is not known to be there when the session expects what lies behind its end', async () => {
      serveUploads((arrival, turn) => {
        if (turn === 1) refuse(416, 'ErrorInvalidRange')(arrival);
        return turn === 1;
      });
      const original = uploads.answer;
      uploads.answer = (arrival) =>
        arrival.method === 'GET' ? arrival.reply(200, { nextExpectedRanges: [`${SIZE + 1}-`] }) : original(arrival);
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
