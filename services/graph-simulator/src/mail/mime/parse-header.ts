import type { Address } from '../state/message.ts';

/** Header fields by lower-case name, the first of each name first; values are unfolded strings of bytes (Latin-1). */
export type Headers = Map<string, string[]>;

/** Splits a message or part at its first empty line. Tolerates every kind of line end. */
export function splitHeader(bytes: Buffer): { headers: Headers; body: Buffer } {
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, 1 << 20));
  const end = /^\r?\n|\r?\n\r?\n/.exec(text);
  const headerText = end === null ? text : text.slice(0, end.index);
  const body = end === null ? Buffer.alloc(0) : bytes.subarray(end.index + end[0].length);
  const headers: Headers = new Map();
  for (const line of headerText.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [line.slice(colon + 1).trim()]);
    else values.push(line.slice(colon + 1).trim());
  }
  return { headers, body };
}

export function firstHeader(headers: Headers, name: string): string | null {
  return headers.get(name)?.[0] ?? null;
}

/** RFC 2047 words, and bare 8-bit bytes read as UTF-8 when they are, else as Windows-1252. */
export function decodeHeaderText(raw: string): string {
  const joined = raw.replace(/(\?=)\s+(?==\?)/g, '$1');
  return joined.replace(
    /=\?([^?\s]+)\?([bq])\?([^?]*)\?=|[^=]+|=/gi,
    (match, charset?: string, encoding?: string, text?: string) => {
      if (charset === undefined) return decodeEightBit(match);
      const bytes =
        encoding!.toLowerCase() === 'b'
          ? Buffer.from(text!, 'base64')
          : Buffer.from(
              text!
                .replaceAll('_', ' ')
                .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
              'latin1',
            );
      return decodeCharset(bytes, charset.split('*')[0]!);
    },
  );
}

/** Text in a named charset; an unknown name is read as UTF-8 or Windows-1252. */
export function decodeCharset(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset.trim()).decode(bytes);
  } catch {
    return decodeEightBit(bytes.toString('latin1'));
  }
}

function decodeEightBit(text: string): string {
  // eslint-disable-next-line no-control-regex -- ASCII is what is meant
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** A header such as Content-Type: its value, and parameters by lower-case name, pieces and percent-encoding of RFC 2231 undone. */
export function parseParameters(raw: string | null): { value: string; parameters: Map<string, string> } {
  const parameters = new Map<string, string>();
  if (raw === null) return { value: '', parameters };
  const [value = '', ...rest] = splitQuoted(raw, ';');
  const pieces = new Map<string, { number: number; text: string; encoded: boolean }[]>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 1) continue;
    const text = unquote(part.slice(equals + 1).trim());
    const [, name, number, star] = /^([^*]+)(?:\*(\d+))?(\*)?$/.exec(part.slice(0, equals).trim().toLowerCase()) ?? [];
    if (name === undefined) continue;
    if (number === undefined && star === undefined) parameters.set(name, decodeHeaderText(text));
    else
      pieces.set(name, [
        ...(pieces.get(name) ?? []),
        { number: Number(number ?? 0), text, encoded: star !== undefined },
      ]);
  }
  for (const [name, list] of pieces) parameters.set(name, joinPieces(list));
  return { value: value.trim().toLowerCase(), parameters };
}

function joinPieces(pieces: { number: number; text: string; encoded: boolean }[]): string {
  pieces.sort((a, b) => a.number - b.number);
  const charset = pieces[0]!.encoded ? /^([^']*)'[^']*'/.exec(pieces[0]!.text) : null;
  const bytes = pieces.map(({ text, encoded }, at) => {
    const plain = at === 0 && charset !== null ? text.slice(charset[0].length) : text;
    return encoded
      ? plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      : plain;
  });
  return decodeCharset(Buffer.from(bytes.join(''), 'latin1'), charset?.[1] || 'utf-8');
}

/** Addresses of a header; members of groups count like any other. */
export function parseAddresses(raw: string | null): Address[] {
  if (raw === null) return [];
  const addresses: Address[] = [];
  for (const part of splitQuoted(raw.replace(/^[^"<,:]*:(.*);\s*$/, '$1'), ',')) {
    const angled = /^(.*)<([^<>]*)>[^<>]*$/s.exec(part);
    const address = (angled === null ? part : angled[2]!).trim();
    const name = angled === null ? '' : decodeHeaderText(unquote(angled[1]!.trim()));
    if (address !== '' || name !== '') addresses.push({ name, address: decodeEightBit(address) });
  }
  return addresses;
}

/** Splits outside of quotes, comments and angle brackets. */
function splitQuoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  let angled = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quoted && char === '\\') {
      part += char + (text[++at] ?? '');
      continue;
    }
    if (char === '"') quoted = !quoted;
    if (!quoted && char === '<') angled = true;
    if (!quoted && char === '>') angled = false;
    if (char === separator && !quoted && !angled) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  parts.push(part.trim());
  return parts.filter((piece) => piece !== '');
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1');
}
