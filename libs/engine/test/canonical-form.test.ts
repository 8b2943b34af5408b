import { describe, expect, test } from '@jest/globals';
import { canonicalDifferences, canonicalHash, canonicalMessage } from '../src/index.ts';
import { buildMime, fileAttachment, recipient } from '../testing/index.ts';
import { content, ofMime, properties, sha256 } from './canonical-scene.ts';

describe('the members of a canonical message', () => {
  test('stand in the order of the specification', async () => {
    expect(Object.keys(await canonicalMessage(properties(), content(), ['Inbox']))).toEqual([
      'folderPath',
      'internetMessageId',
      'subject',
      'from',
      'to',
      'cc',
      'bcc',
      'replyTo',
      'sentAt',
      'receivedAt',
      'isRead',
      'importance',
      'flag',
      'categories',
      'body',
      'attachments',
    ]);
  });

  test('of a message that says nothing have their defaults', async () => {
    expect(await canonicalMessage(properties(), Buffer.from(''), ['Inbox'])).toEqual({
      folderPath: ['Inbox'],
      internetMessageId: '',
      subject: '',
      from: null,
      to: [],
      cc: [],
      bcc: [],
      replyTo: [],
      sentAt: null,
      receivedAt: null,
      isRead: false,
      importance: 'normal',
      flag: 'notFlagged',
      categories: [],
      body: { type: 'text', text: '' },
      attachments: [],
    });
  });

  test('come from the JSON, not from the MIME, where the JSON states them', async () => {
    const stated = properties({
      subject: 'From JSON',
      internetMessageId: '<json@x>',
      from: recipient('Ada <ADA@Example.com>'),
      toRecipients: [recipient('b@example.com'), recipient('a@example.com')],
      bccRecipients: [recipient('Secret <s@example.com>')],
      sentDateTime: '2024-02-29T12:34:56.789Z',
      receivedDateTime: '2024-02-29T13:34:57+01:00',
      isRead: true,
      importance: 'high',
      flag: { flagStatus: 'complete' },
      categories: ['b', 'a', 'B'],
    });
    const mime = buildMime({ subject: 'From MIME', internetMessageId: '<mime@x>' }, content());
    expect(await canonicalMessage(stated, mime, [])).toMatchObject({
      subject: 'From JSON',
      internetMessageId: '<json@x>',
      from: { name: 'Ada', address: 'ada@example.com' },
      to: [
        { name: '', address: 'b@example.com' },
        { name: '', address: 'a@example.com' },
      ],
      bcc: [{ name: 'Secret', address: 's@example.com' }],
      sentAt: '2024-02-29T12:34:56Z',
      receivedAt: '2024-02-29T12:34:57Z',
      isRead: true,
      importance: 'high',
      flag: 'complete',
      categories: ['B', 'a', 'b'],
    });
  });
});

