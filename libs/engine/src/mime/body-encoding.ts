/** The bytes of a body as they were before the transfer encoding; an unknown encoding leaves them as they are. */
export function decodeTransferEncoding(body: Buffer, encoding: string): Buffer {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return decodeBase64(body);
    case 'quoted-printable':
      return decodeQuotedPrintable(body);
    default:
      return body;
  }
}

/** Padding may stand in the middle where a sender glued encoded pieces together, so each piece is decoded by itself. */
function decodeBase64(body: Buffer): Buffer {
  const pieces = body
    .toString('latin1')
    .replace(/[^A-Za-z0-9+/=]/g, '')
    .split(/=+/);
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')));
}

/** RFC 2045 6.7; what is not a valid escape stays as it stands. */
function decodeQuotedPrintable(body: Buffer): Buffer {
  const text = body
    .toString('latin1')
    .split('\n')
    .map((line) => withoutTrailing(line, ' \t\r') + (line.endsWith('\r') ? '\r' : ''))
    .join('\n')
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

/** `text` without the run of these characters at its end. A loop, because a pattern takes quadratic time on long runs. */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Text of a body in the named character set; without a usable name it is UTF-8 where that is valid, else windows-1252. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const name = charset.trim().toLowerCase();
  if (!['', 'ascii', 'us-ascii', 'utf-8', 'utf8'].includes(name)) {
    try {
      return new TextDecoder(name === 'utf-16' ? byteOrder(bytes) : name).decode(bytes);
    } catch {
      // Not a name that is known: decided by the bytes below.
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(name.startsWith('utf') ? 'utf-8' : 'windows-1252').decode(bytes);
  }
}

/** RFC 2781: the mark at the beginning decides; without one senders write little endian in spite of the text. */
function byteOrder(bytes: Uint8Array): string {
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-16le';
}
