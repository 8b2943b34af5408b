import type { Rendering } from './rendering.ts';

export interface EncodedText {
  charset: string;
  encoding: string;
  bytes: Buffer;
}

/** Encodes a body as the rendering asks, or in the nearest way that keeps every character. */
export function encodeText(text: string, { charset, encoding }: Pick<Rendering, 'charset' | 'encoding'>): EncodedText {
  if (charset === 'utf-16') {
    const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
    return { charset, encoding: 'base64', bytes: base64Lines(bytes) };
  }
  const narrow = charset === 'utf-8' ? null : singleByte(text, charset);
  const bytes = narrow ?? Buffer.from(text);
  const named = narrow === null ? 'utf-8' : charset;
  if (encoding === 'base64') return { charset: named, encoding, bytes: base64Lines(bytes) };
  if (encoding === '8bit' && !hasLooseLineEnd(text)) {
    return { charset: named, encoding: isAscii(bytes) ? '7bit' : '8bit', bytes };
  }
  return { charset: named, encoding: 'quoted-printable', bytes: quotedPrintable(bytes) };
}

const LINE_GROUPS = 19;
const CR_LF = 0x0a0d;

/** Two characters for each twelve bits, as one number in the order of bytes in memory. */
const PAIRS = Uint16Array.from({ length: 4096 }, (_, bits) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return alphabet.charCodeAt(bits >> 6) | (alphabet.charCodeAt(bits & 63) << 8);
});

/** Base64 in lines of 76 characters, each ended by CR LF. Written in place: strings of that size would cost most of the time. */
export function base64Lines(bytes: Buffer): Buffer {
  const pairs = new Uint16Array(base64Length(bytes.length) / 2);
  const whole = bytes.length - (bytes.length % 3);
  let to = 0;
  let groups = 0;
  for (let at = 0; at < whole; at += 3) {
    const bits = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    pairs[to++] = PAIRS[bits >> 12]!;
    pairs[to++] = PAIRS[bits & 0xfff]!;
    if (++groups === LINE_GROUPS) {
      pairs[to++] = CR_LF;
      groups = 0;
    }
  }
  const out = Buffer.from(pairs.buffer);
  if (whole < bytes.length) {
    out.write(bytes.toString('base64', whole), to * 2, 'latin1');
    to += 2;
    groups++;
  }
  if (groups > 0) pairs[to] = CR_LF;
  return out;
}

/** Length of {@link base64Lines} of this many bytes. */
export function base64Length(size: number): number {
  const length = Math.ceil(size / 3) * 4;
  return length + Math.ceil(length / 76) * 2;
}

const HEX = '0123456789ABCDEF';

/** RFC 2045, text mode: CR LF and LF are line ends, everything else outside of printable ASCII is written in hex. */
export function quotedPrintable(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil(bytes.length / 20) * 3 + 3);
  let to = 0;
  let column = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === 10 || (byte === 13 && bytes[at + 1] === 10)) {
      if (byte === 13) at++;
      out[to++] = 13;
      out[to++] = 10;
      column = 0;
      continue;
    }
    const after = bytes[at + 1];
    const last = after === undefined || after === 10 || (after === 13 && bytes[at + 2] === 10);
    const plain = (byte > 32 && byte < 127 && byte !== 61) || ((byte === 32 || byte === 9) && !last);
    const width = plain ? 1 : 3;
    if (column + width > (last ? 76 : 75)) {
      out[to++] = 61;
      out[to++] = 13;
      out[to++] = 10;
      column = 0;
    }
    if (plain) {
      out[to++] = byte;
    } else {
      out[to++] = 61;
      out[to++] = HEX.charCodeAt(byte >> 4);
      out[to++] = HEX.charCodeAt(byte & 15);
    }
    column += width;
  }
  return out.subarray(0, to);
}

const WINDOWS_1252_EXTRA = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Null when a character does not exist in the charset. */
function singleByte(text: string, charset: 'iso-8859-1' | 'windows-1252'): Buffer | null {
  const bytes = Buffer.allocUnsafe(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 128 || (code >= 160 && code <= 255)) {
      bytes[at] = code;
      continue;
    }
    const extra = charset === 'windows-1252' ? WINDOWS_1252_EXTRA.indexOf(text.charAt(at)) : -1;
    if (extra === -1) return null;
    bytes[at] = 128 + extra;
  }
  return bytes;
}

function hasLooseLineEnd(text: string): boolean {
  return /\r(?!\n)|(?<!\r)\n|\0/.test(text);
}

function isAscii(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > 127) return false;
  return true;
}
