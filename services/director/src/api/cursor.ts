import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { InvalidRequest } from './invalid-request.ts';

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;

/** The two query parameters that every list takes. */
export const PAGE_QUERY = {
  limit: z.coerce
    .number(`must be a whole number from 1 to ${MAX_PAGE}`)
    .int()
    .min(1)
    .max(MAX_PAGE)
    .default(DEFAULT_PAGE)
    .describe('Entries of a page at most.'),
  cursor: z.string().max(4_000).optional().describe('nextCursor of the page before; absent for the first page.'),
};

/** A page of a list. Lists are walked by key, so entries that come in meanwhile neither repeat nor hide others. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Give it as cursor to get the next page; null on the last one.'),
  });
}

const MAC_LENGTH = 16;

/**
 * Makes and reads cursors: the position after the last entry of a page, opaque and signed, valid for the very list it came
 * from. Signed because positions go into queries: only ours do.
 */
export class Cursors {
  readonly #key: Buffer;

  /** @param key a secret of this installation; the same in all its Directors. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @param list names the list with its filters. */
  encode(list: string, position: readonly string[]): string {
    const body = Buffer.from(JSON.stringify(position), 'utf8');
    return Buffer.concat([this.#mac(list, body), body]).toString('base64url');
  }

  /** The position, or null for the first page. @throws InvalidRequest for a cursor of another list or making. */
  decode(list: string, cursor: string | undefined): string[] | null {
    if (cursor === undefined) return null;
    const bytes = Buffer.from(cursor, 'base64url');
    // Decoding skips what it does not know; a cursor is what we wrote, to the letter.
    if (bytes.toString('base64url') !== cursor) throw foreignCursor();
    const [mac, body] = [bytes.subarray(0, MAC_LENGTH), bytes.subarray(MAC_LENGTH)];
    if (mac.length !== MAC_LENGTH || !timingSafeEqual(mac, this.#mac(list, body))) throw foreignCursor();
    return JSON.parse(body.toString('utf8')) as string[];
  }

  /** A page of at most `limit` out of rows that were read with one more than that. */
  page<Row>(list: string, limit: number, rows: readonly Row[], position: (row: Row) => readonly string[]) {
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = rows.length > limit && last !== undefined ? this.encode(list, position(last)) : null;
    return { items, nextCursor };
  }

  #mac(list: string, body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(list).update('\0').update(body).digest().subarray(0, MAC_LENGTH);
  }
}

function foreignCursor(): InvalidRequest {
  const message = 'is not a cursor of this list. Send nextCursor of the page before, with the same filters.';
  return new InvalidRequest([{ pointer: '?cursor', code: 'cursor-invalid', message }]);
}
