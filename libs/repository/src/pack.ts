import { randomBytes } from 'node:crypto';
import { ID_LENGTH, idFromBytes, type ChunkId } from './chunk-id.ts';
import { corrupt, unsupported } from './corrupt.ts';
import { hkdf, type KeyRing } from './key-ring.ts';
import type { PackKind } from './names.ts';
import { packName } from './names.ts';
import { decrypt, encrypt, TAG_LENGTH, type Codec, type SealKey } from './segment.ts';

/** The layout of packs: header, segments, footer, trailer (FORMAT.md 6). */

export const HEADER_LENGTH = 40;
export const TRAILER_LENGTH = 8;
const MAGIC = 'BHKP';
const END_MAGIC = 'BHKF';
const FOOTER_NUMBER = 0xffffffff;
const SEGMENT_ROW = 20;
const CHUNK_ROW = ID_LENGTH + 4;

/** A pack's name and what its key is derived with. */
export interface PackIdentity {
  kind: PackKind;
  /** 32 hex digits. */
  id: string;
  /** 32 bytes. */
  salt: Uint8Array;
}

export interface SegmentRow {
  /** Bytes from the pack's beginning. */
  offset: number;
  /** Bytes with the tag. */
  storedLength: number;
  /** Bytes of the plain segment. */
  length: number;
  codec: Codec;
}

/** A segment with the chunks that fill it. */
export interface FooterSegment extends SegmentRow {
  chunks: { id: ChunkId; length: number }[];
}

/** A new pack with a random id and salt. */
export function newPack(kind: PackKind): PackIdentity {
  return { kind, id: randomBytes(16).toString('hex'), salt: randomBytes(32) };
}

export function packHeader(pack: PackIdentity): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.write(MAGIC, 'latin1');
  header.writeUInt8(1, 4);
  header.writeUInt8(pack.kind === 'data' ? 1 : 2, 5);
  header.writeUInt16LE(1, 6);
  header.set(pack.salt, 8);
  return header;
}

/** The salt out of a header. @throws Failure `corrupt`, `unsupported-format`. */
export function readHeader(kind: PackKind, id: string, header: Buffer): PackIdentity {
  const name = packName(kind, id);
  if (header.length < HEADER_LENGTH || header.toString('latin1', 0, 4) !== MAGIC) {
    throw corrupt(name, 'it does not begin like a pack');
  }
  const [version, epoch] = [header.readUInt8(4), header.readUInt16LE(6)];
  if (version !== 1 || epoch !== 1) throw unsupported(name, `it has version ${version} and key epoch ${epoch}`);
  if (header.readUInt8(5) !== (kind === 'data' ? 1 : 2)) throw corrupt(name, 'it is a pack of the other kind');
  return { kind, id, salt: Buffer.from(header.subarray(8, HEADER_LENGTH)) };
}

/** The pack's key with its place; add a segment's number. */
export function packSeal(ring: KeyRing, pack: PackIdentity): Omit<SealKey, 'number'> {
  return {
    key: hkdf(pack.kind === 'data' ? ring.data : ring.meta, pack.salt, 'backhaul/1/pack', 32),
    place: Buffer.concat([ring.repositoryId, Buffer.from(pack.id, 'hex')]),
  };
}

/** Footer and trailer, the end of a pack. */
export function packEnd(ring: KeyRing, pack: PackIdentity, segments: FooterSegment[]): Buffer {
  const seal = { ...packSeal(ring, pack), number: FOOTER_NUMBER };
  const footer = encrypt(seal, encodeFooter(segments), packHeader(pack));
  const end = Buffer.alloc(footer.length + TRAILER_LENGTH);
  end.set(footer);
  end.writeUInt32LE(footer.length, footer.length);
  end.write(END_MAGIC, footer.length + 4, 'latin1');
  return end;
}

/** Length of the sealed footer, from the trailer. @throws Failure `corrupt`. */
export function readTrailer(name: string, trailer: Buffer, packSize: number): number {
  const length = trailer.length === TRAILER_LENGTH ? trailer.readUInt32LE(0) : 0;
  if (
    trailer.toString('latin1', 4) !== END_MAGIC ||
    length < TAG_LENGTH ||
    length > packSize - HEADER_LENGTH - TRAILER_LENGTH
  ) {
    throw corrupt(name, 'it does not end like a pack');
  }
  return length;
}

/** What the footer lists, once it fits the pack without gaps. @throws Failure `corrupt`. */
export function openFooter(ring: KeyRing, pack: PackIdentity, sealed: Uint8Array, packSize: number): FooterSegment[] {
  const name = packName(pack.kind, pack.id);
  const plain = decrypt({ ...packSeal(ring, pack), number: FOOTER_NUMBER }, sealed, packHeader(pack));
  if (plain === null) throw corrupt(name, 'its footer does not match its seal');
  let segments: FooterSegment[];
  try {
    segments = decodeFooter(plain);
  } catch (cause) {
    throw corrupt(name, 'its footer makes no sense', cause);
  }
  let offset = HEADER_LENGTH;
  for (const segment of segments) {
    const filled = segment.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (segment.offset !== offset || filled !== segment.length) throw corrupt(name, 'its segments leave gaps');
    offset += segment.storedLength;
  }
  if (offset + sealed.length + TRAILER_LENGTH !== packSize) throw corrupt(name, 'it has not the size its footer tells');
  return segments;
}

function encodeFooter(segments: FooterSegment[]): Buffer {
  const chunks = segments.flatMap((segment) => segment.chunks);
  const out = Buffer.alloc(8 + segments.length * SEGMENT_ROW + chunks.length * CHUNK_ROW);
  out.writeUInt32LE(segments.length, 0);
  out.writeUInt32LE(chunks.length, 4);
  let at = 8;
  for (const segment of segments) {
    out.writeUInt32LE(segment.offset, at);
    out.writeUInt32LE(segment.storedLength, at + 4);
    out.writeUInt32LE(segment.length, at + 8);
    out.writeUInt32LE(segment.chunks.length, at + 12);
    out.writeUInt8(segment.codec, at + 16);
    at += SEGMENT_ROW;
  }
  for (const chunk of chunks) {
    out.write(chunk.id, at, 'latin1');
    out.writeUInt32LE(chunk.length, at + ID_LENGTH);
    at += CHUNK_ROW;
  }
  return out;
}

/** @throws RangeError when it is too short. */
function decodeFooter(footer: Buffer): FooterSegment[] {
  const segments: FooterSegment[] = [];
  const count = footer.readUInt32LE(0);
  let chunkAt = 8 + count * SEGMENT_ROW;
  for (let at = 8; segments.length < count; at += SEGMENT_ROW) {
    const codec = footer.readUInt8(at + 16);
    if (codec > 1) throw new RangeError(`codec ${codec} is not known`);
    const chunks = Array.from({ length: footer.readUInt32LE(at + 12) }, () => {
      const chunk = { id: idFromBytes(footer, chunkAt), length: footer.readUInt32LE(chunkAt + ID_LENGTH) };
      chunkAt += CHUNK_ROW;
      return chunk;
    });
    segments.push({
      offset: footer.readUInt32LE(at),
      storedLength: footer.readUInt32LE(at + 4),
      length: footer.readUInt32LE(at + 8),
      codec: codec as Codec,
      chunks,
    });
  }
  if (chunkAt !== footer.length) throw new RangeError('it has not the length its counts tell');
  return segments;
}
