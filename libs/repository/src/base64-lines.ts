/**
 * Base64 in lines of equal length, as mail carries attachments. Decodes only what is canonical: encoding the result again in
 * such lines gives the very same characters. Written out by hand because the usual decoders forgive what must not be forgiven.
 */

/** How the characters are laid out. */
export interface LineLayout {
  /** Characters per line; a multiple of four. */
  lineLength: number;
  /** Lines end with LF instead of CRLF. */
  lf: boolean;
  endsWithEol: boolean;
}

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');
const NO_VALUE = 64;
const VALUES = new Uint8Array(256).fill(NO_VALUE);
ALPHABET.forEach((character, value) => (VALUES[character] = value));
const PAD = 61;
const LF = 10;
const CR = 13;

/** True for the 64 characters and the padding. */
export function isBase64(byte: number): boolean {
  return VALUES[byte] !== NO_VALUE || byte === PAD;
}

/** The bytes that `lines` (whole, with their ends of line) stand for; null when they are not exactly what {@link encodeLines} makes. */
export function decodeLines(lines: Buffer, { lineLength, lf, endsWithEol }: LineLayout): Buffer | null {
  const eol = lf ? 1 : 2;
  const step = lineLength + eol;
  const body = endsWithEol ? lines.length - eol : lines.length;
  const lastLine = body % step;
  if (body <= 0 || lastLine === 0 || lastLine > lineLength || lastLine % 4 !== 0) return null;
  const characters = Math.floor(body / step) * lineLength + lastLine;
  const out = Buffer.allocUnsafeSlow((characters / 4) * 3);
  let length = 0;
  for (let start = 0; start < body; start += step) {
    const end = Math.min(start + lineLength, body);
    const isLast = end === body;
    length = decodeLine(lines, start, end, isLast, out, length);
    if (length === -1) return null;
    if ((!isLast || endsWithEol) && !isEol(lines, end, lf)) return null;
  }
  return out.subarray(0, length);
}

/** `content` as base64 in lines. */
export function encodeLines(content: Buffer, { lineLength, lf, endsWithEol }: LineLayout): Buffer {
  const eol = lf ? 1 : 2;
  const characters = Math.ceil(content.length / 3) * 4;
  const lineCount = Math.ceil(characters / lineLength);
  const out = Buffer.allocUnsafeSlow(characters + Math.max(0, lineCount - (endsWithEol ? 0 : 1)) * eol);
  const bytesPerLine = (lineLength / 4) * 3;
  let at = 0;
  for (let from = 0; from < content.length; from += bytesPerLine) {
    const to = Math.min(content.length, from + bytesPerLine);
    at = encodeLine(content, from, to, out, at);
    if (to === content.length && !endsWithEol) break;
    if (!lf) out[at++] = CR;
    out[at++] = LF;
  }
  return out;
}

/** Where in `out` the next line goes; -1 when this one is not canonical. Only the last line may be padded. */
function decodeLine(lines: Buffer, start: number, end: number, isLast: boolean, out: Buffer, from: number): number {
  const isPadded = isLast && lines[end - 1] === PAD;
  const whole = isPadded ? end - 4 : end;
  let at = from;
  for (let quad = start; quad < whole; quad += 4) {
    const a = VALUES[lines[quad]!]!;
    const b = VALUES[lines[quad + 1]!]!;
    const c = VALUES[lines[quad + 2]!]!;
    const d = VALUES[lines[quad + 3]!]!;
    if ((a | b | c | d) >= NO_VALUE) return -1;
    out[at] = (a << 2) | (b >> 4);
    out[at + 1] = ((b & 15) << 4) | (c >> 2);
    out[at + 2] = ((c & 3) << 6) | d;
    at += 3;
  }
  return isPadded ? decodePadded(lines, whole, out, at) : at;
}

/** The last four characters, of which one or two are padding; bits that stand for nothing must be zero. */
function decodePadded(lines: Buffer, quad: number, out: Buffer, at: number): number {
  const a = VALUES[lines[quad]!]!;
  const b = VALUES[lines[quad + 1]!]!;
  const isOneByte = lines[quad + 2] === PAD;
  const c = isOneByte ? 0 : VALUES[lines[quad + 2]!]!;
  if ((a | b | c) >= NO_VALUE || (isOneByte ? b & 15 : c & 3) !== 0) return -1;
  out[at] = (a << 2) | (b >> 4);
  if (isOneByte) return at + 1;
  out[at + 1] = ((b & 15) << 4) | (c >> 2);
  return at + 2;
}

function encodeLine(content: Buffer, from: number, to: number, out: Buffer, start: number): number {
  let at = start;
  const whole = to - ((to - from) % 3);
  for (let byte = from; byte < whole; byte += 3) {
    const bits = (content[byte]! << 16) | (content[byte + 1]! << 8) | content[byte + 2]!;
    out[at] = ALPHABET[bits >> 18]!;
    out[at + 1] = ALPHABET[(bits >> 12) & 63]!;
    out[at + 2] = ALPHABET[(bits >> 6) & 63]!;
    out[at + 3] = ALPHABET[bits & 63]!;
    at += 4;
  }
  if (whole === to) return at;
  const isOneByte = to - whole === 1;
  const bits = (content[whole]! << 16) | (isOneByte ? 0 : content[whole + 1]! << 8);
  out[at] = ALPHABET[bits >> 18]!;
  out[at + 1] = ALPHABET[(bits >> 12) & 63]!;
  out[at + 2] = isOneByte ? PAD : ALPHABET[(bits >> 6) & 63]!;
  out[at + 3] = PAD;
  return at + 4;
}

function isEol(lines: Buffer, at: number, lf: boolean): boolean {
  return lf ? lines[at] === LF : lines[at] === CR && lines[at + 1] === LF;
}
