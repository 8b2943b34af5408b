import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from './support/graph-caller.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 1, messages: 120, largeFolder: 0, bytes: 120 * 2000, seed: 5 });
let user = '';

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const post = (path: string, body: unknown): Promise<Answer> => bench.graph.call(path, { method: 'POST', body });

async function newMessage(): Promise<string> {
  const flags = [{ id: 'Integer 0x0E07', value: '1' }];
  const { json } = await post(`/users/${user}/mailFolders/inbox/messages`, {
    subject: 'with files',
    singleValueExtendedProperties: flags,
  });
  return `/users/${user}/messages/${json.id}`;
}

describe('reading attachments', () => {
  test('of all three kinds: names, kinds and bytes are those of the truth', async () => {
    const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
    const kinds = new Set<string>();
    for (const message of truth.messages.filter(({ attachments }) => attachments.length > 0)) {
      const path = `/users/${user}/messages/${message.id}/attachments`;
      const { value } = await bench.graph.all(`${path}?$select=id,name,size,contentType,isInline`);
      expect(value.map(({ name }) => (name as string | null) ?? '')).toEqual(
        message.attachments.map(({ name }) => name),
      );
      for (const [at, attachment] of value.entries()) {
        const { kind, sha256: digest } = message.attachments[at]!;
        kinds.add(kind);
        expect(attachment['@odata.type']).toBe(`#microsoft.graph.${kind}Attachment`);
        expect(attachment.contentBytes).toBeUndefined();
        const raw = await bench.graph.call(`${path}/${attachment.id}/$value`);
        if (kind === 'file') expect(sha256(raw.bytes)).toBe(digest);
        if (kind === 'item') expect(raw.bytes.toString('latin1')).toMatch(/^Received: [^]*\r\nSubject: /);
        if (kind === 'reference') expect(raw.status).toBe(405);
      }
    }
    expect([...kinds].sort()).toEqual(['file', 'item', 'reference']);
  });

  test('an item attachment can be expanded', async () => {
    const truth = await bench.simulator.control.truth({ mailbox: user, forms: false });
    const message = truth.messages.find(({ attachments }) => attachments[0]?.kind === 'item')!;
    const path = `/users/${user}/messages/${message.id}/attachments`;
    const { value } = (await bench.graph.call(`${path}?$expand=microsoft.graph.itemAttachment/item`)).json;
    expect(value[0].item).toMatchObject({ '@odata.type': '#microsoft.graph.message', body: { contentType: 'html' } });
  });

  test('contentId is a property of files only, and selected as such', async () => {
    const truth = await bench.simulator.control.truth({ mailbox: user });
    const message = truth.messages.find(({ canonical }) =>
      canonical?.attachments.some((file) => file.kind === 'file' && file.contentId === 'one@x'),
    )!;
    const path = `/users/${user}/messages/${message.id}/attachments`;
    expect((await bench.graph.call(`${path}?$select=contentId`)).status).toBe(400);
    const { value } = (await bench.graph.call(`${path}?$select=name,microsoft.graph.fileAttachment/contentId`)).json;
    expect(value[0]).toMatchObject({ name: 'one.png', contentId: 'one@x' });
  });
});

