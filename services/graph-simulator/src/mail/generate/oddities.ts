import type { FileAttachment, MessageContent } from '../state/message.ts';
import type { TextSource } from '../../tenant/source.ts';
import { ASCII_RENDERING } from './message.ts';
import type { Random } from '../../generate/random.ts';

/** Turns an ordinary message into an odd one that real mailboxes hold. */
type Oddity = (content: MessageContent, random: Random) => MessageContent;

/** Every oddity by name; a generated tenant with enough messages has each at least once, in its first mailbox. */
export const ODDITIES: Readonly<Record<string, Oddity>> = {
  'no subject': (content) => ({ ...content, subject: null }),
  'no message id': (content) => ({ ...content, internetMessageId: null }),
  'no body': (content) => ({ ...content, body: null, attachments: content.attachments.filter(isNotInline) }),
  'empty html body': (content) => ({
    ...content,
    body: { type: 'html', source: text('') },
    attachments: content.attachments.filter(isNotInline),
  }),
  'very long subject': (content) => ({ ...content, subject: 'Lorem ipsum größer 長い '.repeat(40).trim() }),
  'long ascii subject without a space': (content) => ({ ...content, subject: 'x'.repeat(255) }),
  'emoji everywhere': (content) => ({
    ...content,
    subject: '👩🏾‍💻🇫🇷 ½ ﷽ e\u0301 ️⃣ end',
    from: { name: '🦊 Fox', address: 'fox@party.example' },
    body: { type: 'text', source: text('🎂 '.repeat(300) + '\r\nend 👍🏽') },
    attachments: [file(1, '📎 clip 🗂️.txt', 'text/plain', random32(content), 300)],
  }),
  'raw utf-8 headers': (content) => ({
    ...content,
    subject: 'Größe und Naïveté — 8 bit',
    rendering: { ...content.rendering, headers: 'raw-utf8', names: 'raw-utf8' },
    attachments: [file(1, 'Übersicht.csv', 'text/csv', random32(content), 500)],
  }),
  'raw latin-1 headers': (content) => ({
    ...content,
    subject: 'Größe und Naïveté',
    from: { name: 'Jürgen Müller', address: 'jm@partner.example' },
    rendering: { ...content.rendering, headers: 'raw-latin1' },
  }),
  'iso-8859-1, 8 bit': (content) => ({
    ...content,
    body: { type: 'text', source: text('Größe, Maß, café\r\n\r\nFin. ½ © ÿ') },
    attachments: [],
    rendering: { ...content.rendering, charset: 'iso-8859-1', encoding: '8bit' },
  }),
  'windows-1252': (content) => ({
    ...content,
    body: { type: 'html', source: text('<p>“€ 100” – it’s… ™ Œuvre Ž</p>') },
    attachments: [],
    rendering: { ...content.rendering, charset: 'windows-1252', encoding: 'quoted-printable' },
  }),
  'utf-16': (content) => ({
    ...content,
    body: { type: 'html', source: text('<html><body>日本語 and Größe 🎉</body></html>') },
    attachments: [],
    rendering: { ...content.rendering, charset: 'utf-16', encoding: 'base64' },
  }),
  'quoted-printable traps': (content) => ({
    ...content,
    body: {
      type: 'text',
      source: text(`a=3D b =\r\ntrailing \t\r\n.\r\nFrom here\r\n--not a boundary\r\n${'=é'.repeat(90)}\r\nend`),
    },
    attachments: [],
    rendering: { ...content.rendering, charset: 'utf-8', encoding: 'quoted-printable' },
  }),
  'one very long line': (content) => ({
    ...content,
    body: { type: 'html', source: text(`<p>${'word '.repeat(4000)}</p>`) },
    attachments: [],
    rendering: { ...content.rendering, charset: 'utf-8', encoding: '8bit', alternative: false },
  }),
  'deeply nested multiparts': (content) => ({
    ...content,
    attachments: [1, 2, 3, 4].map((key) =>
      file(key, `part ${key}.bin`, 'application/octet-stream', random32(content) + key, 700),
    ),
    rendering: { ...content.rendering, nesting: 4, alternative: true },
  }),
  'inline images': (content) => ({
    ...content,
    body: { type: 'html', source: text('<p>one <img src="cid:one@x"> two <img src="cid:two%20x"></p>') },
    attachments: [
      inline(1, 'one.png', 'one@x', random32(content)),
      inline(2, 'two.png', 'two x', random32(content) + 1),
      file(3, 'three.pdf', 'application/pdf', random32(content) + 2, 2000),
    ],
    rendering: { ...content.rendering, alternative: true },
  }),
  'inline image that the body does not name': (content) => ({
    ...content,
    body: { type: 'html', source: text('<p>no image here</p>') },
    attachments: [inline(1, 'orphan.png', 'orphan@x', random32(content))],
  }),
  'duplicate headers': (content) => ({ ...content, rendering: { ...content.rendering, duplicateHeaders: true } }),
  'attachment without a name': (content) => ({
    ...content,
    attachments: [{ ...file(1, '', 'application/octet-stream', random32(content), 900), name: null }],
  }),
  'attachment without a type': (content) => ({
    ...content,
    attachments: [{ ...file(1, 'untyped', '', random32(content), 900), contentType: null }],
  }),
  'attachment type with parameters, in capitals': (content) => ({
    ...content,
    attachments: [file(1, 'calendar.ics', 'Text/Calendar; method=REQUEST', random32(content), 400)],
  }),
  'zero-byte attachment': (content) => ({
    ...content,
    attachments: [file(1, 'empty.dat', 'application/x-empty', 1, 0)],
  }),
  'two attachments of one name': (content) => ({
    ...content,
    attachments: [1, 2].map((key) => file(key, 'same.txt', 'text/plain', random32(content) + key, 600)),
  }),
  'hard attachment names': (content) => ({
    ...content,
    attachments: [
      '../../etc/passwd',
      'a"b\\c;d.txt',
      'CON',
      `${'long'.repeat(50)}.txt`,
      ' spaces  inside .txt',
      "50%20off's.txt",
    ].map((name, at) => file(at + 1, name, 'text/plain', random32(content) + at, 64)),
  }),
  'long name in pieces': (content) => ({
    ...content,
    attachments: [file(1, `${'überlang '.repeat(20)}.pdf`, 'application/pdf', random32(content), 800)],
    rendering: { ...content.rendering, names: 'rfc2231-pieces' },
  }),
  'embedded message': (content, random) => ({
    ...content,
    attachments: [{ kind: 'item', key: 1, name: 'Fwd: Größe', item: embedded('Größe', random, []) }],
  }),
  'embedded message in an embedded message': (content, random) => ({
    ...content,
    attachments: [
      {
        kind: 'item',
        key: 1,
        name: 'outer',
        item: embedded('outer', random, [
          file(1, 'in the outer one.bin', 'application/octet-stream', random32(content), 1500),
          { kind: 'item', key: 2, name: 'inner', item: embedded('inner', random, []) },
        ]),
      },
      file(2, 'beside.txt', 'text/plain', random32(content) + 9, 100),
    ],
  }),
  'reference attachment': (content) => ({
    ...content,
    attachments: [
      {
        kind: 'reference',
        key: 1,
        name: 'Budget.xlsx',
        url: 'https://meridian-my.sharepoint.example/personal/budget.xlsx',
      },
      file(2, 'with a file beside.txt', 'text/plain', random32(content), 100),
    ],
  }),
  'no recipients, no sender': (content) => ({
    ...content,
    from: null,
    sender: null,
    to: [],
    cc: [],
    bcc: [],
    replyTo: [],
  }),
  'two hundred recipients': (content) => ({
    ...content,
    to: Array.from({ length: 200 }, (_, at) => ({ name: `Person, No. ${at} Ü`, address: `person${at}@many.example` })),
  }),
  'control characters': (content) => ({ ...content, subject: 'tab\there \u0001 bell\u0007 end' }),
};

