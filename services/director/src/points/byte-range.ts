import { Failure } from '@backhaul/domain';

/** Bytes from `start` to `end`, both inclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * What a `Range` header asks for of `length` bytes (RFC 9110, 14.1.2); null for all of them: without the header, for several
 * ranges at once, and for what is no range, as the standard allows.
 * @throws Failure `invalid-input` (`content.range-outside`) for a range that begins behind the end.
 */
export function byteRange(header: string | undefined, length: number): ByteRange | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const count = Math.min(Number(last), length);
    if (count === 0) throw outside(length);
    return { start: length - count, end: length - 1 };
  }
  const start = Number(first);
  const end = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (last !== '' && Number(last) < start) return null;
  if (start >= length) throw outside(length);
  return { start, end };
}

/** Only as many bytes as there are left of `count`. */
export async function* firstBytes(content: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const piece of content) {
    if (left <= 0) return;
    yield piece.length <= left ? piece : piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

function outside(length: number): Failure {
  return new Failure('invalid-input', {
    code: 'content.range-outside',
    message: `The content has ${length} bytes; the range begins behind its end.`,
    hint: 'Ask for bytes that are there, or leave out the header Range.',
    retry: 'never',
    where: { length: String(length) },
  });
}