describe('adding attachments', () => {
  test('small files and messages are posted, and read back', async () => {
    const path = await newMessage();
    const bytes = randomBytes(1000);
    const file = await post(`${path}/attachments`, {
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'ü.bin',
      contentType: 'application/x-test',
      contentId: 'cid@x',
      isInline: true,
      contentBytes: bytes.toString('base64'),
    });
    expect([file.status, file.json.name]).toEqual([201, 'ü.bin']);
    const item = await post(`${path}/attachments`, {
      '@odata.type': '#microsoft.graph.itemAttachment',
      name: 'inner',
      item: {
        '@odata.type': '#microsoft.graph.message',
        subject: 'inner subject',
        sentDateTime: '2021-02-03T04:05:06Z',
        internetMessageId: '<inner@x>',
        body: { contentType: 'text', content: 'inner body' },
        from: { emailAddress: { name: 'I', address: 'i@x.example' } },
        attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'deep.txt', contentBytes: 'AAAA' }],
      },
    });
    expect(item.status).toBe(201);
    expect((await bench.graph.call(`${path}/attachments/${file.json.id}/$value`)).bytes.equals(bytes)).toBe(true);
    const mime = (await bench.graph.call(`${path}/attachments/${item.json.id}/$value`)).bytes.toString();
    expect(mime).toContain('Subject: inner subject');
    expect(mime).toContain('filename="deep.txt"');
    expect((await bench.graph.call(path)).json.hasAttachments).toBe(true);
    expect((await bench.graph.call(`${path}/attachments/${file.json.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.graph.call(`${path}/attachments`)).json.value).toHaveLength(1);
  });

  test('a file of more than 3 MB is refused, as are links', async () => {
    const path = await newMessage();
    const large = {
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'x',
      contentBytes: Buffer.alloc(3_200_000).toString('base64'),
    };
    expect((await post(`${path}/attachments`, large)).status).toBe(413);
    expect(
      (await post(`${path}/attachments`, { '@odata.type': '#microsoft.graph.referenceAttachment', name: 'x' })).status,
    ).toBe(400);
  });
});

describe('upload sessions', () => {
  const size = 5_000_000;

  async function session(path: string, item: object = {}): Promise<Answer> {
    return post(`${path}/attachments/createUploadSession`, {
      AttachmentItem: { attachmentType: 'file', name: 'large.bin', size, ...item },
    });
  }

  function put(
    url: string,
    bytes: Buffer,
    from: number,
    to: number,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return bench.graph.raw(url, {
      method: 'PUT',
      body: bytes.subarray(from, to),
      headers: { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}`, ...headers },
    });
  }

  test('fragments in order end in 201 with the attachment in Location', async () => {
    const path = await newMessage();
    const bytes = randomBytes(size);
    const opened = await session(path, { contentType: 'application/x-large', isInline: false });
    expect([opened.status, opened.json.nextExpectedRanges]).toEqual([201, ['0-']]);
    const url = opened.json.uploadUrl as string;
    const first = await put(url, bytes, 0, 2_000_000);
    expect([first.status, first.json.NextExpectedRanges]).toEqual([200, ['2000000']]);
    const repeated = await put(url, bytes, 0, 2_000_000);
    expect(repeated.status).toBe(416);
    const asked = await bench.graph.raw(url);
    expect(asked.json.NextExpectedRanges).toEqual(['2000000']);
    const last = await put(url, bytes, 2_000_000, size);
    expect([last.status, last.bytes.length]).toEqual([201, 0]);
    const id = /Attachments\('([^']+)'\)$/.exec(String(last.headers['location']))![1]!;
    const stored = await bench.graph.call(`${path}/attachments/${id}/$value`);
    expect(stored.bytes.equals(bytes)).toBe(true);
    expect((await bench.graph.raw(url)).status).toBe(404);
    const { json } = await bench.graph.call(`${path}/attachments/${id}?$select=name,contentType,size`);
    expect(json).toMatchObject({ name: 'large.bin', contentType: 'application/x-large' });
    const mime = await bench.graph.call(`${path}/$value`);
    expect(mime.bytes.length).toBeGreaterThan(size * 1.36);
  });

  test('the address refuses a token, a wrong length, and another total', async () => {
    const path = await newMessage();
    const { uploadUrl } = (await session(path)).json;
    const bytes = Buffer.alloc(size);
    expect((await put(uploadUrl, bytes, 0, 1000, { authorization: 'Bearer x' })).status).toBe(401);
    const short = await bench.graph.raw(uploadUrl, {
      method: 'PUT',
      body: Buffer.alloc(10),
      headers: { 'content-range': `bytes 0-99/${size}` },
    });
    expect(short.status).toBe(400);
    const other = await bench.graph.raw(uploadUrl, {
      method: 'PUT',
      body: Buffer.alloc(10),
      headers: { 'content-range': 'bytes 0-9/10' },
    });
    expect(other.status).toBe(400);
    expect((await bench.graph.raw(uploadUrl, { method: 'DELETE' })).status).toBe(204);
    expect((await put(uploadUrl, bytes, 0, 1000)).status).toBe(404);
  });

  test.each([
    [1000, 400, 'ErrorAttachmentSizeShouldNotBeLessThanMinimumSize'],
    [160 * 1024 * 1024, 413, 'ErrorMessageSizeExceeded'],
  ])('%d bytes are not for a session', async (bytes, status, code) => {
    const answer = await session(await newMessage(), { size: bytes });
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  });
});
