import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { corrupt, unsupported } from './corrupt.ts';
import { hkdf, type KeyRing } from './key-ring.ts';

/** Small whole objects: index, points, checkpoints, presence of writers. Layout: FORMAT.md 5. */

const MAGIC = 'BHKO';
const HEADER_LENGTH = 48;
const TAG_LENGTH = 16;
/** Below this compression is not worth a call. */
const COMPRESS_FROM = 256;
/** What an object may unpack to; an index object of a few packs has some hundred KB. */
const MAX_CONTENT_LENGTH = 256 * 1024 * 1024;
const NONCE = Buffer.alloc(12);

/** Seals `content` for the object `name`; its key and its place cannot be exchanged with another object's. */
export function sealObject(ring: KeyRing, name: string, content: Uint8Array): Buffer {
  const compressed = content.length < COMPRESS_FROM ? content : zstdCompressSync(content);
  const packed = compressed.length < content.length;
  const header = Buffer.alloc(HEADER_LENGTH);
  header.write(MAGIC, 'latin1');
  header.writeUInt8(1, 4);
  header.writeUInt8(packed ? 1 : 0, 5);
  header.writeUInt16LE(1, 6);
  randomBytes(32).copy(header, 8);
  header.writeUInt32LE(content.length, 40);
  const cipher = createCipheriv('aes-256-gcm', objectKey(ring, name, header), NONCE);
  cipher.setAAD(additionalData(ring, name, header));
  return Buffer.concat([header, cipher.update(packed ? compressed : content), cipher.final(), cipher.getAuthTag()]);
}

/** The content of a sealed object. @throws Failure `corrupt`, `unsupported-format`. */
export function openObject(ring: KeyRing, name: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < HEADER_LENGTH + TAG_LENGTH) throw corrupt(name, 'it is too short to be whole');
  if (bytes.toString('latin1', 0, 4) !== MAGIC) throw corrupt(name, 'it does not begin like an object of a repository');
  const header = bytes.subarray(0, HEADER_LENGTH);
  const content = decrypt(ring, name, header, bytes.subarray(HEADER_LENGTH));
  const length = header.readUInt32LE(40);
  if (length > MAX_CONTENT_LENGTH) throw corrupt(name, `it claims to unpack to ${length} bytes`);
  const plain = header.readUInt8(5) === 1 ? decompress(name, content, length) : content;
  if (plain.length !== length) throw corrupt(name, 'its content has not the stated length');
  return plain;
}

/** {@link sealObject} of a JSON value. */
export function sealJson(ring: KeyRing, name: string, value: unknown): Buffer {
  return sealObject(ring, name, Buffer.from(JSON.stringify(value)));
}

/** The JSON value of a sealed object with `version: 1`. @throws Failure `corrupt`, `unsupported-format`. */
export function openJson(ring: KeyRing, name: string, sealed: Uint8Array): unknown {
  const value = JSON.parse(openObject(ring, name, sealed).toString()) as { version?: unknown };
  if (value.version !== 1)
    throw unsupported(name, `it has version ${String(value.version)}; this program knows version 1`);
  return value;
}

function decrypt(ring: KeyRing, name: string, header: Buffer, body: Buffer): Buffer {
  const version = header.readUInt8(4);
  const epoch = header.readUInt16LE(6);
  try {
    const decipher = createDecipheriv('aes-256-gcm', objectKey(ring, name, header), NONCE, {
      authTagLength: TAG_LENGTH,
    });
    decipher.setAAD(additionalData(ring, name, header));
    decipher.setAuthTag(body.subarray(body.length - TAG_LENGTH));
    const plain = Buffer.concat([decipher.update(body.subarray(0, body.length - TAG_LENGTH)), decipher.final()]);
    if (version === 1 && epoch === 1 && header.readUInt8(5) <= 1) return plain;
  } catch (cause) {
    if (version === 1 && epoch === 1) throw corrupt(name, 'its content does not match its seal', cause);
  }
  throw unsupported(name, `it has version ${version}, key epoch ${epoch}, codec ${header.readUInt8(5)}`);
}

function decompress(name: string, content: Buffer, length: number): Buffer {
  try {
    return zstdDecompressSync(content, { maxOutputLength: Math.max(length, 1), chunkSize: Math.max(length, 64) });
  } catch (cause) {
    throw corrupt(name, 'its content cannot be decompressed', cause);
  }
}

function objectKey(ring: KeyRing, name: string, header: Buffer): Buffer {
  const key = name.startsWith('index/') ? ring.index : ring.auth;
  return hkdf(key, header.subarray(8, 40), 'backhaul/1/object', 32);
}

function additionalData(ring: KeyRing, name: string, header: Buffer): Buffer {
  return Buffer.concat([Buffer.from('backhaul/1/object\0'), ring.repositoryId, header, Buffer.from(name)]);
}
