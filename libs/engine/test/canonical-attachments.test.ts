import { describe, expect, test } from '@jest/globals';
import { canonicalHash, canonicalMessage } from '../src/index.ts';
import { buildMime, fileAttachment, recipient } from '../testing/index.ts';
import { content, ofMime, properties, sha256 } from './canonical-scene.ts';

describe('attachments', () => {
  test('of a file have name, lower-case type, content id, inline flag and the hash of the decoded bytes', async () => {
    const form = await ofMime(
      'Content-Type: multipart/related; boundary=b',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      '<img src="cid:logo@x">',
      '--b',
      'Content-Type: IMAGE/PNG; name="logo.png"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: inline; filename="logo.png"',
      'Content-ID: <logo@x>',
      '',
      Buffer.from('png').toString('base64'),
      '--b--',
    );
    expect(form.attachments).toEqual([
      {
        kind: 'file',
        name: 'logo.png',
        contentType: 'image/png',
        contentId: 'logo@x',
        isInline: true,
        sha256: sha256('png'),
      },
    ]);
  });

  test('without type, name or disposition have their defaults', async () => {
    const form = await ofMime(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Disposition: attachment',
      '',
      'bytes',
      '--b',
      'Content-Type: application/pdf',
      '',
      'pdf',
      '--b--',
    );
    expect(form.attachments).toMatchObject([
      { name: '', contentType: 'application/octet-stream', contentId: '', isInline: false, sha256: sha256('bytes') },
      { name: '', contentType: 'application/pdf', isInline: false, sha256: sha256('pdf') },
    ]);
  });

  test.each([
    ['RFC 2231', "filename*=utf-8''Gr%C3%BC%C3%9Fe.txt"],
    ['RFC 2231 in pieces', "filename*0*=utf-8''Gr%C3%BC; filename*1*=%C3%9Fe.txt"],
    ['an encoded word', 'filename="=?utf-8?B?R3LDvMOfZS50eHQ=?="'],
    ['raw 8-bit UTF-8', `filename="${Buffer.from('Grüße.txt').toString('latin1')}"`],
    ['raw windows-1252', 'filename="Gr\u00fc\u00dfe.txt"'],
  ])('have their name decoded from %s', async (_how, parameter) => {
    const form = await ofMime(
      'Content-Type: application/x-a',
      `Content-Disposition: attachment; ${parameter}`,
      '',
      'x',
    );
    expect(form.attachments).toMatchObject([{ name: 'Grüße.txt' }]);
  });

  test('that are calendars, reports or certificates are files like others', async () => {
    const form = await ofMime(
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'invitation',
      '--b',
      'Content-Type: text/calendar; method=REQUEST',
      '',
      'BEGIN:VCALENDAR',
      '--b--',
    );
    expect(form.body.text).toBe('invitation');
    expect(form.attachments).toMatchObject([
      { kind: 'file', contentType: 'text/calendar', sha256: sha256('BEGIN:VCALENDAR') },
    ]);
  });

  test('that are messages are forms of their own, nested ones too', async () => {
    const innermost = buildMime({ subject: 'innermost' }, content({ body: { contentType: 'text', content: 'deep' } }));
    const item = { ...fileAttachment(), kind: 'item' as const, name: '' };
    const inner = buildMime(
      {
        subject: 'Grüße',
        internetMessageId: '<inner@x>',
        from: recipient('Zoë <zoe@example.com>'),
        toRecipients: [recipient('a@example.com')],
        sentDateTime: '2023-11-12T13:14:15Z',
      },
      content({ attachments: [{ ...item, content: innermost }] }),
    );
    const outer = buildMime({}, content({ attachments: [{ ...item, name: 'named', content: inner }] }));
    const form = await canonicalMessage(properties(), outer, []);
    expect(form.attachments).toEqual([
      {
        kind: 'item',
        name: 'named',
        item: {
          internetMessageId: '<inner@x>',
          subject: 'Grüße',
          from: { name: 'Zoë', address: 'zoe@example.com' },
          to: [{ name: '', address: 'a@example.com' }],
          cc: [],
          replyTo: [],
          sentAt: '2023-11-12T13:14:15Z',
          body: { type: 'text', text: '' },
          attachments: [expect.objectContaining({ kind: 'item', name: 'innermost' })],
        },
      },
    ]);
  });

  test('that are messages with repeated headers have the first of each', async () => {
    const form = await ofMime(
      'Content-Type: message/rfc822',
      '',
      'Subject: first',
      'Subject: second',
      'To: "A, the first" <a@x.example>',
      'To: b@x.example',
      '',
      'x',
    );
    expect(form.attachments).toMatchObject([
      { item: { subject: 'first', to: [{ name: 'A, the first', address: 'a@x.example' }] } },
    ]);
  });

  test('that are links have only their name', async () => {
    const form = await ofMime(
      'Content-Type: message/external-body; access-type=URL; URL="https://x/y"; name="Budget.xlsx"',
      'Content-Disposition: attachment; filename="Budget.xlsx"',
      '',
      'Content-Type: application/octet-stream',
      '',
    );
    expect(form.attachments).toEqual([{ kind: 'reference', name: 'Budget.xlsx' }]);
  });

  test('are sorted by their JSON, whatever their order in the message', async () => {
    const [a, b] = [fileAttachment({ name: 'a' }), fileAttachment({ name: 'b' })];
    const one = await canonicalMessage(properties(), content({ attachments: [a, b] }), []);
    const other = await canonicalMessage(properties(), content({ attachments: [b, a] }), []);
    expect(canonicalHash(one)).toBe(canonicalHash(other));
  });

  test('of parts give the same form as the MIME of the same message', async () => {
    const attachments = [
      fileAttachment({ isInline: true, contentId: 'a@x', contentType: 'image/png' }),
      fileAttachment(),
    ];
    const parts = content({ body: { contentType: 'html', content: '<p>x</p>' }, attachments });
    const fromParts = await canonicalMessage(properties(), parts, []);
    const fromMime = await canonicalMessage(properties(), buildMime({}, parts), []);
    expect(fromMime).toEqual(fromParts);
  });
});
