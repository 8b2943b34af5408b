import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure, Secret } from '@backhaul/domain';

/** Bytes of the key that wraps all others. */
export const KEY_LENGTH = 32;

/**
 * The key-encryption key of this host (KEK). It is never stored in the database; a copy of the database without it is
 * useless. Keys for other purposes are derived from it, so that one file is all an operator keeps.
 */
export class KeyEncryptionKey {
  readonly #key: Secret<Buffer>;
  /** Names the key without revealing it; stands in every sealed value. */
  readonly fingerprint: string;

  /** @throws Failure `invalid-input` unless `key` has exactly {@link KEY_LENGTH} bytes. */
  constructor(key: Secret<Buffer>) {
    if (key.reveal().length !== KEY_LENGTH) throw badKey(`It has ${key.reveal().length} bytes.`);
    this.#key = key;
    this.fingerprint = createHmac('sha256', key.reveal()).update('backhaul key fingerprint').digest('hex').slice(0, 16);
  }

  /** The raw key, for wrapping. */
  reveal(): Buffer {
    return this.#key.reveal();
  }

  /** A key of 32 bytes for another purpose (HKDF-SHA-256, RFC 5869); equal purposes give equal keys. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key.reveal(), '', `backhaul ${purpose}`, KEY_LENGTH));
  }
}

/** Reads the key as an operator gives it: 32 bytes in base64. @throws Failure `invalid-input` (`key.malformed`). */
export function parseKey(text: Secret): KeyEncryptionKey {
  const trimmed = text.reveal().trim();
  if (!/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) throw badKey('It is not 44 characters of base64.');
  return new KeyEncryptionKey(new Secret(Buffer.from(trimmed, 'base64')));
}

/** The key in `path`, or null when there is no such file. @throws Failure `invalid-input` when it cannot be used. */
export function readKeyFile(path: string): KeyEncryptionKey | null {
  if (!existsSync(path)) return null;
  try {
    return parseKey(new Secret(readFileSync(path, 'utf8')));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw badKey(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`);
  }
}

/** Makes a new key and stores it in `path`, readable by its owner alone. Never overwrites a file. */
export function createKeyFile(path: string): KeyEncryptionKey {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const key = new Secret(randomBytes(KEY_LENGTH));
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${key.reveal().toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return new KeyEncryptionKey(key);
}

function badKey(reason: string): Failure {
  return new Failure('invalid-input', {
    code: 'key.malformed',
    message: `The key of the Director is not usable. ${reason}`,
    hint: 'Give 32 bytes in base64 (openssl rand -base64 32), the same as at the first start.',
    retry: 'never',
    where: { field: 'BACKHAUL_KEY' },
  });
}
