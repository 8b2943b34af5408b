import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { idFromBytes, type ChunkId } from './chunk-id.ts';
import { IdFilter } from './id-filter.ts';
import {
  CHUNK_ROW,
  PACK_ROW,
  readChunkRow,
  readPackRow,
  readSegmentRow,
  SEGMENT_ROW,
  type ChunkRow,
  type PackRow,
  type TableCounts,
} from './index-table.ts';
import type { SegmentRow } from './pack.ts';

/**
 * A file of the local index: some index objects of the repository merged into one, with a fan-out table and a filter that
 * stay in memory; the rows stay on disk. Written once (see build-local-segment), then only read.
 *
 *     header 48 B | names | packs | segments | chunks | fan-out | filter | crc32 of header, names, fan-out and filter
 */
export const LOCAL_MAGIC = 'BHLI0001';
export const LOCAL_HEADER = 48;
/** Rows that share a fan-out entry, on average; so many are read to find one. */
const ROWS_PER_BUCKET = 64;
const MAX_FAN_BITS = 21;

/** Bits of an id that choose its bucket, for so many chunks. */
export function fanBits(chunks: number): number {
  return Math.min(MAX_FAN_BITS, Math.max(0, Math.ceil(Math.log2(Math.max(1, chunks / ROWS_PER_BUCKET)))));
}

export function bucketOf(id: ChunkId, bits: number): number {
  if (bits === 0) return 0;
  const top = (id.charCodeAt(0) << 16) | (id.charCodeAt(1) << 8) | id.charCodeAt(2);
  return top >>> (24 - bits);
}

export interface LocalHeader extends TableCounts {
  fanBits: number;
  filterWords: number;
  namesLength: number;
}

export function encodeLocalHeader(header: LocalHeader): Buffer {
  const out = Buffer.alloc(LOCAL_HEADER);
  out.write(LOCAL_MAGIC, 'latin1');
  const { packs, segments, chunks } = header;
  [packs, segments, chunks, header.fanBits, header.filterWords, header.namesLength].forEach((value, index) =>
    out.writeUInt32LE(value, 8 + index * 4),
  );
  return out;
}

/** Where the tables of a file begin. */
export function localLayout(header: LocalHeader) {
  const packs = LOCAL_HEADER + header.namesLength;
  const segments = packs + header.packs * PACK_ROW;
  const chunks = segments + header.segments * SEGMENT_ROW;
  const fan = chunks + header.chunks * CHUNK_ROW;
  const filter = fan + (2 ** header.fanBits + 1) * 4;
  const crc = filter + header.filterWords * 4;
  return { packs, segments, chunks, fan, filter, crc };
}

export class LocalSegment {
  readonly path: string;
  readonly header: LocalHeader;
  /** Names of the index objects it holds. */
  readonly names: string[];
  readonly #fd: number;
  readonly #layout: ReturnType<typeof localLayout>;
  readonly #fan: Uint32Array;
  readonly #filter: IdFilter;

  constructor(path: string, fd: number, header: LocalHeader, names: string[], fan: Uint32Array, filter: IdFilter) {
    this.path = path;
    this.header = header;
    this.names = names;
    this.#fd = fd;
    this.#layout = localLayout(header);
    this.#fan = fan;
    this.#filter = filter;
  }

  /** Null when the file is not whole: the index is then loaded from the repository again. */
  static open(path: string): LocalSegment | null {
    const fd = openSync(path, 'r');
    try {
      const opened = readWhole(path, fd);
      if (opened !== null) return opened;
    } catch {
      // Too short, or not ours: as good as absent.
    }
    closeSync(fd);
    return null;
  }

  /** The chunk's row, or null. Synchronous: a filter probe, and one read of a few KB for what is there. */
  find(id: ChunkId): ChunkRow | null {
    if (!this.#filter.mayHave(id)) return null;
    const bucket = bucketOf(id, this.header.fanBits);
    let low = this.#fan[bucket]!;
    let high = this.#fan[bucket + 1]!;
    if (low === high) return null;
    const base = low;
    const rows = this.#read(this.#layout.chunks + low * CHUNK_ROW, (high - low) * CHUNK_ROW);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = (middle - base) * CHUNK_ROW;
      const there = idFromBytes(rows, at);
      if (there === id) return readChunkRow(rows, at);
      if (there < id) low = middle + 1;
      else high = middle;
    }
    return null;
  }

  pack(row: number): PackRow {
    return readPackRow(this.readPacks(row, 1), 0);
  }

  segment(row: number): SegmentRow {
    return readSegmentRow(this.readSegments(row, 1), 0);
  }

  readPacks(from: number, count: number): Buffer {
    return this.#read(this.#layout.packs + from * PACK_ROW, count * PACK_ROW);
  }

  readSegments(from: number, count: number): Buffer {
    return this.#read(this.#layout.segments + from * SEGMENT_ROW, count * SEGMENT_ROW);
  }

  readChunks(from: number, count: number): Buffer {
    return this.#read(this.#layout.chunks + from * CHUNK_ROW, count * CHUNK_ROW);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(at: number, length: number): Buffer {
    return readAt(this.#fd, at, length);
  }
}

function readWhole(path: string, fd: number): LocalSegment | null {
  const head = readAt(fd, 0, LOCAL_HEADER);
  if (head.toString('latin1', 0, 8) !== LOCAL_MAGIC) return null;
  const [packs, segments, chunks, fanBitCount, words, namesLength] = [0, 1, 2, 3, 4, 5].map((i) =>
    head.readUInt32LE(8 + i * 4),
  );
  const header: LocalHeader = {
    packs: packs!,
    segments: segments!,
    chunks: chunks!,
    fanBits: fanBitCount!,
    filterWords: words!,
    namesLength: namesLength!,
  };
  const layout = localLayout(header);
  const names = readAt(fd, LOCAL_HEADER, header.namesLength);
  const tail = readAt(fd, layout.fan, layout.crc - layout.fan);
  if (crc32(tail, crc32(names, crc32(head))) !== readAt(fd, layout.crc, 4).readUInt32LE(0)) return null;
  const fan = new Uint32Array(tail.buffer, tail.byteOffset, (layout.filter - layout.fan) / 4);
  const filter = new Uint32Array(tail.buffer, tail.byteOffset + layout.filter - layout.fan, header.filterWords);
  return new LocalSegment(path, fd, header, JSON.parse(names.toString()) as string[], fan, new IdFilter(filter));
}

/** @throws RangeError when the file ends before. */
function readAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const count = readSync(fd, bytes, done, length - done, at + done);
    if (count === 0) throw new RangeError('the file is too short');
    done += count;
  }
  return bytes;
}
