import { Secret } from '@backhaul/domain';
import { MESSAGE_FIELDS, type MailSource, type MessageChanges } from '@backhaul/engine';
import { failureOf } from '@backhaul/engine/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTransport, mailSource, openGraph, type Transport } from '../src/index.ts';
import { startScriptedServer, type Arrival, type ScriptedServer } from './scripted-server.ts';

// What the service does now and then and the simulator does not; the ordinary behaviour is tested against the simulator.

const USER = 'user-1';
const { signal } = new AbortController();

let server: ScriptedServer;
let transport: Transport;
let source: MailSource;

beforeAll(async () => {
  server = await startScriptedServer();
  transport = createTransport({ caCertificates: [server.ca] });
});
beforeEach(() => {
  const token = async () => new Secret('t');
  const graph = openGraph({
    root: server.root,
    linkHosts: [],
    token,
    signal,
    taskTag: 't',
    transport,
    firstPauseMs: 1,
  });
  source = mailSource(graph, USER);
});
afterEach(() => {
  server.arrivals.length = 0;
});
afterAll(async () => {
  await transport.close();
  await server.close();
});

type Reply = { status: number; body: unknown };
const found = (body: unknown): Reply => ({ status: 200, body });
const error = (status: number, code: string): Reply => ({ status, body: { error: { code, message: 'why' } } });

/** Answers by path (below the user, without query); parts of a batch too. Anything else does not exist. */
function serve(replies: Record<string, Reply | ((url: string) => Reply)>): void {
  const replyTo = (url: string): Reply => {
    const path = decodeURIComponent(url.replace(`/users/${USER}`, '').split('?')[0] ?? '');
    const reply = replies[path] ?? error(404, 'ErrorItemNotFound');
    return typeof reply === 'function' ? reply(url) : reply;
  };
  server.answer = (arrival: Arrival) => {
    const url = arrival.url.replace('/v1.0', '');
    if (url !== '/$batch') {
      const { status, body } = replyTo(url);
      return arrival.reply(status, body);
    }
    const { requests } = JSON.parse(arrival.body.toString()) as { requests: { id: string; url: string }[] };
    arrival.reply(200, { responses: requests.map(({ id, url: part }) => ({ id, ...replyTo(part) })) });
  };
}

async function allChanges(folderId: string, cursor: string | null = null): Promise<MessageChanges[]> {
  const pages: MessageChanges[] = [];
  for await (const page of source.changes(folderId, cursor, signal)) pages.push(page);
  return pages;
}

describe('folders', () => {
  const folder = (id: string, displayName: string, more = {}) => ({ id, displayName, isHidden: false, ...more });

  test('come with nested and hidden ones, without search folders, parents first', async () => {
    serve({
      '/mailFolders': found({
        value: [folder('a', 'Inbox'), folder('s', 'Unread', { '@odata.type': '#microsoft.graph.mailSearchFolder' })],
      }),
      '/mailFolders/a/childFolders': found({
        value: [folder('b', 'Sub', { isHidden: true })],
        '@odata.nextLink': `${server.root}/v1.0/users/${USER}/more`,
      }),
      '/more': found({ value: [folder('c', 'Sub 2')] }),
      '/mailFolders/c/childFolders': found({ value: [folder('d/+=', 'Deep')] }),
      '/mailFolders/inbox': found({ id: 'a' }),
    });
    expect(await source.folders(signal)).toEqual([
      { id: 'a', parentId: '', name: 'Inbox', wellKnownName: 'inbox', hidden: false },
      { id: 'b', parentId: 'a', name: 'Sub', wellKnownName: null, hidden: true },
      { id: 'c', parentId: 'a', name: 'Sub 2', wellKnownName: null, hidden: false },
      { id: 'd/+=', parentId: 'c', name: 'Deep', wellKnownName: null, hidden: false },
    ]);
  });

  test('that vanish while the tree is read have no children', async () => {
    serve({ '/mailFolders': found({ value: [folder('gone', 'Gone')] }) });
    expect((await source.folders(signal)).map(({ id }) => id)).toEqual(['gone']);
  });

  test('are not taken for fewer when one of them cannot be listed', async () => {
    serve({
      '/mailFolders': found({ value: [folder('a', 'A'), folder('b', 'B')] }),
      '/mailFolders/b/childFolders': error(403, 'ErrorAccessDenied'),
    });
    expect((await failureOf(source.folders(signal))).code).toBe('graph.mailbox-denied');
  });

  test.each([
    ['ResourceNotFound', 'graph.mailbox-missing'],
    ['ErrorInvalidUser', 'graph.mailbox-missing'],
    ['MailboxNotEnabledForRESTAPI', 'graph.mailbox-unusable'],
  ])('of a mailbox that is gone (%s) are no empty list', async (code, expected) => {
    server.answer = (arrival) => arrival.reply(404, { error: { code, message: 'x' } });
    const failure = await failureOf(source.folders(signal));
    expect([failure.kind, failure.code]).toEqual(['forbidden', expected]);
  });
});

