import { argon2, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Failure, type Secret } from '@backhaul/domain';
import { corrupt } from './corrupt.ts';
import { uuidBytes } from './key-ring.ts';
import { readText } from './signed-text.ts';

/** What it costs to try one password. Stored in the slot. */
export interface Argon2Costs {
  /** Default 65,536 (64 MiB). */
  memoryKiB: number;
  /** Default 3. */
  passes: number;
  /** Default 1. */
  lanes: number;
}

export const DEFAULT_ARGON2_COSTS: Argon2Costs = { memoryKiB: 64 * 1024, passes: 3, lanes: 1 };

/** What a hostile slot may ask of whoever opens it. */
const MAX_MEMORY_KIB = 1024 * 1024;
const MAX_PASSES = 16;
const MAX_LANES = 16;
const NONCE = Buffer.alloc(12);
const TAG_LENGTH = 16;

/** The master key wrapped by one password (FORMAT.md 4). */
export interface KeySlot {
  format: 'backhaul-key-slot';
  version: 1;
  repositoryId: string;
  kind: 'password';
  kdf: Argon2Costs & { algorithm: 'argon2id'; salt: string };
  wrappedKey: string;
}

/** Wraps a master key for the slot `name`, with a salt of its own. */
export async function wrapKey(
  name: string,
  repositoryId: string,
  masterKey: Uint8Array,
  password: Secret,
  costs: Argon2Costs,
): Promise<KeySlot> {
  const salt = randomBytes(16);
  const cipher = createCipheriv('aes-256-gcm', await passwordKey(password, salt, costs), NONCE);
  cipher.setAAD(additionalData(name, repositoryId));
  const wrapped = Buffer.concat([cipher.update(masterKey), cipher.final(), cipher.getAuthTag()]);
  return {
    format: 'backhaul-key-slot',
    version: 1,
    repositoryId,
    kind: 'password',
    kdf: { algorithm: 'argon2id', ...costs, salt: salt.toString('base64') },
    wrappedKey: wrapped.toString('base64'),
  };
}

/** The master key, or null when the password is another slot's (or wrong). @throws Failure `corrupt`. */
export async function unwrapKey(name: string, slot: KeySlot, password: Secret): Promise<Buffer | null> {
  const { memoryKiB, passes, lanes, salt } = slot.kdf;
  if (!(memoryKiB <= MAX_MEMORY_KIB && passes <= MAX_PASSES && lanes <= MAX_LANES)) {
    throw corrupt(name, 'its password costs are beyond what this program accepts');
  }
  const wrapped = Buffer.from(slot.wrappedKey, 'base64');
  const key = await passwordKey(password, Buffer.from(salt, 'base64'), slot.kdf);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, NONCE, { authTagLength: TAG_LENGTH });
    decipher.setAAD(additionalData(name, slot.repositoryId));
    decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_LENGTH));
    return Buffer.concat([decipher.update(wrapped.subarray(0, wrapped.length - TAG_LENGTH)), decipher.final()]);
  } catch {
    return null;
  }
}

/** A slot of a kind this program knows, or null for one of a later program. @throws Failure `corrupt`. */
export function readSlot(name: string, text: Uint8Array): KeySlot | null {
  const slot = readText(name, text) as KeySlot;
  return slot.format === 'backhaul-key-slot' && slot.version === 1 && slot.kind === 'password' ? slot : null;
}

/** @throws Failure `invalid-input` for a password that protects nothing. */
export function requirePassword(password: Secret): void {
  if (password.reveal().length > 0) return;
  throw new Failure('invalid-input', {
    code: 'repository.password-empty',
    message: 'The repository password is empty.',
    retry: 'never',
    hint: 'Give a long password and keep it: without it nothing can be restored.',
    where: { field: 'password' },
  });
}

async function passwordKey(password: Secret, salt: Buffer, costs: Argon2Costs): Promise<Buffer> {
  return promisify(argon2)('argon2id', {
    message: password.reveal().normalize('NFC'),
    nonce: salt,
    memory: costs.memoryKiB,
    passes: costs.passes,
    parallelism: costs.lanes,
    tagLength: 32,
  });
}

function additionalData(name: string, repositoryId: string): Buffer {
  const id = uuidBytes(repositoryId);
  if (id === null) throw corrupt(name, 'it names no repository');
  return Buffer.concat([Buffer.from('backhaul/1/slot\0'), id, Buffer.from(name)]);
}
