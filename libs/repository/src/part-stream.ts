import { createHash } from 'node:crypto';
import { Failure } from '@backhaul/domain';
import { encodeLines } from './base64-lines.ts';
import { ByteSource } from './byte-source.ts';
import { eachId, type ChunkId } from './chunk-id.ts';
import type { ContentReader } from './content-reader.ts';
import { corrupt } from './corrupt.ts';
import type { PartRef } from './entry.ts';
import { isRaw, type Base64Piece, type Recipe } from './recipe.ts';

/** Chunks that are read before they are asked for, together at most so long (but one at least). */
const READ_AHEAD_BYTES = 4 * 1024 * 1024;
/** Bytes of an attachment that are encoded at once, about. */
const ENCODED_AT_ONCE = 768 * 1024;

/**
 * A part's bytes from `offset` on, piece by piece; of a part of a single stream of chunks only those that are needed are read.
 * @throws Failure `corrupt`; `invalid-input` for an offset outside the part.
 */
export async function* streamPart(reader: ContentReader, part: PartRef, offset: number): AsyncGenerator<Uint8Array> {
  requireOffset(part, offset);
  const recipe = await reader.recipe(part);
  if (recipe.pieces.length === 0 && offset > 0) {
    yield* tailOf(reader, part, recipe, offset);
    return;
  }
  const hash = createHash('sha256');
  let length = 0;
  for await (const piece of allOf(reader, recipe)) {
    hash.update(piece);
    const wanted = piece.subarray(Math.max(0, offset - length));
    length += piece.length;
    if (length > part.length) break;
    if (wanted.length > 0) yield wanted;
  }
  if (length !== part.length || hash.digest('hex') !== part.sha256) throw notWhatWasStored(part);
}

/** The end of a part that is one stream of chunks. Its hash cannot be proven; its chunks and its length are. */
async function* tailOf(
  reader: ContentReader,
  part: PartRef,
  recipe: Recipe,
  offset: number,
): AsyncGenerator<Uint8Array> {
  const ids = [...eachId(recipe.chunks)];
  let skipped = 0;
  let first = 0;
  for (; first < ids.length; first += 1) {
    const length = await reader.lengthOf(ids[first]!);
    if (skipped + length > offset) break;
    skipped += length;
  }
  let at = skipped;
  for await (const chunk of chunksOf(reader, ids.slice(first))) {
    const wanted = chunk.subarray(Math.max(0, offset - at));
    at += chunk.length;
    yield wanted;
  }
  if (at !== part.length) throw notWhatWasStored(part);
}

async function* allOf(reader: ContentReader, { chunks, pieces }: Recipe): AsyncGenerator<Uint8Array> {
  if (pieces.length === 0) {
    yield* chunksOf(reader, eachId(chunks));
    return;
  }
  const raw = new ByteSource(chunksOf(reader, eachId(chunks)));
  try {
    for (const piece of pieces) yield* isRaw(piece) ? nextOf(raw, piece.rawLength) : encoded(reader, piece);
  } finally {
    raw.close();
  }
}

async function* nextOf(source: ByteSource, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const piece = await source.take(left);
    if (piece === null) return;
    left -= piece.length;
    yield piece;
  }
}

/** An attachment that was stored decoded, some lines at a time. */
async function* encoded(reader: ContentReader, piece: Base64Piece): AsyncGenerator<Uint8Array> {
  const bytesPerLine = (piece.lineLength / 4) * 3;
  const block = Buffer.allocUnsafeSlow(Math.ceil(ENCODED_AT_ONCE / bytesPerLine) * bytesPerLine);
  const source = new ByteSource(chunksOf(reader, eachId(piece.chunks)));
  try {
    for (let left = piece.decodedLength; left > 0;) {
      const filled = await source.fill(block.subarray(0, Math.min(left, block.length)));
      if (filled === 0) return;
      left -= filled;
      const endsWithEol = left > 0 || piece.endsWithEol;
      yield encodeLines(block.subarray(0, filled), { ...piece, endsWithEol });
    }
  } finally {
    source.close();
  }
}

/** Chunks in their order, each proven by its id; the next ones are on their way meanwhile. */
async function* chunksOf(reader: ContentReader, ids: Iterable<ChunkId>): AsyncGenerator<Buffer> {
  const ahead: { chunk: Promise<Buffer>; length: number }[] = [];
  let bytes = 0;
  const next = async () => {
    const { chunk, length } = ahead.shift()!;
    const read = await chunk;
    bytes -= length;
    return read;
  };
  for (const id of ids) {
    const length = await reader.lengthOf(id);
    while (ahead.length > 0 && bytes + length > READ_AHEAD_BYTES) yield await next();
    const chunk = reader.passingChunk(id);
    // Told when it is this chunk's turn.
    chunk.catch(() => undefined);
    ahead.push({ chunk, length });
    bytes += length;
  }
  while (ahead.length > 0) yield await next();
}

function requireOffset(part: PartRef, offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && offset <= part.length) return;
  throw new Failure('invalid-input', {
    code: 'repository.offset-invalid',
    message: `Offset ${offset} lies outside of part ${part.name}, which has ${part.length} bytes.`,
    retry: 'never',
    where: { field: 'offset' },
  });
}

function notWhatWasStored(part: PartRef): Failure {
  return corrupt('content', `part ${part.name} is not what was backed up`);
}
