import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { Failure, Secret } from '@backhaul/domain';

/**
 * Ed25519 signatures (RFC 8032) of what the Director sends to a Transporter: offers and loans. The signature covers the very
 * bytes of the message (of an offer thereby task, fence, slot, Transporter and boot), the installation and the purpose, so
 * that no signature can be used for anything else.
 */
export type SignedPurpose = 'offer' | 'loan';

/** Signs for one installation. */
export interface Signer {
  sign(purpose: SignedPurpose, payload: Uint8Array): string;
}

/** Checks signatures of one installation's Director. */
export interface SignatureCheck {
  verify(purpose: SignedPurpose, payload: Uint8Array, signature: string): boolean;
}

/** A new key pair of a Director, both in PEM. The public one goes to every Transporter when it enrols. */
export function createSigningKeys(): { privateKey: Secret; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey: new Secret(privateKey), publicKey };
}

/** The public key in PEM that belongs to `privateKey`. @throws Failure `wrong-key`. */
export function publicSigningKey(privateKey: Secret): string {
  return createPublicKey(readPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' }).toString();
}

/** @param privateKey PEM (PKCS 8) of an Ed25519 key. @throws Failure `wrong-key`, `dispatch.signing-key-invalid`. */
export function signer(installation: string, privateKey: Secret): Signer {
  const key = readPrivateKey(privateKey);
  return {
    sign: (purpose, payload) => sign(null, signedBytes(installation, purpose, payload), key).toString('base64url'),
  };
}

/** @param publicKey PEM (SPKI) of an Ed25519 key. @throws Failure `wrong-key`, `dispatch.signing-key-invalid`. */
export function signatureCheck(installation: string, publicKey: string): SignatureCheck {
  const key = readKey(() => createPublicKey(publicKey));
  return {
    verify: (purpose, payload, signature) =>
      verify(null, signedBytes(installation, purpose, payload), key, Buffer.from(signature, 'base64url')),
  };
}

function signedBytes(installation: string, purpose: SignedPurpose, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`backhaul.${purpose}.v1\0${installation}\0`, 'utf8'), payload]);
}

function readPrivateKey(privateKey: Secret) {
  return readKey(() => createPrivateKey(privateKey.reveal()));
}

function readKey<Key extends { asymmetricKeyType?: string }>(read: () => Key): Key {
  let key: Key | undefined;
  try {
    key = read();
  } catch {
    // What OpenSSL says about a key that it cannot read helps nobody and might quote it.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new Failure('wrong-key', {
    code: 'dispatch.signing-key-invalid',
    message: "The Director's signing key is not an Ed25519 key in PEM.",
    hint: 'Enrol the Transporter again; on a Director restore the key from its backup.',
    retry: 'never',
  });
}
