import { simpleParser, type AddressObject, type EmailAddress, type Headers, type StructuredHeader } from 'mailparser';

/** The headers of a MIME entity, decoded: encoded words, RFC 2231 parameters, addresses, 8-bit text. */
export interface HeaderBlock {
  /** The value of the first header of this name (given in lower case), decoded; `''` when there is none. */
  text(name: string): string;
  /** A header with parameters, such as `content-type`; null when there is none. */
  structured(name: string): { value: string; params: Record<string, string> } | null;
  /** The mailboxes of the first header of this name in order; groups give their members. */
  addresses(name: string): { name: string; address: string }[];
  /** The instant in the `date` header; null when there is none that can be read. */
  date(): Date | null;
}

const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** Everything that would make the library invent content is off; it is given headers only. */
const HEADERS_ONLY = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  keepCidLinks: true,
  keepDeliveryStatus: true,
  ignoreEmbedded: true,
  checksumAlgo: false,
  maxHeadSize: MAX_HEADER_BYTES,
} as const;

/** Reads a header block (the bytes before the empty line). Broken headers give what can be read of them, never an error. */
export async function readHeaderBlock(bytes: Uint8Array): Promise<HeaderBlock> {
  try {
    const mail = await simpleParser(Buffer.concat([utf8Bytes(bytes), Buffer.from('\r\n\r\n')]), HEADERS_ONLY);
    const dateLine = mail.headerLines?.find((line) => line.key === 'date')?.line ?? '';
    return headerBlock(mail.headers ?? new Map(), dateLine);
  } catch {
    return headerBlock(new Map(), '');
  }
}

function headerBlock(headers: Headers, dateLine: string): HeaderBlock {
  return {
    text(name) {
      const value = headers.get(name);
      const first = Array.isArray(value) ? value[0] : value;
      return typeof first === 'string' ? first : '';
    },
    structured(name) {
      const value = headers.get(name);
      const first = Array.isArray(value) ? value[0] : value;
      return isStructured(first) ? first : null;
    },
    addresses(name) {
      const value = headers.get(name);
      const first = Array.isArray(value) ? value[0] : value;
      return isAddressObject(first) ? first.value.flatMap(mailboxes) : [];
    },
    // The library gives the present time for a date it cannot read, so the raw line is read here.
    date() {
      const parsed = Date.parse(dateLine.slice(dateLine.indexOf(':') + 1).replace(/[\r\n]+/g, ' '));
      return Number.isNaN(parsed) ? null : new Date(parsed);
    },
  };
}

function mailboxes(entry: EmailAddress): { name: string; address: string }[] {
  if (entry.group !== undefined) return entry.group.flatMap(mailboxes);
  return [{ name: entry.name, address: entry.address ?? '' }];
}

function isStructured(value: unknown): value is StructuredHeader {
  return typeof value === 'object' && value !== null && 'params' in value;
}

function isAddressObject(value: unknown): value is AddressObject {
  return typeof value === 'object' && value !== null && 'html' in value && 'value' in value;
}

/** Raw 8-bit headers are UTF-8 where that is valid, else windows-1252, as mail programs do it. */
function utf8Bytes(bytes: Uint8Array): Buffer {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch {
    return Buffer.from(new TextDecoder('windows-1252').decode(bytes), 'utf8');
  }
}
