import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { idFromBytes, type ChunkId } from './chunk-id.ts';
import { filterWords, IdFilter } from './id-filter.ts';
import { CHUNK_ROW, HEADER_LENGTH, PACK_ROW, readCounts, SEGMENT_ROW, type TableCounts } from './index-table.ts';
import { bucketOf, encodeLocalHeader, fanBits, LOCAL_HEADER, localLayout, type LocalHeader } from './local-segment.ts';

/** Rows of an index to merge: a file of the local index, or the content of an index object. */
export interface TableSource {
  readonly header: TableCounts;
  /** Names of the index objects it holds. */
  readonly names: string[];
  readPacks(from: number, count: number): Buffer;
  readSegments(from: number, count: number): Buffer;
  readChunks(from: number, count: number): Buffer;
}

/** Rows per read and write: some hundred KB, so that merging never holds the event loop for long. */
const ROWS_AT_ONCE = 8192;

/** An index object's content as a source. @throws RangeError when it is not one. */
export function tableOf(name: string, content: Buffer): TableSource {
  const header = readCounts(content);
  const segmentsAt = HEADER_LENGTH + header.packs * PACK_ROW;
  const chunksAt = segmentsAt + header.segments * SEGMENT_ROW;
  const rows = (at: number, size: number) => (from: number, count: number) =>
    content.subarray(at + from * size, at + (from + count) * size);
  return {
    header,
    names: [name],
    readPacks: rows(HEADER_LENGTH, PACK_ROW),
    readSegments: rows(segmentsAt, SEGMENT_ROW),
    readChunks: rows(chunksAt, CHUNK_ROW),
  };
}

/**
 * Merges the sources into one file at `path`, which appears when it is whole and durable. Of an id that several sources
 * have, the first one's row is kept.
 */
export async function buildLocalSegment(path: string, sources: TableSource[]): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await writeTables(file, sources);
    await file.datasync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, path);
}

async function writeTables(file: FileHandle, sources: TableSource[]): Promise<void> {
  const names = Buffer.from(JSON.stringify(sources.flatMap((source) => source.names)));
  const total = (pick: keyof TableCounts) => sources.reduce((sum, source) => sum + source.header[pick], 0);
  const bits = fanBits(total('chunks'));
  const header: LocalHeader = {
    packs: total('packs'),
    segments: total('segments'),
    chunks: 0,
    fanBits: bits,
    filterWords: filterWords(total('chunks')),
    namesLength: names.length,
  };
  const layout = localLayout(header);
  await writeAt(file, names, LOCAL_HEADER);
  await copyPacks(file, sources, layout.packs);
  await copySegments(file, sources, layout.segments);
  const fan = new Uint32Array(2 ** bits + 1);
  const filter = new IdFilter(new Uint32Array(header.filterWords));
  header.chunks = await mergeChunks(file, sources, layout.chunks, (id, row) => {
    fan[bucketOf(id, bits) + 1] = row + 1;
    filter.add(id);
  });
  // Buckets without rows end where the one before them ends.
  for (let bucket = 1; bucket < fan.length; bucket += 1) fan[bucket] = Math.max(fan[bucket]!, fan[bucket - 1]!);
  const head = encodeLocalHeader(header);
  const tail = Buffer.concat([bytesOf(fan), bytesOf(filter.words)]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(tail, crc32(names, crc32(head))));
  await writeAt(file, Buffer.concat([tail, crc]), localLayout(header).fan);
  await writeAt(file, head, 0);
}

/** Pack rows point into the table of segments, which is joined too. */
async function copyPacks(file: FileHandle, sources: TableSource[], at: number): Promise<void> {
  let place = at;
  let segmentsBefore = 0;
  for (const source of sources) {
    for (let from = 0; from < source.header.packs; from += ROWS_AT_ONCE) {
      const rows = Buffer.from(source.readPacks(from, Math.min(ROWS_AT_ONCE, source.header.packs - from)));
      for (let row = 0; row < rows.length; row += PACK_ROW) {
        rows.writeUInt32LE(rows.readUInt32LE(row + 52) + segmentsBefore, row + 52);
      }
      await writeAt(file, rows, place);
      place += rows.length;
    }
    segmentsBefore += source.header.segments;
  }
}

async function copySegments(file: FileHandle, sources: TableSource[], at: number): Promise<void> {
  let place = at;
  for (const source of sources) {
    for (let from = 0; from < source.header.segments; from += ROWS_AT_ONCE) {
      const rows = source.readSegments(from, Math.min(ROWS_AT_ONCE, source.header.segments - from));
      await writeAt(file, rows, place);
      place += rows.length;
    }
  }
}

/** Merges the sorted chunk rows; returns how many there are. */
async function mergeChunks(
  file: FileHandle,
  sources: TableSource[],
  at: number,
  onRow: (id: ChunkId, row: number) => void,
): Promise<number> {
  let packsBefore = 0;
  const cursors = sources.map((source) => {
    const cursor = new RowCursor(source, packsBefore);
    packsBefore += source.header.packs;
    return cursor;
  });
  const out = Buffer.allocUnsafe(ROWS_AT_ONCE * CHUNK_ROW);
  let filled = 0;
  let count = 0;
  let last: ChunkId | null = null;
  for (;;) {
    const next = cursors.reduce<RowCursor | null>((best, cursor) => {
      if (cursor.id === null) return best;
      return best === null || cursor.id < best.id! ? cursor : best;
    }, null);
    if (next === null) break;
    if (next.id !== last) {
      last = next.id;
      next.copyRow(out, filled);
      onRow(last!, count);
      filled += CHUNK_ROW;
      count += 1;
    }
    next.advance();
    if (filled === out.length) {
      await writeAt(file, out, at + count * CHUNK_ROW - filled);
      filled = 0;
    }
  }
  await writeAt(file, out.subarray(0, filled), at + count * CHUNK_ROW - filled);
  return count;
}

/** Reads the chunk rows of one source in order. */
class RowCursor {
  /** The row it stands at, or null at the end. */
  id: ChunkId | null = null;
  readonly #source: TableSource;
  readonly #packsBefore: number;
  #rows: Buffer = Buffer.alloc(0);
  #at = 0;
  #read = 0;

  constructor(source: TableSource, packsBefore: number) {
    this.#source = source;
    this.#packsBefore = packsBefore;
    this.advance();
  }

  advance(): void {
    if (this.id !== null) this.#at += CHUNK_ROW;
    if (this.#at >= this.#rows.length) {
      const count = Math.min(ROWS_AT_ONCE, this.#source.header.chunks - this.#read);
      this.#rows = this.#source.readChunks(this.#read, count);
      this.#read += count;
      this.#at = 0;
    }
    this.id = this.#at < this.#rows.length ? idFromBytes(this.#rows, this.#at) : null;
  }

  copyRow(out: Buffer, at: number): void {
    this.#rows.copy(out, at, this.#at, this.#at + CHUNK_ROW);
    out.writeUInt32LE(out.readUInt32LE(at + 16) + this.#packsBefore, at + 16);
  }
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

async function writeAt(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