export const ODDITY_NAMES: readonly string[] = Object.keys(ODDITIES);

function embedded(subject: string, random: Random, attachments: MessageContent['attachments']): MessageContent {
  return {
    subject,
    internetMessageId: `<embedded.${random.bits().toString(16)}@partner.example>`,
    from: { name: 'Zoë Źródło', address: 'zoe@partner.example' },
    sender: null,
    to: [{ name: '山田 太郎', address: 'taro@nihon.example' }],
    cc: [],
    bcc: [],
    replyTo: [],
    sentAt: '2023-11-12T13:14:15Z',
    body: { type: 'html', source: text(`<p>${subject}: grün</p>`) },
    attachments,
    rendering: { ...ASCII_RENDERING, encoding: 'quoted-printable' },
  };
}

function file(key: number, name: string, contentType: string, seed: number, size: number): FileAttachment {
  return {
    kind: 'file',
    key,
    name,
    contentType,
    contentId: null,
    isInline: false,
    bytes: { from: 'seed', seed: seed >>> 0, size, kind: size % 200 === 0 ? 'words' : 'noise' },
  };
}

function inline(key: number, name: string, contentId: string, seed: number): FileAttachment {
  return { ...file(key, name, 'image/png', seed, 850), contentId, isInline: true };
}

function isNotInline(attachment: { kind: string; isInline?: boolean }): boolean {
  return attachment.isInline !== true;
}

function text(words: string): TextSource {
  return { from: 'text', text: words };
}

/** A seed that belongs to the message. */
function random32(content: MessageContent): number {
  return content.body?.source.from === 'seed' ? content.body.source.seed : 4711;
}
