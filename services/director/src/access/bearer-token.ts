import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Secret } from '@backhaul/domain';

/** `bh_` calls the API; `bhs_` is the one-time set-up token; `bhj_` lets a Transporter join. */
export type TokenPrefix = 'bh' | 'bhs' | 'bhj';

const RANDOM_BYTES = 32;

/**
 * A new token: prefix, 256 random bits in hex, and a checksum (CRC-32), so that secret scanners find lost ones and a
 * mistyped one is told apart from a wrong one without asking the database.
 */
export function newBearerToken(prefix: TokenPrefix): Secret {
  const body = randomBytes(RANDOM_BYTES).toString('hex');
  return new Secret(`${prefix}_${body}${checksum(prefix, body)}`);
}

/** True when `text` has the form and checksum of a token with this prefix. */
export function isWellFormed(prefix: TokenPrefix, text: string): boolean {
  const [, body, sum] = new RegExp(`^${prefix}_([0-9a-f]{${RANDOM_BYTES * 2}})([0-9a-f]{8})$`).exec(text) ?? [];
  return body !== undefined && sum === checksum(prefix, body);
}

/** What is stored of a token. A plain hash is enough for 256 random bits. */
export function tokenHash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function checksum(prefix: TokenPrefix, body: string): string {
  return crc32(`${prefix}_${body}`).toString(16).padStart(8, '0');
}
