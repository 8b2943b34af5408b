import { ID_LENGTH, idFromBytes, type ChunkId } from './chunk-id.ts';
import type { PackKind } from './names.ts';
import type { FooterSegment, PackIdentity, SegmentRow } from './pack.ts';

/** The three tables of an index: packs, segments, chunks (FORMAT.md 8). The local index keeps the same rows. */

export const HEADER_LENGTH = 16;
export const PACK_ROW = 64;
export const SEGMENT_ROW = 16;
export const CHUNK_ROW = 32;

/** A pack as it was written. */
export interface WrittenPack {
  identity: PackIdentity;
  /** Bytes of the whole object. */
  size: number;
  segments: FooterSegment[];
}

export interface PackRow extends PackIdentity {
  size: number;
  /** Its first row in the table of segments. */
  firstSegment: number;
  segments: number;
}

export interface ChunkRow {
  id: ChunkId;
  /** Row of the pack. */
  pack: number;
  /** Number of the segment within the pack. */
  segment: number;
  /** Bytes from the plain segment's beginning. */
  offset: number;
  length: number;
}

export interface TableCounts {
  packs: number;
  segments: number;
  chunks: number;
}

/** The content of an index object for some packs. */
export function encodeIndex(packs: WrittenPack[]): Buffer {
  const segments = packs.flatMap((pack) => pack.segments);
  const chunks = chunkRows(packs).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const chunksAt = HEADER_LENGTH + packs.length * PACK_ROW + segments.length * SEGMENT_ROW;
  const out = Buffer.alloc(chunksAt + chunks.length * CHUNK_ROW);
  [packs.length, segments.length, chunks.length].forEach((count, index) => out.writeUInt32LE(count, index * 4));
  let firstSegment = 0;
  packs.forEach(({ identity, size, segments: own }, index) => {
    const row = { ...identity, size, firstSegment, segments: own.length };
    writePackRow(out, HEADER_LENGTH + index * PACK_ROW, row);
    firstSegment += own.length;
  });
  const segmentsAt = HEADER_LENGTH + packs.length * PACK_ROW;
  segments.forEach((segment, index) => writeSegmentRow(out, segmentsAt + index * SEGMENT_ROW, segment));
  chunks.forEach((chunk, index) => writeChunkRow(out, chunksAt + index * CHUNK_ROW, chunk));
  return out;
}

/** Counts of an index object's content. @throws RangeError when its length does not fit them. */
export function readCounts(content: Buffer): TableCounts {
  const counts = { packs: content.readUInt32LE(0), segments: content.readUInt32LE(4), chunks: content.readUInt32LE(8) };
  const { packs, segments, chunks } = counts;
  if (HEADER_LENGTH + packs * PACK_ROW + segments * SEGMENT_ROW + chunks * CHUNK_ROW !== content.length) {
    throw new RangeError('it has not the length its counts tell');
  }
  return counts;
}

/** The packs of an index object with all they hold, as the footers say it too. @throws RangeError. */
export function decodeIndex(content: Buffer): WrittenPack[] {
  const counts = readCounts(content);
  const segmentsAt = HEADER_LENGTH + counts.packs * PACK_ROW;
  const chunksAt = segmentsAt + counts.segments * SEGMENT_ROW;
  const packs = Array.from({ length: counts.packs }, (_, index) => {
    const row = readPackRow(content, HEADER_LENGTH + index * PACK_ROW);
    const segments = Array.from({ length: row.segments }, (_, number) => ({
      ...readSegmentRow(content, segmentsAt + (row.firstSegment + number) * SEGMENT_ROW),
      chunks: [] as (ChunkRow & { id: ChunkId })[],
    }));
    return { identity: { kind: row.kind, id: row.id, salt: row.salt }, size: row.size, segments };
  });
  for (let index = 0; index < counts.chunks; index += 1) {
    const row = readChunkRow(content, chunksAt + index * CHUNK_ROW);
    const segment = packs[row.pack]?.segments[row.segment];
    if (segment === undefined) throw new RangeError('a chunk lies in no pack');
    segment.chunks.push(row);
  }
  for (const { segments } of packs) for (const { chunks } of segments) chunks.sort((a, b) => a.offset - b.offset);
  return packs;
}

export function writePackRow(out: Buffer, at: number, row: PackRow): void {
  out.write(row.id, at, 'hex');
  out.set(row.salt, at + 16);
  out.writeUInt32LE(row.size, at + 48);
  out.writeUInt32LE(row.firstSegment, at + 52);
  out.writeUInt32LE(row.segments, at + 56);
  out.writeUInt8(row.kind === 'data' ? 1 : 2, at + 60);
}

export function readPackRow(bytes: Buffer, at: number): PackRow {
  const kind: PackKind = bytes.readUInt8(at + 60) === 1 ? 'data' : 'meta';
  return {
    kind,
    id: bytes.toString('hex', at, at + 16),
    salt: Buffer.from(bytes.subarray(at + 16, at + 48)),
    size: bytes.readUInt32LE(at + 48),
    firstSegment: bytes.readUInt32LE(at + 52),
    segments: bytes.readUInt32LE(at + 56),
  };
}

export function writeSegmentRow(out: Buffer, at: number, row: SegmentRow): void {
  out.writeUInt32LE(row.offset, at);
  out.writeUInt32LE(row.storedLength, at + 4);
  out.writeUInt32LE(row.length, at + 8);
  out.writeUInt8(row.codec, at + 12);
}

export function readSegmentRow(bytes: Buffer, at: number): SegmentRow {
  return {
    offset: bytes.readUInt32LE(at),
    storedLength: bytes.readUInt32LE(at + 4),
    length: bytes.readUInt32LE(at + 8),
    codec: bytes.readUInt8(at + 12) === 0 ? 0 : 1,
  };
}

export function writeChunkRow(out: Buffer, at: number, row: ChunkRow): void {
  out.write(row.id, at, 'latin1');
  out.writeUInt32LE(row.pack, at + ID_LENGTH);
  out.writeUInt32LE(row.segment, at + ID_LENGTH + 4);
  out.writeUInt32LE(row.offset, at + ID_LENGTH + 8);
  out.writeUInt32LE(row.length, at + ID_LENGTH + 12);
}

export function readChunkRow(bytes: Buffer, at: number): ChunkRow {
  return {
    id: idFromBytes(bytes, at),
    pack: bytes.readUInt32LE(at + ID_LENGTH),
    segment: bytes.readUInt32LE(at + ID_LENGTH + 4),
    offset: bytes.readUInt32LE(at + ID_LENGTH + 8),
    length: bytes.readUInt32LE(at + ID_LENGTH + 12),
  };
}

function chunkRows(packs: WrittenPack[]): ChunkRow[] {
  return packs.flatMap(({ segments }, pack) =>
    segments.flatMap(({ chunks }, segment) => {
      let offset = 0;
      return chunks.map(({ id, length }) => {
        const row = { id, pack, segment, offset, length };
        offset += length;
        return row;
      });
    }),
  );
}