describe('text', () => {
  test.each([
    ['runs of white space', ' a \t\r\n  b ', 'a b'],
    ['a decomposed letter', 'e\u0301', '\u00e9'],
    ['a NUL', 'a\0b', 'ab'],
    ['other spaces', '\u00a0a\u00a0', '\u00a0a\u00a0'],
  ])('of a subject with %s is normalized', async (_what, subject, expected) => {
    expect((await canonicalMessage(properties({ subject }), content(), [])).subject).toBe(expected);
  });

  test.each([
    ['CR LF and lone CR', 'a\r\nb\rc', 'a\nb\nc'],
    ['spaces before a line end', 'a \t\nb', 'a\nb'],
    ['white space at the end', 'a\n \t\r\n\n', 'a'],
    ['white space at the beginning', '  a', '  a'],
    ['empty lines within', 'a\n\n\nb', 'a\n\n\nb'],
    ['a NUL and a decomposed letter', 'e\u0301\0', '\u00e9'],
  ])('of a body with %s is normalized', async (_what, text, expected) => {
    const form = await canonicalMessage(properties(), content({ body: { contentType: 'html', content: text } }), []);
    expect(form.body).toEqual({ type: 'html', text: expected });
  });

  test('of a body with a million spaces takes no time to speak of', async () => {
    const text = `a${' '.repeat(1_000_000)}b`;
    const startedAt = performance.now();
    await canonicalMessage(properties(), content({ body: { contentType: 'text', content: text } }), []);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test.each([
    ['that repeats the address', 'ADA@example.com <ada@Example.com>', { name: '', address: 'ada@example.com' }],
    ['with white space', ' Ada  L <ada@example.com>', { name: 'Ada L', address: 'ada@example.com' }],
  ])('of a name %s is normalized', async (_what, from, expected) => {
    expect((await canonicalMessage(properties({ from: recipient(from) }), content(), [])).from).toEqual(expected);
  });

  test('of names of attachments is normalized like other names, names of folders stay as they are', async () => {
    const attachments = [fileAttachment({ name: ' u\u0308ber  alles.txt ' })];
    const form = await canonicalMessage(properties(), content({ attachments }), [' Inbox ', 'u\u0308']);
    expect(form.folderPath).toEqual([' Inbox ', 'u\u0308']);
    expect(form.attachments).toMatchObject([{ name: '\u00fcber alles.txt' }]);
  });

  test('of an entry without name and address counts as missing', async () => {
    const empty = { emailAddress: { name: '', address: '' } };
    const form = await canonicalMessage(
      properties({ from: empty, toRecipients: [empty, null as never] }),
      content(),
      [],
    );
    expect(form).toMatchObject({ from: null, to: [] });
  });
});

describe('the body', () => {
  test('is the HTML when a message has both', async () => {
    const form = await ofMime(
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'plain',
      '--b',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<p>gr=C3=BCn <img src=3D"cid:x"></p>',
      '--b--',
    );
    expect(form.body).toEqual({ type: 'html', text: '<p>grün <img src="cid:x"></p>' });
    expect(form.attachments).toEqual([]);
  });

  test('is plain text without a content type', async () => {
    expect((await ofMime('Subject: x', '', 'plain text')).body).toEqual({ type: 'text', text: 'plain text' });
  });

  test('leaves further text parts to the attachments when they are no other renderings of it', async () => {
    const form = await ofMime(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'the body',
      '--b',
      'Content-Type: text/plain',
      '',
      'a footer',
      '--b--',
    );
    expect(form.body.text).toBe('the body');
    expect(form.attachments).toMatchObject([
      { kind: 'file', name: '', contentType: 'text/plain', sha256: sha256('a footer') },
    ]);
  });

  test('is never a text file that is attached, with or without a disposition', async () => {
    const form = await ofMime(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html; name=page.html',
      '',
      '<p>attached</p>',
      '--b',
      'Content-Type: text/plain',
      'Content-Disposition: inline; filename=notes.txt',
      '',
      'notes',
      '--b--',
    );
    expect(form.body).toEqual({ type: 'text', text: '' });
    expect(form.attachments.map(({ name }) => name)).toEqual(['notes.txt', 'page.html']);
  });

  test.each([
    ['iso-8859-1', Buffer.from('gr\u00fcn', 'latin1')],
    ['windows-1252', Buffer.from([0x80])],
    ['shift_jis', Buffer.from([0x93, 0xfa])],
    ['iso-2022-jp', Buffer.from('\u001b$BF|\u001b(B', 'latin1')],
    ['utf-16', Buffer.from('\ufeffgr\u00fcn', 'utf16le')],
    ['utf-16', Buffer.from('\ufeffgr\u00fcn', 'utf16le').swap16()],
    ['no-such-charset', Buffer.from('gr\u00fcn', 'utf8')],
    ['utf-8', Buffer.from('gr\u00fcn', 'utf8')],
  ])('in %s is decoded', async (charset, bytes) => {
    const head = `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
    const form = await canonicalMessage(properties(), Buffer.from(head + bytes.toString('base64')), []);
    expect(['grün', '€', '日']).toContain(form.body.text);
  });

  test('in raw bytes that are no valid UTF-8 is read as windows-1252', async () => {
    expect((await ofMime('Content-Type: text/plain; charset=us-ascii', '', 'gr\u00fcn')).body.text).toBe('grün');
  });
});

describe('comparing', () => {
  test('two renderings of one message gives equal hashes although their bytes differ', async () => {
    const parts = content({ attachments: [fileAttachment()] });
    const [one, other] = [buildMime({}, parts), buildMime({}, parts)];
    expect(Buffer.compare(one, other)).not.toBe(0);
    const forms = [
      await canonicalMessage(properties(), one, []),
      await canonicalMessage(properties(), other, []),
    ] as const;
    expect(canonicalHash(forms[0])).toBe(canonicalHash(forms[1]));
    expect(canonicalDifferences(...forms)).toEqual([]);
  });

  test('names the members that differ', async () => {
    const one = await canonicalMessage(properties({ isRead: true, subject: 'a' }), content(), []);
    const other = await canonicalMessage(properties({ subject: 'b' }), content(), []);
    expect(canonicalDifferences(one, other)).toEqual(['subject', 'isRead']);
  });
});
