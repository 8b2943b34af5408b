import { expect, test } from '@jest/globals';
import type { MessageProperties, SourceAttachment } from '@backhaul/engine';
import { simpleParser } from 'mailparser';
import { composeMessage } from '../src/mail/compose-message.ts';

const person = (name: string, address: string) => ({ emailAddress: { name, address } });

const PROPERTIES: MessageProperties = {
  id: 'AAMk=',
  changeKey: 'c',
  parentFolderId: 'inbox',
  internetMessageId: '<one@example.com>',
  subject: 'Grüße aus 東京',
  from: person('Ada "A" Lovelace', 'ada@example.com'),
  sender: person('Desk', 'desk@example.com'),
  toRecipients: [person('Bob, Jr.', 'bob@example.com'), person('', 'carol@example.com')],
  ccRecipients: [person('Dan', 'dan@example.com')],
  bccRecipients: [person('Eve', 'eve@example.com')],
  replyTo: [person('Desk', 'desk@example.com')],
  sentDateTime: '2026-01-02T03:04:05Z',
  importance: 'high',
  categories: ['Red', 'Work'],
};

function attachment(changes: Partial<SourceAttachment>): SourceAttachment {
  return {
    kind: 'file',
    name: 'a.bin',
    contentType: 'application/octet-stream',
    contentId: '',
    isInline: false,
    content: Buffer.from([0, 255, 13, 10, 13, 0, 10]),
    ...changes,
  };
}

async function parsed(properties: MessageProperties, attachments: SourceAttachment[] = [], html = '<p>Hello</p>') {
  const { content, losses } = await composeMessage(properties, {
    body: { contentType: 'html', content: html },
    attachments,
  });
  return { mail: await simpleParser(Buffer.from(content)), losses, text: String(content) };
}

test('people, subject, dates and ids are read back as they were', async () => {
  const { mail, losses, text } = await parsed(PROPERTIES);
  expect(losses).toEqual([]);
  expect(mail.subject).toBe('Grüße aus 東京');
  expect(mail.messageId).toBe('<one@example.com>');
  expect(mail.date?.toISOString()).toBe('2026-01-02T03:04:05.000Z');
  expect(mail.from?.value).toEqual([{ name: 'Ada "A" Lovelace', address: 'ada@example.com' }]);
  expect([mail.to, mail.cc, mail.bcc, mail.replyTo].map((list) => (list as any).value)).toEqual([
    [
      { name: 'Bob, Jr.', address: 'bob@example.com' },
      { name: '', address: 'carol@example.com' },
    ],
    [{ name: 'Dan', address: 'dan@example.com' }],
    [{ name: 'Eve', address: 'eve@example.com' }],
    [{ name: 'Desk', address: 'desk@example.com' }],
  ]);
  expect(text).toMatch(/^Importance: high\r$/m);
  expect(mail.headers.get('keywords')).toBe('Red, Work');
  expect(String(mail.html).trim()).toBe('<p>Hello</p>');
});

test('attachments keep every byte, name, type and content id', async () => {
  const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7) % 256));
  const { mail } = await parsed(PROPERTIES, [
    attachment({ name: 'Übersicht 2026.pdf', contentType: 'application/pdf', content: bytes }),
    attachment({ name: 'logo.png', contentType: 'image/png', contentId: 'logo@1', isInline: true, content: bytes }),
    attachment({ name: 'empty.txt', contentType: 'text/plain', content: new Uint8Array(0) }),
  ]);
  const found = mail.attachments.map(({ filename, contentType, cid, content }) => [
    filename,
    contentType,
    cid,
    content,
  ]);
  expect(found).toHaveLength(3);
  expect(found).toEqual(
    expect.arrayContaining([
      ['Übersicht 2026.pdf', 'application/pdf', undefined, bytes],
      ['logo.png', 'image/png', 'logo@1', bytes],
      ['empty.txt', 'text/plain', undefined, Buffer.alloc(0)],
    ]),
  );
});

test('bytes that are said to have parts keep every one of them', async () => {
  const content = Buffer.from('AAA\r\n--no boundary');
  const { mail } = await parsed(PROPERTIES, [
    attachment({ contentType: 'multipart/alternative', content }),
    attachment({ contentType: 'message/partial', content }),
  ]);
  expect(mail.attachments.map((one) => [one.contentType, one.content])).toEqual([
    ['application/octet-stream', content],
    ['application/octet-stream', content],
  ]);
});

test('an attached message stays a message, byte for byte', async () => {
  const inner = 'Subject: inner\r\nFrom: x@example.com\r\n\r\nGrüße\nwith lone LF\r\n';
  const { text, mail } = await parsed(PROPERTIES, [
    attachment({ kind: 'item', name: 'inner', contentType: 'message/rfc822', content: Buffer.from(inner) }),
  ]);
  expect(text).toContain(inner);
  expect(mail.attachments.map(({ contentType, content }) => [contentType, String(content)])).toEqual([
    ['message/rfc822', inner],
  ]);
});

test('a link to a cloud file is named as lost', async () => {
  const { losses, mail } = await parsed(PROPERTIES, [attachment({ kind: 'reference', name: 'Plan.docx' })]);
  expect(losses).toEqual([expect.stringContaining('"Plan.docx"')]);
  expect(mail.attachments).toEqual([]);
});

test('nothing in a field becomes a header of its own', async () => {
  const evil = 'x\r\nX-Evil: 1\r\n\r\nbody';
  const { mail, text } = await parsed(
    { ...PROPERTIES, subject: evil, internetMessageId: evil, from: person(evil, evil), categories: [evil] },
    [attachment({ name: evil, contentType: `text/x\r\nX-Evil: 1`, contentId: evil, isInline: true })],
  );
  expect(mail.headers.has('x-evil')).toBe(false);
  expect(text).not.toMatch(/^X-Evil/im);
});

test('no file or address named in a message is ever read', async () => {
  const { mail } = await parsed(PROPERTIES, [], '<img src="file:///etc/passwd"><img src="http://127.0.0.1:1/x">');
  expect(mail.attachments).toEqual([]);
  expect(mail.html).toContain('file:///etc/passwd');
});
