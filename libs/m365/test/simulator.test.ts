import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isFailure, Secret, type Failure } from '@backhaul/domain';
import type { MailTarget, MessageChanges, MessageToCreate } from '@backhaul/engine';
import { startSimulator, type FaultEffect, type LogEntry, type Simulator } from '@backhaul/graph-simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  checkEndpoints,
  createTokenSource,
  createTransport,
  mailSource,
  mailTarget,
  openDirectory,
  openGraph,
  preflight,
  type ClientCredential,
  type Graph,
  type GraphOptions,
  type TokenSource,
  type Transport,
} from '../src/index.ts';

let simulator: Simulator;
let transport: Transport;
let tokens: TokenSource;
let graph: Graph;
/** User ids with a mailbox; the first one has the large folder. */
let users: string[];
let logStart: number;
const { signal } = new AbortController();

beforeAll(async () => {
  simulator = await startSimulator({ mailboxes: 3, messages: 900, largeFolder: 300, bytes: 900 * 3_000, seed: 7 });
  transport = createTransport({
    caCertificates: [simulator.caCertificate],
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 2_000,
  });
  tokens = tokenSource({ type: 'secret', secret: new Secret(simulator.clientSecret) });
  users = (await simulator.control.users()).filter(({ messages }) => messages > 0).map(({ id }) => id);
});
beforeEach(async () => {
  logStart = (await simulator.control.log({})).next;
  graph = open();
});
afterEach(async () => {
  await simulator.control.clearFaults();
  await simulator.control.updateSettings({ deltaGenerations: 0, earlyGraceMs: 250, latencyMs: 0 });
});
afterAll(async () => {
  await transport.close();
  await simulator.close();
});

function tokenSource(credential: ClientCredential): TokenSource {
  return createTokenSource({
    loginUrl: simulator.loginUrl,
    graphUrl: simulator.graphUrl,
    directoryId: simulator.tenantId,
    clientId: simulator.clientId,
    credential,
    transport,
  });
}

function open(options: Partial<GraphOptions> = {}): Graph {
  const { host } = new URL(simulator.graphUrl);
  const urls = { loginUrl: simulator.loginUrl, graphUrl: simulator.graphUrl };
  const { graphUrl, linkHosts } = checkEndpoints(urls, [host]);
  return openGraph({
    root: graphUrl,
    linkHosts,
    token: async (refused) => (refused === undefined ? await tokens.token() : await tokens.refresh()).accessToken,
    signal,
    taskTag: 'task',
    transport,
    firstPauseMs: 5,
    ...options,
  });
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (isFailure(thrown)) return thrown;
  throw thrown;
}

async function logged(): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let since = logStart; ;) {
    const page = await simulator.control.log({ since });
    entries.push(...page.entries);
    if (page.entries.length === 0) return entries;
    since = page.next;
  }
}

async function pagesOf(
  folderId: string,
  cursor: string | null = null,
  user = users[0] ?? '',
): Promise<MessageChanges[]> {
  const pages: MessageChanges[] = [];
  for await (const page of mailSource(graph, user).changes(folderId, cursor, signal)) pages.push(page);
  return pages;
}

async function wellKnown(name: string, user = users[0] ?? ''): Promise<string> {
  const folder = (await mailSource(graph, user).folders(signal)).find(({ wellKnownName }) => wellKnownName === name);
  return folder?.id ?? '';
}

