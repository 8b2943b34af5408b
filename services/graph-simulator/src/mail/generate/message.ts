import { PLAIN_RENDERING, type Rendering } from '../mime/rendering.ts';
import type { Address, Attachment, FileAttachment, MessageContent, MessageState } from '../state/message.ts';
import type { BytesKind } from '../../generate/bytes.ts';
import { fitsLatin1, PHRASES, type Language } from '../../generate/languages.ts';
import type { Random } from '../../generate/random.ts';

/** What a generated message is made for. */
export interface MessagePlan {
  folder: number;
  role: 'received' | 'sent' | 'draft';
  language: Language;
  /** Bytes of body and attachments together, about. */
  size: number;
  /** Names the message, for its Message-ID: unique in the tenant. */
  name: string;
  /** Days after 2024-01-01 that it may lie in. */
  days: readonly [from: number, to: number];
}

/** Files that several messages of several mailboxes carry with the same bytes. */
export type SharedFiles = readonly Omit<FileAttachment, 'key'>[];

const FILE_KINDS: readonly { extension: string; type: string; kind: BytesKind }[] = [
  { extension: 'pdf', type: 'application/pdf', kind: 'mixed' },
  { extension: 'docx', type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', kind: 'noise' },
  { extension: 'jpg', type: 'image/jpeg', kind: 'noise' },
  { extension: 'csv', type: 'text/csv', kind: 'words' },
  { extension: 'txt', type: 'text/plain', kind: 'words' },
  { extension: 'xlsx', type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', kind: 'noise' },
  { extension: 'zip', type: 'application/zip', kind: 'noise' },
  { extension: 'log', type: 'application/octet-stream', kind: 'words' },
];

const START = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;

/** An ordinary message; deterministic in plan and random stream. */
export function generateMessage(
  plan: MessagePlan,
  random: Random,
  people: Address[],
  shared: SharedFiles,
): MessageState {
  const phrases = PHRASES[plan.language];
  const author = random.pick(people);
  const sent = START + Math.floor((plan.days[0] + random.next() * (plan.days[1] - plan.days[0])) * DAY);
  const received = plan.role === 'draft' ? sent : sent + random.below(90_000);
  const html = random.chance(0.7);
  const attached = plan.size > 12_000 && random.chance(0.6);
  const bodySize = Math.max(120, Math.min(plan.size, attached ? 2000 + random.below(8000) : 120_000));
  const rest = Math.max(plan.size - bodySize, attached ? 500 : 0);
  const sharing = shared.length > 0 && random.chance(0.05);
  const attachments = sharing ? [{ ...random.pick(shared), key: 1 }] : rest > 0 ? generateFiles(rest, random) : [];
  const inline = html && random.chance(0.08) ? [inlineImage(random, attachments.length)] : [];
  const content: MessageContent = {
    subject: `${random.chance(0.3) ? 'Re: ' : ''}${random.pick(phrases.subjects)} ${random.below(10_000)}`,
    internetMessageId: `<${plan.name}.${random.bits().toString(16)}@mail.meridian.example>`,
    from: author,
    sender: random.chance(0.05) ? random.pick(people) : author,
    to: some(people, random, 1, 3),
    cc: random.chance(0.2) ? some(people, random, 1, 4) : [],
    bcc: plan.role !== 'received' && random.chance(0.1) ? some(people, random, 1, 1) : [],
    replyTo: random.chance(0.05) ? some(people, random, 1, 1) : [],
    sentAt: isoSeconds(sent),
    body: {
      type: html ? 'html' : 'text',
      source: {
        from: 'seed',
        seed: random.bits(),
        size: bodySize,
        language: plan.language,
        html,
        inlineIds: inline.map((image) => image.contentId!),
      },
    },
    attachments: [...attachments, ...inline],
    rendering: generateRendering(plan.language, html, random),
  };
  return {
    ...newMessageState(plan.folder, content, isoSeconds(received)),
    isRead: plan.role === 'received' ? random.chance(0.7) : true,
    isDraft: plan.role === 'draft',
    importance: random.chance(0.05) ? 'high' : random.chance(0.02) ? 'low' : 'normal',
    flag: { flagStatus: random.chance(0.05) ? 'flagged' : random.chance(0.02) ? 'complete' : 'notFlagged' },
    categories: random.chance(0.08) ? someOf(['Red category', 'Blue category', 'Größe', 'Zebra', 'a'], random) : [],
    inferenceClassification: random.chance(0.3) ? 'other' : 'focused',
  };
}

/** The state of a message that just came to be with this content; `at` is ISO 8601. */
export function newMessageState(folder: number, content: MessageContent, at: string): MessageState {
  return {
    folder,
    content,
    createdAt: at,
    receivedAt: at,
    modifiedAt: at,
    isRead: false,
    isDraft: false,
    importance: 'normal',
    flag: { flagStatus: 'notFlagged' },
    categories: [],
    inferenceClassification: 'focused',
    isDeliveryReceiptRequested: false,
    isReadReceiptRequested: false,
    revision: 1,
    moves: 0,
    properties: {},
    nextAttachment: 1 + Math.max(0, ...content.attachments.map((attachment) => attachment.key)),
  };
}

/** Files that mailboxes share; their sizes follow the mean size of a message. */
export function generateSharedFiles(count: number, meanSize: number, random: Random): SharedFiles {
  return Array.from({ length: count }, () => generateFile(Math.max(100, meanSize * (1 + random.next() * 3)), random));
}

function generateFiles(bytes: number, random: Random): Attachment[] {
  const count = random.chance(0.75) ? 1 : 2 + random.below(3);
  return Array.from({ length: count }, (_, at) => ({ ...generateFile(bytes / count, random), key: at + 1 }));
}

function generateFile(size: number, random: Random): Omit<FileAttachment, 'key'> {
  const { extension, type, kind } = random.pick(FILE_KINDS);
  const stem = random.pick(PHRASES[random.pick(['en', 'en', 'de', 'ja', 'fr'] as const)].folderNames);
  return {
    kind: 'file',
    name: `${stem.replaceAll('/', '-')} ${random.below(1000)}.${extension}`,
    contentType: type,
    contentId: null,
    isInline: false,
    bytes: { from: 'seed', seed: random.bits(), size: Math.max(1, Math.round(size)), kind },
  };
}

function inlineImage(random: Random, others: number): FileAttachment {
  const id = `image${random.below(1000)}.${random.bits().toString(16)}@meridian.example`;
  return {
    kind: 'file',
    key: others + 1,
    name: 'image001.png',
    contentType: 'image/png',
    contentId: id,
    isInline: true,
    bytes: { from: 'seed', seed: random.bits(), size: 300 + random.below(3000), kind: 'noise' },
  };
}

function generateRendering(language: Language, html: boolean, random: Random): Rendering {
  const latin = fitsLatin1(language);
  return {
    headers: random.chance(0.5) ? 'q' : 'b',
    names: random.pick(['rfc2231', 'rfc2231', 'rfc2047', 'rfc2231-pieces'] as const),
    charset: latin && random.chance(0.3) ? 'iso-8859-1' : 'utf-8',
    encoding: random.pick(['quoted-printable', 'quoted-printable', 'base64', '8bit'] as const),
    alternative: html && random.chance(0.5),
    nesting: 1,
    duplicateHeaders: false,
  };
}

/** Rendering of something that is only ASCII and plain. */
export const ASCII_RENDERING: Rendering = { ...PLAIN_RENDERING, encoding: '8bit' };

function some(people: Address[], random: Random, least: number, most: number): Address[] {
  return Array.from({ length: least + random.below(most - least + 1) }, () => random.pick(people));
}

function someOf(words: readonly string[], random: Random): string[] {
  return words.filter(() => random.chance(0.4));
}

/** ISO 8601 in UTC without fractions. */
export function isoSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
