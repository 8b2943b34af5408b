import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { Failure, Secret } from '@backhaul/domain';
import { decodeLoan, encodeLoan } from '@backhaul/wire';
import type { JsonWebKey, Loan, LoanRequest } from './ports.ts';

/**
 * Loans are sealed to the key that a Transporter enrolled: compact JWE (RFC 7516), ECDH-ES over X25519 (RFC 8037), A256GCM.
 * The protected header names task and fence, so that a loan for one attempt cannot be passed off as one for another.
 */
const ALGORITHM = 'ECDH-ES';
const ENCRYPTION = 'A256GCM';

/** A new key pair of a Transporter, as JWKs. The public one is given to the Director when it enrols. */
export async function createSealingKeys(): Promise<{ privateKey: Secret<JsonWebKey>; publicKey: JsonWebKey }> {
  const keys = await generateKeyPair(ALGORITHM, { crv: 'X25519', extractable: true });
  return {
    privateKey: new Secret<JsonWebKey>({ ...(await exportJWK(keys.privateKey)) }),
    publicKey: { ...(await exportJWK(keys.publicKey)) },
  };
}

/** Seals `loan` for the attempt of `request`. @throws Failure `wrong-key` when `publicKey` is no such key. */
export async function sealLoan(loan: Secret<Loan>, request: LoanRequest, publicKey: JsonWebKey): Promise<string> {
  return new CompactEncrypt(encodeLoan(loan.reveal()))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, task: request.taskId, fence: request.fence })
    .encrypt(await readKey(publicKey));
}

/** Opens what {@link sealLoan} made for the same attempt. @throws Failure `wrong-key`, `dispatch.loan-not-for-us`. */
export async function openLoan(
  sealed: string,
  request: LoanRequest,
  privateKey: Secret<JsonWebKey>,
): Promise<Secret<Loan>> {
  const key = await readKey(privateKey.reveal());
  const opened = await compactDecrypt(sealed, key, {
    keyManagementAlgorithms: [ALGORITHM],
    contentEncryptionAlgorithms: [ENCRYPTION],
  }).catch(() => null);
  const forUs = opened?.protectedHeader.task === request.taskId && opened.protectedHeader.fence === request.fence;
  if (opened && forUs) return new Secret(decodeLoan(opened.plaintext));
  throw new Failure('wrong-key', {
    code: 'dispatch.loan-not-for-us',
    message: 'The loan was sealed for another Transporter or another attempt.',
    hint: 'If this persists, enrol the Transporter again.',
    retry: 'never',
  });
}

async function readKey(jwk: JsonWebKey) {
  const { kty, crv } = jwk as JWK;
  if (kty === 'OKP' && crv === 'X25519') {
    const key = await importJWK(jwk as JWK, ALGORITHM).catch(() => null);
    if (key !== null) return key;
  }
  throw new Failure('wrong-key', {
    code: 'dispatch.sealing-key-invalid',
    message: 'The sealing key of the Transporter is not an X25519 key in JWK form.',
    hint: 'Enrol the Transporter again.',
    retry: 'never',
  });
}
