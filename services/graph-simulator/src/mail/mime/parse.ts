import type { Attachment, FileAttachment, MessageContent } from '../state/message.ts';
import type { ByteSource, TextSource } from '../../tenant/source.ts';
import {
  decodeCharset,
  decodeHeaderText,
  firstHeader,
  parseAddresses,
  parseParameters,
  splitHeader,
  type Headers,
} from './parse-header.ts';
import { PLAIN_RENDERING } from './rendering.ts';

/** Where decoded bodies and attachments go. */
export interface Keep {
  text(text: string): TextSource;
  bytes(bytes: Buffer): ByteSource;
}

interface Gathered {
  html: string | null;
  text: string | null;
  attachments: Attachment[];
}

const MOST_LEVELS = 30;

/**
 * Reads a MIME message as a server does that takes one in: the first HTML text is the body, else the first plain one;
 * everything else is an attachment. Never throws: what cannot be read is taken as it stands.
 */
export function parseMime(bytes: Buffer, keep: Keep): MessageContent {
  const { headers, body } = splitHeader(bytes);
  const gathered: Gathered = { html: null, text: null, attachments: [] };
  gather(headers, body, gathered, keep, 0);
  const [from = null] = parseAddresses(firstHeader(headers, 'from'));
  const [sender = from] = parseAddresses(firstHeader(headers, 'sender'));
  const subject = firstHeader(headers, 'subject');
  return {
    subject: subject === null ? null : decodeHeaderText(subject),
    internetMessageId: firstHeader(headers, 'message-id'),
    from,
    sender,
    to: parseAddresses(firstHeader(headers, 'to')),
    cc: parseAddresses(firstHeader(headers, 'cc')),
    bcc: parseAddresses(firstHeader(headers, 'bcc')),
    replyTo: parseAddresses(firstHeader(headers, 'reply-to')),
    sentAt: parseDate(firstHeader(headers, 'date')),
    body: bodyOf(gathered, keep),
    attachments: gathered.attachments,
    rendering: PLAIN_RENDERING,
  };
}

function bodyOf({ html, text }: Gathered, keep: Keep): MessageContent['body'] {
  if (html !== null) return { type: 'html', source: keep.text(html) };
  return text === null ? null : { type: 'text', source: keep.text(text) };
}

function gather(headers: Headers, body: Buffer, gathered: Gathered, keep: Keep, level: number): void {
  const { value: type, parameters } = parseParameters(firstHeader(headers, 'content-type'));
  const disposition = parseParameters(firstHeader(headers, 'content-disposition'));
  const boundary = parameters.get('boundary');
  if (type.startsWith('multipart/') && boundary !== undefined && level < MOST_LEVELS) {
    for (const part of splitParts(body, boundary)) {
      const inner = splitHeader(part);
      gather(inner.headers, inner.body, gathered, keep, level + 1);
    }
    return;
  }
  const name = disposition.parameters.get('filename') ?? parameters.get('name') ?? null;
  const key = gathered.attachments.length + 1;
  const attached = disposition.value === 'attachment' || name !== null;
  if (type === 'message/rfc822') {
    const item = parseMime(body, keep);
    gathered.attachments.push({ kind: 'item', key, name: name ?? item.subject ?? '', item });
    return;
  }
  if (type === 'message/external-body') {
    gathered.attachments.push({ kind: 'reference', key, name: name ?? '', url: parameters.get('url') ?? '' });
    return;
  }
  const bytes = decodeTransfer(body, firstHeader(headers, 'content-transfer-encoding'));
  if (!attached && (type === '' || type === 'text/plain') && gathered.text === null) {
    gathered.text = decodeCharset(bytes, parameters.get('charset') ?? 'utf-8');
  } else if (!attached && type === 'text/html' && gathered.html === null) {
    gathered.html = decodeCharset(bytes, parameters.get('charset') ?? 'utf-8');
  } else {
    const contentId = firstHeader(headers, 'content-id')?.replace(/^<|>$/g, '') ?? null;
    const file: FileAttachment = {
      kind: 'file',
      key,
      name,
      contentType: firstHeader(headers, 'content-type') === null ? null : type,
      contentId,
      isInline: disposition.value === 'inline',
      bytes: keep.bytes(bytes),
    };
    gathered.attachments.push(file);
  }
}

/** Bodies of a multipart, without the line end that belongs to the boundary; a missing last boundary is tolerated. */
function splitParts(body: Buffer, boundary: string): Buffer[] {
  const marker = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Buffer[] = [];
  let start = -1;
  for (let at = body.indexOf(marker); at !== -1; at = body.indexOf(marker, at + marker.length)) {
    if (at > 0 && body[at - 1] !== 10) continue;
    if (start !== -1) parts.push(withoutLastLineEnd(body.subarray(start, at)));
    const lineEnd = body.indexOf(10, at);
    const line = body.toString('latin1', at + marker.length, lineEnd === -1 ? body.length : lineEnd);
    if (line.startsWith('--') || lineEnd === -1) return parts;
    start = lineEnd + 1;
  }
  if (start !== -1) parts.push(body.subarray(start));
  return parts;
}

function withoutLastLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (end > 0 && bytes[end - 1] === 10) end--;
  if (end > 0 && bytes[end - 1] === 13) end--;
  return bytes.subarray(0, end);
}

function decodeTransfer(bytes: Buffer, encoding: string | null): Buffer {
  const name = encoding?.trim().toLowerCase();
  if (name === 'base64') return Buffer.from(bytes.toString('latin1').replace(/[^A-Za-z0-9+/]/g, ''), 'base64');
  if (name !== 'quoted-printable') return bytes;
  const text = bytes
    .toString('latin1')
    .replace(/[ \t]+(?=\r?\n)/g, '')
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

function parseDate(text: string | null): string | null {
  if (text === null) return null;
  const time = Date.parse(text.replace(/\([^)]*\)/g, '').trim());
  return Number.isNaN(time) ? null : `${new Date(time).toISOString().slice(0, 19)}Z`;
}