describe('changes', () => {
  const path = '/mailFolders/f/messages/delta';
  const deltaLink = () => `${server.root}/v1.0/users('${USER}')/mailFolders('f')/messages/delta?$deltatoken=D1`;

  test('keep the fields that were asked for, and of an id that comes twice the last', async () => {
    serve({
      [path]: found({
        value: [
          { '@odata.etag': 'W/"1"', id: 'm1', changeKey: 'k1', subject: 'first', webLink: 'https://x' },
          { id: 'm2', '@removed': { reason: 'deleted' } },
          {
            id: 'm1',
            changeKey: 'k2',
            subject: null,
            singleValueExtendedProperties: [{ id: 'String 0x1a', value: 'IPM.Note' }],
          },
          { id: 'm2', changeKey: 'k1' },
          { id: 'm3', changeKey: 'k1' },
          { id: 'm3', '@removed': { reason: 'changed' } },
        ],
        '@odata.deltaLink': deltaLink(),
      }),
    });
    expect(await allChanges('f')).toEqual([
      {
        changed: [
          {
            id: 'm1',
            changeKey: 'k2',
            subject: null,
            singleValueExtendedProperties: [{ id: 'String 0x1a', value: 'IPM.Note' }],
          },
          { id: 'm2', changeKey: 'k1' },
        ],
        removed: ['m3'],
        cursor: deltaLink(),
      },
    ]);
  });

  test('are asked for with immutable ids, a page size, and every field that is kept', async () => {
    serve({ [path]: found({ value: [], '@odata.deltaLink': deltaLink() }) });
    await allChanges('f');
    const [request] = server.arrivals;
    expect(request?.headers['prefer']).toBe('IdType="ImmutableId", odata.maxpagesize=500');
    expect(request?.url).toContain(`$select=${MESSAGE_FIELDS.join(',')}`);
    expect(decodeURIComponent(request?.url ?? '')).toContain(
      "$expand=singleValueExtendedProperties($filter=id eq 'String 0x001A' or ",
    );
    expect(request?.url).not.toContain('$top');
  });

  test('go on at the cursor exactly as it was given', async () => {
    const cursor = deltaLink();
    server.answer = (arrival) => arrival.reply(200, { value: [], '@odata.deltaLink': cursor });
    await allChanges('f', cursor);
    expect(`${server.root}${server.arrivals[0]?.url}`).toBe(cursor);
  });

  test.each([
    ['410', 410, 'SyncStateNotFound'],
    ['400', 400, 'SyncStateInvalid'],
    ['404', 404, 'SyncStateNotFound'],
    ['410 without a body', 410, ''],
    ['404 that means the folder', 404, 'ErrorSyncFolderNotFound'],
  ])('report a cursor that is no longer known as expired: %s', async (_what, status, code) => {
    server.answer = (arrival) => (code === '' ? arrival.reply(status) : arrival.reply(status, { error: { code } }));
    expect((await failureOf(allChanges('f', deltaLink()))).kind).toBe('expired');
    expect(server.arrivals).toHaveLength(1);
  });

  test('of a folder that is gone are not found, whichever way the service says it', async () => {
    serve({ [path]: error(404, 'ErrorSyncFolderNotFound') });
    expect((await failureOf(allChanges('f'))).kind).toBe('not-found');
    serve({});
    expect((await failureOf(allChanges('f'))).kind).toBe('not-found');
  });

  test('never go to another host for a stored cursor', async () => {
    const failure = await failureOf(
      allChanges('f', 'https://evil.example/v1.0/users/u/mailFolders/f/messages/delta?$deltatoken=1'),
    );
    expect([failure.kind, failure.code]).toEqual(['expired', 'graph.cursor-foreign']);
    expect((await failureOf(allChanges('f', 'damaged'))).code).toBe('graph.cursor-malformed');
    expect(server.arrivals).toHaveLength(0);
  });

  test('that end without a cursor are not complete', async () => {
    serve({ [path]: found({ value: [] }) });
    expect((await failureOf(allChanges('f'))).code).toBe('graph.cursor-missing');
  });

  test('of a mailbox over its quota say so, and that they are not supported where that is the case', async () => {
    serve({ [path]: error(403, 'ErrorQuotaExceeded') });
    expect((await failureOf(allChanges('f'))).kind).toBe('quota');
    serve({
      [path]: {
        status: 400,
        body: { error: { code: 'BadRequest', message: "Parameter 'DeltaToken' not supported for this request." } },
      },
    });
    expect((await failureOf(allChanges('f'))).code).toBe('graph.change-tracking-unsupported');
  });
});

