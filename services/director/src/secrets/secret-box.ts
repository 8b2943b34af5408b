import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Failure, Secret } from '@backhaul/domain';
import { KEY_LENGTH, type KeyEncryptionKey } from './key-encryption-key.ts';

/** Where a sealed value belongs. It opens nowhere else: rows and columns cannot be swapped. */
export interface SealContext {
  table: string;
  column: string;
  rowId: string;
}

/** A secret as it lies in a `jsonb` column. All bytes are base64; a box is nonce ‖ ciphertext ‖ tag. */
export interface SealedValue {
  version: 1;
  /** Fingerprint of the key-encryption key. */
  key: string;
  /** The value's own key, sealed with the key-encryption key. */
  wrappedKey: string;
  /** The value, sealed with its own key. */
  box: string;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Envelope encryption: each secret has a key of its own (AES-256-GCM, random nonce), which is wrapped by the host's
 * key-encryption key. Both boxes are bound to table, column, row and key.
 */
export class SecretBox {
  readonly #kek: KeyEncryptionKey;

  constructor(kek: KeyEncryptionKey) {
    this.#kek = kek;
  }

  seal(secret: Secret, context: SealContext): SealedValue {
    const dataKey = randomBytes(KEY_LENGTH);
    const bound = associatedData(this.#kek.fingerprint, context);
    return {
      version: 1,
      key: this.#kek.fingerprint,
      wrappedKey: encrypt(this.#kek.reveal(), dataKey, bound).toString('base64'),
      box: encrypt(dataKey, Buffer.from(secret.reveal(), 'utf8'), bound).toString('base64'),
    };
  }

  /**
   * @throws Failure `wrong-key` when it was sealed with another key; `corrupt` when it was changed or belongs elsewhere.
   */
  open(sealed: SealedValue, context: SealContext): Secret {
    if (sealed.key !== this.#kek.fingerprint) throw wrongKey(context);
    const bound = associatedData(sealed.key, context);
    try {
      const dataKey = decrypt(this.#kek.reveal(), Buffer.from(sealed.wrappedKey, 'base64'), bound);
      return new Secret(decrypt(dataKey, Buffer.from(sealed.box, 'base64'), bound).toString('utf8'));
    } catch {
      throw notIntact(context);
    }
  }
}

function associatedData(keyFingerprint: string, { table, column, rowId }: SealContext): Buffer {
  return Buffer.from(JSON.stringify([1, keyFingerprint, table, column, rowId]), 'utf8');
}

function encrypt(key: Buffer, plain: Buffer, associated: Buffer): Buffer {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(associated);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, box: Buffer, associated: Buffer): Buffer {
  const end = box.length - TAG_LENGTH;
  const decipher = createDecipheriv(ALGORITHM, key, box.subarray(0, NONCE_LENGTH), { authTagLength: TAG_LENGTH })
    .setAAD(associated)
    .setAuthTag(box.subarray(end));
  return Buffer.concat([decipher.update(box.subarray(NONCE_LENGTH, end)), decipher.final()]);
}

function wrongKey(context: SealContext): Failure {
  return new Failure('wrong-key', {
    code: 'secret.wrong-key',
    message: `The secret in ${context.table}.${context.column} was sealed with another key.`,
    hint: 'Start the Director with the key it was set up with.',
    retry: 'never',
    where: { table: context.table, column: context.column, row: context.rowId },
  });
}

function notIntact(context: SealContext): Failure {
  return new Failure('corrupt', {
    code: 'secret.corrupt',
    message: `The secret in ${context.table}.${context.column} is not intact, or was moved from another row.`,
    hint: 'Set the secret again.',
    retry: 'never',
    where: { table: context.table, column: context.column, row: context.rowId },
  });
}
