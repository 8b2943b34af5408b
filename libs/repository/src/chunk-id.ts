import { hash } from 'node:crypto';

/**
 * A chunk's id in memory: its 16 bytes as Latin-1 characters. Half the size of hex, a key of maps, cheap to send to threads,
 * and in the same order as its bytes.
 */
export type ChunkId = string;

/** Bytes of an id where it is stored. */
export const ID_LENGTH = 16;

/**
 * Ids of chunks (FORMAT.md 7). Two one-shot hashes cost a sixth of an HMAC object on small chunks; the inner input has a
 * fixed length, so nothing can be appended.
 */
export function chunkHasher(chunkIdKey: Uint8Array): (content: Uint8Array) => ChunkId {
  const finish = digestToId(chunkIdKey);
  return (content) => finish(sha256(content));
}

/** The second half alone, for who has the SHA-256 of the content already. */
export function digestToId(chunkIdKey: Uint8Array): (digest: Uint8Array) => ChunkId {
  const input = Buffer.alloc(chunkIdKey.length + 32);
  input.set(chunkIdKey);
  return (digest) => {
    input.set(digest, chunkIdKey.length);
    return sha256(input).toString('latin1', 0, ID_LENGTH);
  };
}

export function sha256(content: Uint8Array): Buffer {
  return hash('sha256', content, 'buffer');
}

export function idFromBytes(bytes: Uint8Array, at = 0): ChunkId {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, ID_LENGTH).toString('latin1');
}

export function idToBytes(id: ChunkId): Buffer {
  return Buffer.from(id, 'latin1');
}

/** As JSON shows it. */
export function idToHex(id: ChunkId): string {
  return idToBytes(id).toString('hex');
}

export function idFromHex(hex: string): ChunkId {
  return Buffer.from(hex, 'hex').toString('latin1');
}

/** Ids joined, as base64: how recipes keep them. */
export function joinIds(ids: ChunkId[]): string {
  return Buffer.from(ids.join(''), 'latin1').toString('base64');
}

/** The ids of {@link joinIds}. */
export function* eachId(joined: string): Generator<ChunkId> {
  const all = Buffer.from(joined, 'base64').toString('latin1');
  for (let at = 0; at < all.length; at += ID_LENGTH) yield all.slice(at, at + ID_LENGTH);
}
