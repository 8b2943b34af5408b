import type { Address } from '../state/message.ts';
import type { Rendering } from './rendering.ts';

/*
 * Header fields as strings of bytes: every character stands for one byte (Latin-1), so that raw 8-bit headers can be
 * written too. Long fields are folded as RFC 5322 says; unfolding gives the text back.
 */

type HeaderStyle = Rendering['headers'];

const PRINTABLE = /^[\x20-\x7e]*$/;
const ATOMS = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+( [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;
/** An encoded word has at most 75 characters; what is left of them for the text. */
const WORD_ROOM = 75 - '=?utf-8?Q??='.length;

/** Unstructured text such as a subject. */
export function headerText(text: string, style: HeaderStyle): string {
  if (PRINTABLE.test(text) && !text.includes('=?')) return fold(text);
  if (style === 'raw-utf8') return Buffer.from(stripControls(text)).toString('latin1');
  if (style === 'raw-latin1' && isLatin1(text)) return stripControls(text);
  return encodedWords(text, style === 'q' ? 'q' : 'b');
}

/** A list of addresses, one a line. */
export function addressList(addresses: readonly Address[], style: HeaderStyle): string {
  return addresses.map((address) => addressText(address, style)).join(',\r\n\t');
}

function addressText({ name, address }: Address, style: HeaderStyle): string {
  if (name === '') return address;
  if (ATOMS.test(name) && !name.includes('=?')) return `${name} <${address}>`;
  if (PRINTABLE.test(name) && !name.includes('=?')) return `${quoted(name)} <${address}>`;
  if (style === 'raw-utf8') return `${Buffer.from(quoted(stripControls(name))).toString('latin1')} <${address}>`;
  if (style === 'raw-latin1' && isLatin1(name)) return `${quoted(stripControls(name))} <${address}>`;
  return `${encodedWords(name, style === 'q' ? 'q' : 'b')} <${address}>`;
}

/** A parameter of Content-Type or Content-Disposition, with its leading `;` and fold. */
export function parameter(name: string, value: string, style: Rendering['names']): string {
  const plain = PRINTABLE.test(value);
  if (style === 'rfc2231-pieces' && (!plain || value.length > 60)) return pieces(name, value, plain);
  if (plain) return `;\r\n\t${name}=${quoted(value)}`;
  if (style === 'raw-utf8') return `;\r\n\t${name}=${Buffer.from(quoted(stripControls(value))).toString('latin1')}`;
  if (style === 'rfc2047') return `;\r\n\t${name}="${encodedWords(value, 'b')}"`;
  return `;\r\n\t${name}*=utf-8''${percentEncode(value)}`;
}

/** RFC 2231: `name*0*=utf-8''…; name*1*=…`, or without stars at the end when the text is plain. */
function pieces(name: string, value: string, plain: boolean): string {
  const units = plain ? [...value].map((char) => (/["\\]/.test(char) ? `\\${char}` : char)) : percentUnits(value);
  let text = '';
  let piece = '';
  let number = 0;
  const flush = (): void => {
    const head = number === 0 ? "utf-8''" : '';
    text += plain ? `;\r\n\t${name}*${number}="${piece}"` : `;\r\n\t${name}*${number}*=${head}${piece}`;
    number++;
    piece = '';
  };
  for (const unit of units) {
    if (piece.length + unit.length > 54) flush();
    piece += unit;
  }
  flush();
  return text;
}

/** RFC 2047; a character is never split over two words. */
export function encodedWords(text: string, encoding: 'q' | 'b'): string {
  const words: string[] = [];
  let part = '';
  const room = encoding === 'q' ? WORD_ROOM : Math.floor(WORD_ROOM / 4) * 3;
  let used = 0;
  for (const char of text) {
    const cost = encoding === 'q' ? qUnits(char).length : Buffer.byteLength(char);
    if (used + cost > room) {
      words.push(part);
      part = '';
      used = 0;
    }
    part += char;
    used += cost;
  }
  words.push(part);
  return words
    .map((word) =>
      encoding === 'q' ? `=?utf-8?Q?${qUnits(word)}?=` : `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`,
    )
    .join('\r\n ');
}

function qUnits(text: string): string {
  let units = '';
  for (const byte of Buffer.from(text)) {
    const safe = (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
    units += safe ? String.fromCharCode(byte) : byte === 32 ? '_' : `=${hex(byte)}`;
  }
  return units;
}

function percentUnits(text: string): string[] {
  return Array.from(Buffer.from(text), (byte) =>
    /[A-Za-z0-9._-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${hex(byte)}`,
  );
}

function percentEncode(text: string): string {
  return percentUnits(text).join('');
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Breaks before a space once a line has 66 characters; a text without spaces stays one line. */
function fold(text: string): string {
  let folded = '';
  let from = 0;
  while (text.length - from > 66) {
    const at = text.indexOf(' ', from + 50);
    if (at === -1 || text.slice(at).trim() === '') break;
    folded += `${text.slice(from, at)}\r\n`;
    from = at;
  }
  return folded + text.slice(from);
}

function stripControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is meant
  return text.replace(/[\x00-\x1f\x7f]/g, ' ');
}

function isLatin1(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the whole range is what is meant
  return /^[\x00-\xff]*$/.test(text);
}
