import { createCipheriv, createDecipheriv } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '@backhaul/domain';
import { ownBytes, release, type OwnBytes } from './own-bytes.ts';

/** Segments: compressed, then sealed under the pack's key with their number as nonce (FORMAT.md 6). */

export const TAG_LENGTH = 16;
/** 0: as it is, 1: one zstd frame. */
export type Codec = 0 | 1;

const ZSTD_LEVEL = 3;
/** Content of which these samples do not shrink to {@link WORTHWHILE} is stored as it is. */
const PROBES = 8;
const PROBE_LENGTH = 2 * 1024;
const WORTHWHILE = 0.97;

/** What makes a segment's seal its own: pack and number. */
export interface SealKey {
  /** The pack's key, 32 bytes. */
  key: Uint8Array;
  /** Repository id ‖ pack id, 32 bytes. */
  place: Uint8Array;
  number: number;
}

export interface SealedSegment {
  /** Ciphertext and tag, in memory of its own (transferable). */
  sealed: OwnBytes;
  codec: Codec;
}

/**
 * Compresses and seals a segment, opens it again and compares: bad memory must not become a bad backup.
 * @throws Failure `internal`, code `repository.verify-before-write`, when what was sealed is not what went in.
 */
export function sealSegment(seal: SealKey, plain: Uint8Array, dense: boolean): SealedSegment {
  const compressed = dense ? null : compress(plain);
  const codec: Codec = compressed === null ? 0 : 1;
  const sealed = encrypt(seal, compressed ?? plain, new Uint8Array(0));
  if (compressed !== null) release(compressed);
  const again = openSegment(seal, sealed, codec, plain.length);
  const isSame = again !== null && Buffer.compare(again, plain) === 0;
  if (again !== null) release(again);
  if (!isSame) {
    throw new Failure('internal', {
      code: 'repository.verify-before-write',
      message: 'A segment read back before writing was not what had gone in; nothing was written.',
      retry: 'later',
      hint: 'This points to faulty memory or an overheated processor of this host: test it before trusting it with backups.',
    });
  }
  return { sealed, codec };
}

/** The plain segment, or null when the bytes are not what was sealed there. Never unpacks to more than `length`. */
export function openSegment(seal: SealKey, sealed: Uint8Array, codec: Codec, length: number): Buffer | null {
  const packed = decrypt(seal, sealed, new Uint8Array(0));
  if (packed === null) return null;
  if (codec === 0) return packed.length === length ? packed : null;
  try {
    // One output buffer of the right size: the default of 16 KB pieces costs a third of the speed.
    const plain = zstdDecompressSync(packed, { maxOutputLength: Math.max(length, 1), chunkSize: Math.max(length, 64) });
    return plain.length === length ? plain : null;
  } catch {
    return null;
  } finally {
    release(packed);
  }
}

/** AES-256-GCM; `extra` joins the place in the additional data. */
export function encrypt(seal: SealKey, content: Uint8Array, extra: Uint8Array): OwnBytes {
  const cipher = createCipheriv('aes-256-gcm', seal.key, nonce(seal.number));
  cipher.setAAD(additionalData(seal, extra));
  const out = ownBytes(content.length + TAG_LENGTH);
  const sealed = cipher.update(content);
  out.set(sealed);
  release(sealed);
  cipher.final();
  out.set(cipher.getAuthTag(), content.length);
  return out;
}

/** The reverse of {@link encrypt}, or null. */
export function decrypt(seal: SealKey, sealed: Uint8Array, extra: Uint8Array): Buffer | null {
  if (sealed.length < TAG_LENGTH) return null;
  const body = sealed.subarray(0, sealed.length - TAG_LENGTH);
  const decipher = createDecipheriv('aes-256-gcm', seal.key, nonce(seal.number), { authTagLength: TAG_LENGTH });
  decipher.setAAD(additionalData(seal, extra));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH));
  const plain = decipher.update(body);
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}

function compress(plain: Uint8Array): Buffer | null {
  if (plain.length > 4 * PROBES * PROBE_LENGTH) {
    const samples = Array.from({ length: PROBES }, (_, index) => Math.floor((plain.length * (index + 0.5)) / PROBES));
    const probe = Buffer.concat(samples.map((at) => plain.subarray(at, at + PROBE_LENGTH)));
    if (zstd(probe, 1).length > probe.length * WORTHWHILE) return null;
  }
  const packed = zstd(plain, ZSTD_LEVEL);
  if (packed.length < plain.length * WORTHWHILE) return packed;
  release(packed);
  return null;
}

function zstd(plain: Uint8Array, level: number): Buffer {
  return zstdCompressSync(plain, {
    chunkSize: Math.max(plain.length, 64),
    params: { [constants.ZSTD_c_compressionLevel]: level },
  });
}

function nonce(number: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(number);
  return bytes;
}

function additionalData(seal: SealKey, extra: Uint8Array): Buffer {
  const numbered = Buffer.alloc(4);
  numbered.writeUInt32LE(seal.number);
  return Buffer.concat([seal.place, numbered, extra]);
}