async function largestFolder(): Promise<string> {
  const { messages } = await simulator.control.truth({ mailbox: users[0] ?? '', forms: false });
  const sizes = new Map<string, number>();
  for (const { folderId } of messages) sizes.set(folderId, (sizes.get(folderId) ?? 0) + 1);
  return [...sizes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

const idsOf = (pages: MessageChanges[]) => pages.flatMap(({ changed }) => changed.map(({ id }) => id));

describe('tokens', () => {
  test('come for a secret and for a certificate, with the permissions that the preflight asks for', async () => {
    const { keyPath, thumbprintSha256 } = simulator.clientCertificate;
    const byCertificate = await tokenSource({
      type: 'certificate',
      thumbprintSha256,
      privateKey: new Secret(readFileSync(keyPath, 'utf8')),
    }).token();
    const bySecret = await tokens.token();
    expect(byCertificate.roles).toEqual(bySecret.roles);
    expect(preflight(bySecret.roles, { backup: ['mail'], restore: ['mail'] })).toEqual({
      missing: [],
      excess: [],
      ready: true,
    });
  });

  test('do not come for a wrong secret, client or tenant; the field is named', async () => {
    const wrong = { secret: new Secret('canary'), client: '9'.repeat(8) + '-0000-4000-8000-000000000000' };
    const secret = await failureOf(tokenSource({ type: 'secret', secret: wrong.secret }).token());
    expect([secret.code, secret.where['field']]).toEqual(['entra.secret-wrong', 'credential']);
    const common = { loginUrl: simulator.loginUrl, graphUrl: simulator.graphUrl, transport };
    const credential: ClientCredential = { type: 'secret', secret: new Secret(simulator.clientSecret) };
    const clientId = await failureOf(
      createTokenSource({ ...common, directoryId: simulator.tenantId, clientId: wrong.client, credential }).token(),
    );
    expect(clientId.where['field']).toBe('clientId');
    const directoryId = await failureOf(
      createTokenSource({ ...common, directoryId: wrong.client, clientId: simulator.clientId, credential }).token(),
    );
    expect(directoryId.where['field']).toBe('directoryId');
  });
});

describe('the inventory', () => {
  test('lists organization, users with the kind of their mailbox, groups, teams and sites', async () => {
    const directory = openDirectory(graph);
    expect((await directory.organization()).id).toBe(simulator.tenantId);
    const found = new Map<string, string | null>();
    for await (const page of directory.users()) for (const { id, mailbox } of page) found.set(id, mailbox);
    for (const { id, kind } of await simulator.control.users()) {
      expect([kind, found.get(id)]).toEqual([kind, kind === 'guest' ? undefined : kind === 'no-mailbox' ? null : kind]);
    }
    for await (const page of directory.groups()) expect(page.length).toBeGreaterThan(0);
    for await (const page of directory.sites()) expect(page.length).toBeGreaterThan(0);
  });
});

describe('reading a mailbox', () => {
  test('gives every folder and every message, with the bytes that were sent, four requests at once at most', async () => {
    const [user = ''] = users;
    const source = mailSource(graph, user);
    const truth = await simulator.control.truth({ mailbox: user, forms: false });
    const folders = await source.folders(signal);
    expect(folders.map(({ id }) => id).sort()).toEqual(truth.folders.map(({ id }) => id).sort());
    for (const { id, wellKnownName, hidden } of folders) {
      expect(truth.folders.find((folder) => folder.id === id)).toMatchObject({ wellKnownName, hidden });
    }

    const listed = await Promise.all(folders.map(async ({ id }) => idsOf(await pagesOf(id))));
    expect(listed.flat().sort()).toEqual(truth.messages.map(({ id }) => id).sort());

    const hashes = await Promise.all(
      listed.flat().map(async (id) =>
        createHash('sha256')
          .update(await source.mime(id, signal))
          .digest('hex'),
      ),
    );
    const entries = await logged();
    const sent = entries.filter(({ path }) => path.endsWith('/$value')).map(({ sha256 }) => sha256);
    expect([...hashes].sort()).toEqual([...sent].sort());
    expect(entries.every(({ task }) => task === 'task')).toBe(true);
    expect((await simulator.control.logSummary({ since: logStart })).maxConcurrentPerMailbox).toBeLessThanOrEqual(4);
  });

  test('goes on from a cursor with what changed, moves and deletions included', async () => {
    const [user = ''] = users;
    const folder = await largestFolder();
    const before = await pagesOf(folder);
    const [first = '', second = '', third = ''] = idsOf(before);
    await simulator.control.edit(
      { do: 'update-message', mailbox: user, message: first, set: { isRead: true, subject: 'changed' } },
      { do: 'delete-message', mailbox: user, message: second },
      { do: 'move-message', mailbox: user, message: third, to: 'archive' },
    );
    const changes = await pagesOf(folder, before.at(-1)?.cursor ?? null);
    expect(changes.flatMap(({ changed }) => changed.map(({ id, subject }) => [id, subject]))).toEqual([
      [first, 'changed'],
    ]);
    expect(changes.flatMap(({ removed }) => removed).sort()).toEqual([second, third].sort());
    expect(idsOf(await pagesOf(await wellKnown('archive')))).toContain(third);
  });

  test.each<[string, 'missing' | 'inactive' | 'denied', string]>([
    ['gone', 'missing', 'graph.mailbox-missing'],
    ['inactive', 'inactive', 'graph.mailbox-unusable'],
    ['closed to us', 'denied', 'graph.mailbox-denied'],
  ])('that is %s says so and is no empty mailbox', async (_what, mailboxState, code) => {
    const { id } = await simulator.control.addUser();
    await simulator.control.updateUser(id, { mailboxState });
    const source = mailSource(graph, id);
    for (const ask of [source.folders(signal), source.mime('AAkA', signal), pagesOf('inbox', null, id)]) {
      expect(await failureOf(ask)).toMatchObject({ kind: 'forbidden', code });
    }
  });
});

describe('cursors and page links', () => {
  test('that the service has forgotten are expired (410)', async () => {
    const pages = await pagesOf(await wellKnown('inbox'));
    await simulator.control.expireDeltaLinks({ mailbox: users[0] ?? '' });
    const failure = await failureOf(pagesOf(await wellKnown('inbox'), pages.at(-1)?.cursor ?? null));
    expect(failure.kind).toBe('expired');
  });

  test('of a walk that stood still too long are expired in the middle of it', async () => {
    const folder = await largestFolder();
    // The simulator gives pages of what is asked for; a mailbox that chokes on large ones makes for many small ones.
    await simulator.control.addFault({
      match: { pathRegex: '/delta', times: 2 },
      effect: { kind: 'status', status: 504 },
    });
    graph = open({ maxTries: 1 });
    const changes = mailSource(graph, users[0] ?? '').changes(folder, null, signal);
    const walk = changes[Symbol.asyncIterator]();
    expect((await walk.next()).value).toMatchObject({ changed: expect.any(Array) });
    await simulator.control.expireDeltaLinks();
    expect((await failureOf(Promise.resolve(walk.next()))).kind).toBe('expired');
  });

  test('of a folder that was deleted are no longer known, and the folder is not found when it is read anew', async () => {
    const [mailbox = ''] = users;
    const made = await simulator.control.edit({
      do: 'add-folder',
      mailbox,
      parent: 'inbox',
      displayName: 'Short-lived',
    });
    const folder = made[0]?.id ?? '';
    const cursor = (await pagesOf(folder)).at(-1)?.cursor ?? null;
    await simulator.control.edit({ do: 'delete-folder', mailbox, folder });
    expect((await failureOf(pagesOf(folder, cursor))).kind).toBe('expired');
    expect((await failureOf(pagesOf(folder))).kind).toBe('not-found');
  });
});

describe('a fault of the service', () => {
  test.each<[string, FaultEffect]>([
    ['truncated JSON', { kind: 'truncate' }],
    ['a web page with status 200', { kind: 'html' }],
    ['a reset in the middle of the body', { kind: 'reset' }],
    ['a lost answer', { kind: 'lost-answer' }],
    ['an error 503 without a body', { kind: 'status', status: 503, body: 'empty' }],
    ['an error 502 that is a web page', { kind: 'status', status: 502, body: 'html' }],
    ['no answer', { kind: 'hang' }],
    ['a dead token', { kind: 'expire-token' }],
    ['an empty page with a link', { kind: 'empty-page' }],
    ['entries that come twice', { kind: 'duplicate-items' }],
  ])('(%s) at a page of changes loses and doubles nothing', async (_what, effect) => {
    const folder = await largestFolder();
    const expected = new Set(idsOf(await pagesOf(folder)));
    await simulator.control.addFault({ match: { pathRegex: '/messages/delta', nth: 1 }, effect });
    expect(new Set(idsOf(await pagesOf(folder)))).toEqual(expected);
    expect((await simulator.control.faults()).map(({ applied }) => applied)).toEqual([1]);
  });

  test.each(['reset', 'lost-answer', 'html', 'expire-token'] as const)(
    '(%s) at a message gives the whole message',
    async (kind) => {
      const [id = ''] = idsOf(await pagesOf(await largestFolder()));
      await simulator.control.addFault({ match: { pathRegex: '/\\$value', nth: 1 }, effect: { kind } });
      const mime = await mailSource(graph, users[0] ?? '').mime(id, signal);
      const last = (await logged()).findLast(({ path }) => path.endsWith('/$value'));
      expect(createHash('sha256').update(mime).digest('hex')).toBe(last?.sha256);
    },
  );

  test.each(['same-link', 'new-link'] as const)('(endless links, %s) ends', async (variant) => {
    await simulator.control.addFault({
      match: { pathRegex: '/messages/delta' },
      effect: { kind: 'endless-next-link', variant },
    });
    expect((await failureOf(pagesOf(await largestFolder()))).code).toBe('graph.endless-paging');
    expect((await logged()).filter(({ path }) => path.includes('/delta')).length).toBeLessThan(6);
  });

  test('(links to another host) is not followed', async () => {
    await simulator.control.addFault({ match: { pathRegex: '/messages/delta' }, effect: { kind: 'foreign-link' } });
    expect((await failureOf(pagesOf(await largestFolder()))).code).toBe('graph.foreign-link');
  });
});

describe('politeness', () => {
  test('no request comes before a Retry-After is over, whoever asks, and never more than four at once', async () => {
    await simulator.control.updateSettings({ earlyGraceMs: 100, latencyMs: 5 });
    const folder = await largestFolder();
    const ids = idsOf(await pagesOf(folder));
    await simulator.control.addFault({
      match: { pathRegex: '/\\$value', probability: 0.02, seed: 3, times: 4 },
      effect: { kind: 'status', status: 429, retryAfterSeconds: 1, code: 'ApplicationThrottled' },
    });
    const source = mailSource(graph, users[0] ?? '');
    await Promise.all(ids.map((id) => source.mime(id, signal)));
    const summary = await simulator.control.logSummary({ since: logStart });
    expect(summary.byStatus['429']).toBeGreaterThan(0);
    expect(summary.early).toBe(0);
    expect(summary.maxConcurrentPerMailbox).toBe(4);
    expect(graph.counters.throttledMs).toBeGreaterThan(900);
  });

  test('a wait longer than the slot may be held is reported instead of waited', async () => {
    await simulator.control.addFault({ match: {}, effect: { kind: 'status', status: 429, retryAfterSeconds: 300 } });
    const failure = await failureOf(mailSource(graph, users[0] ?? '').folders(signal));
    expect(failure.kind).toBe('throttled');
    expect(failure.retryAfterMs).toBeGreaterThan(299_000);
    expect((await logged()).length).toBe(1);
  });
});

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

  test('is found again by its mark and by its twins, and removed without a trace', async () => {
    const inbox = await wellKnown('inbox', user);
    const { id } = await target.create(inbox, message, signal);
    expect(await target.findMarked(inbox, 'restore-1', signal)).toEqual([{ id, mark }]);
    expect(await target.findMarked(inbox, 'restore-2', signal)).toEqual([]);
    await target.markComplete(id, mark, signal);
    expect(await target.findMarked(inbox, 'restore-1', signal)).toEqual([{ id, mark: { ...mark, complete: true } }]);
    const byId = { internetMessageId: "<o'neil@far.example>", subject: '', sentDateTime: null };
    expect((await target.findTwins(inbox, byId, signal)).map((twin) => twin.id)).toEqual([id]);
    const likeIt = { internetMessageId: '', subject: message.subject, sentDateTime: message.sentDateTime };
    expect((await target.findTwins(inbox, likeIt, signal)).map((twin) => twin.id)).toEqual([id]);
    await target.remove(id, signal);
    await target.remove(id, signal);
    expect((await simulator.control.truth({ mailbox: user })).messages).toEqual([]);
  });

  test('whose answer is lost leaves one message, which the mark finds', async () => {
    const inbox = await wellKnown('inbox', user);
    await simulator.control.addFault({ match: { method: 'POST', nth: 1 }, effect: { kind: 'lost-answer' } });
    expect((await failureOf(target.create(inbox, message, signal))).kind).toBe('unavailable');
    expect(await target.findMarked(inbox, 'restore-1', signal)).toHaveLength(1);
  });

  test('makes each folder once, whatever the case of its name and whatever answers are lost', async () => {
    await simulator.control.addFault({ match: { method: 'POST', nth: 1 }, effect: { kind: 'lost-answer' } });
    const first = await target.ensureFolder('', 'Überblick', { hidden: false }, signal);
    const second = await target.ensureFolder('', 'überblick', { hidden: false }, signal);
    const below = await target.ensureFolder(first.id, 'Überblick', { hidden: true }, signal);
    expect(second.id).toBe(first.id);
    const folders = await target.folders(signal);
    expect(folders.find(({ id }) => id === below.id)).toMatchObject({
      parentId: first.id,
      hidden: true,
      name: 'Überblick',
    });
    expect(folders.filter(({ name }) => name === 'Überblick')).toHaveLength(2);
  });

  test('survives faults in mid-upload with every byte', async () => {
    const { id } = await target.create(await wellKnown('inbox', user), message, signal);
    await simulator.control.addFault({ match: { method: 'PUT', nth: 1 }, effect: { kind: 'status', status: 503 } });
    await simulator.control.addFault({ match: { method: 'PUT', nth: 2 }, effect: { kind: 'lost-answer' } });
    const attachment = {
      kind: 'file' as const,
      name: 'l',
      contentType: 'x/y',
      contentId: '',
      isInline: false,
      content: large,
    };
    await target.attach(id, attachment, signal);
    const { messages } = await simulator.control.truth({ mailbox: user, forms: false });
    expect(messages[0]?.attachments).toMatchObject([{ sha256: createHash('sha256').update(large).digest('hex') }]);
  });

  test('sends nothing to an upload address on another host', async () => {
    const { id } = await target.create(await wellKnown('inbox', user), message, signal);
    await simulator.control.addFault({ match: { pathRegex: 'createUploadSession' }, effect: { kind: 'foreign-link' } });
    const attachment = {
      kind: 'file' as const,
      name: 'l',
      contentType: 'x/y',
      contentId: '',
      isInline: false,
      content: large,
    };
    expect((await failureOf(target.attach(id, attachment, signal))).code).toBe('graph.foreign-link');
    expect((await logged()).filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  test('of a mailbox that is full says so', async () => {
    const inbox = await wellKnown('inbox', user);
    await simulator.control.updateUser(user, { mailboxState: 'over-quota' });
    expect((await failureOf(target.create(inbox, message, signal))).kind).toBe('quota');
  });
});
