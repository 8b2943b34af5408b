import { readHeaderBlock, type HeaderBlock } from './header-block.ts';

/** A MIME entity: a multipart with children, or a leaf with a body. */
export interface MimePart {
  headers: HeaderBlock;
  /** Lower-case media type without parameters; `''` when none is stated. */
  type: string;
  params: Record<string, string>;
  /** Of a multipart that could be split; else empty. */
  children: MimePart[];
  /** Still in its transfer encoding. */
  body: Buffer;
}

/** Deeper nesting than any mail program makes is kept as one opaque leaf instead of being followed. */
const MAX_DEPTH = 60;

/**
 * Splits a message into its entities (RFC 2046). Header fields are read by the library; the structure is read here because
 * the library merges text parts and drops where they stood. Broken structure gives leaves, never an error.
 */
export async function readMimePart(bytes: Uint8Array, depth = 0): Promise<MimePart> {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { head, body } = splitHeaders(source);
  const headers = await readHeaderBlock(head);
  const contentType = headers.structured('content-type');
  const part: MimePart = {
    headers,
    type: (contentType?.value ?? '').trim().toLowerCase(),
    params: contentType?.params ?? {},
    children: [],
    body,
  };
  const boundary = part.params['boundary'];
  if (part.type.startsWith('multipart/') && boundary !== undefined && boundary !== '' && depth < MAX_DEPTH) {
    for (const piece of splitByBoundary(body, boundary)) part.children.push(await readMimePart(piece, depth + 1));
  }
  return part;
}

/** At the first empty line; a leading line of an mbox file is no header. */
function splitHeaders(source: Buffer): { head: Buffer; body: Buffer } {
  let start = 0;
  if (source.subarray(0, 5).toString('latin1') === 'From ') start = source.indexOf(0x0a) + 1;
  for (let at = start; at < source.length;) {
    const lineEnd = source.indexOf(0x0a, at);
    const isEmptyLine = source[at] === 0x0a || (source[at] === 0x0d && lineEnd === at + 1);
    if (isEmptyLine) return { head: source.subarray(start, at), body: source.subarray(lineEnd + 1) };
    if (lineEnd < 0) break;
    at = lineEnd + 1;
  }
  return { head: source.subarray(start), body: source.subarray(source.length) };
}

/** The pieces between delimiter lines, without the line break before each delimiter. A missing last delimiter is forgiven. */
function splitByBoundary(body: Buffer, boundary: string): Buffer[] {
  const pieces: Buffer[] = [];
  let start = -1;
  for (const delimiter of delimiterLines(body, Buffer.from(`--${boundary.trimEnd()}`, 'utf8'))) {
    if (start >= 0) pieces.push(body.subarray(start, Math.max(start, beforeLineBreak(body, delimiter.from))));
    start = delimiter.to;
    if (delimiter.last) return pieces;
  }
  if (start >= 0 && start < body.length) pieces.push(body.subarray(start));
  return pieces;
}

function* delimiterLines(body: Buffer, delimiter: Buffer): Generator<{ from: number; to: number; last: boolean }> {
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at > 0 && body[at - 1] !== 0x0a) continue;
    const lineEnd = body.indexOf(0x0a, at);
    const to = lineEnd < 0 ? body.length : lineEnd + 1;
    const rest = body.subarray(at + delimiter.length, to).toString('latin1');
    const match = /^(--)?[ \t]*\r?\n?$/.exec(rest);
    if (match !== null) yield { from: at, to, last: match[1] !== undefined };
  }
}

function beforeLineBreak(body: Buffer, at: number): number {
  if (body[at - 1] !== 0x0a) return at;
  return body[at - 2] === 0x0d ? at - 2 : at - 1;
}