describe('a message', () => {
  test.each([
    [404, 'ErrorItemNotFound', 'not-found'],
    [500, 'ErrorMimeContentConversionFailed', 'unreadable'],
    [500, 'ErrorCorruptData', 'unreadable'],
    [400, 'ErrorInvalidRecipients', 'unreadable'],
    [404, 'ResourceNotFound', 'forbidden'],
    [403, 'ErrorAccessDenied', 'forbidden'],
  ])('whose MIME gives %i %s is %s', async (status, code, kind) => {
    serve({ '/messages/m/+=/$value': error(status, code) });
    expect((await failureOf(source.mime('m/+=', signal))).kind).toBe(kind);
    expect(server.arrivals).toHaveLength(1);
  });

  test('that cannot be had as MIME comes as body and raw attachments of all three kinds', async () => {
    const attachment = (kind: string, more: object) => ({
      '@odata.type': `#microsoft.graph.${kind}Attachment`,
      ...more,
    });
    const contents: Record<string, string> = { f: 'file bytes', i: 'Subject: inner\r\n\r\n' };
    serve({ '/messages/m': found({ body: { contentType: 'html', content: '<p>ä' } }) });
    const fallback = server.answer;
    server.answer = (arrival) => {
      const value = /attachments\/(\w)\/\$value/.exec(arrival.url)?.[1];
      if (value !== undefined) return arrival.reply(value === 'r' ? 405 : 200, contents[value]);
      if (!arrival.url.includes('/attachments')) return fallback(arrival);
      arrival.reply(200, {
        value: [
          attachment('file', { id: 'f', name: 'a.txt', contentType: 'text/plain', contentId: '<c@1>', isInline: true }),
          attachment('item', { id: 'i', name: 'inner', contentType: null, isInline: false }),
          attachment('reference', { id: 'r', name: 'link', contentType: null, isInline: false }),
        ],
      });
    };
    expect(await source.parts('m', signal)).toEqual({
      body: { contentType: 'html', content: '<p>ä' },
      attachments: [
        {
          kind: 'file',
          name: 'a.txt',
          contentType: 'text/plain',
          contentId: 'c@1',
          isInline: true,
          content: Buffer.from('file bytes'),
        },
        {
          kind: 'item',
          name: 'inner',
          contentType: '',
          contentId: '',
          isInline: false,
          content: Buffer.from('Subject: inner\r\n\r\n'),
        },
        { kind: 'reference', name: 'link', contentType: '', contentId: '', isInline: false, content: new Uint8Array() },
      ],
    });
  });
});
