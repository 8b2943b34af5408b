import { createHmac, hkdfSync } from 'node:crypto';
import { Failure, type Secret } from '@backhaul/domain';
import type { RepositoryKeys } from './repository.ts';

/** The keys of one repository, derived from its master key as FORMAT.md 2 says. */
export interface KeyRing {
  /** The repository's id as 16 bytes. */
  readonly repositoryId: Buffer;
  readonly chunkId: Buffer;
  readonly chunker: Buffer;
  readonly data: Buffer;
  readonly meta: Buffer;
  readonly index: Buffer;
  readonly auth: Buffer;
  readonly name: Buffer;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Derives every key from the master key. @throws Failure `wrong-key` when the keys are malformed. */
export function keyRing(keys: Secret<RepositoryKeys>): KeyRing {
  const { repositoryId, masterKey } = keys.reveal();
  const id = uuidBytes(repositoryId);
  const master = Buffer.from(masterKey, 'base64');
  if (id === null || master.length !== 32) {
    throw new Failure('wrong-key', {
      code: 'repository.keys-malformed',
      message: 'The repository keys are not a repository id and a 256-bit key.',
      retry: 'never',
    });
  }
  const derive = (label: string) => hkdf(master, id, `backhaul/1/${label}`, 32);
  return {
    repositoryId: id,
    chunkId: derive('chunk-id'),
    chunker: derive('chunker'),
    data: derive('data'),
    meta: derive('meta'),
    index: derive('index'),
    auth: derive('auth'),
    name: derive('name'),
  };
}

/** HKDF-SHA-256. */
export function hkdf(key: Uint8Array, salt: Uint8Array, info: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, length));
}

/** A keyed hash of some words as 32 hex digits, for names in the store (FORMAT.md 3). */
export function keyedName(ring: KeyRing, ...words: string[]): string {
  return createHmac('sha256', ring.name).update(words.join('\0')).digest('hex').slice(0, 32);
}

/** The 16 bytes of a UUID in its usual lower-case form, or null. */
export function uuidBytes(uuid: string): Buffer | null {
  return UUID.test(uuid) ? Buffer.from(uuid.replaceAll('-', ''), 'hex') : null;
}

/** The usual form of a UUID's 16 bytes. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
