import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { Failure, Secret, type Clock } from '@backhaul/domain';
import type { SealContext, SealedValue, SecretBox } from '../secrets/secret-box.ts';
import { thumbprintOf } from './m365.ts';
import type { TenantConnection, TenantCredential } from './microsoft.ts';
import type { TenantRow } from './tenant.store.ts';

/** A credential as an operator sends it. */
export type GivenCredential =
  { type: 'secret'; secret: string } | { type: 'certificate'; certificate: string; privateKey: string };

/**
 * A credential that can be used. @throws Failure `invalid-input` naming the field: unreadable PEM, a key that does not
 * belong to the certificate, a certificate outside of its validity.
 */
export function parseCredential(given: GivenCredential, clock: Clock): TenantCredential {
  if (given.type === 'secret') return { type: 'secret', secret: new Secret(given.secret) };
  const certificate = readCertificate(given.certificate);
  const privateKey = readPrivateKey(given.privateKey);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw refused(
      'privateKey',
      'The private key does not belong to the certificate.',
      'Send the key the certificate was made for.',
    );
  }
  const now = clock.now();
  if (now < certificate.validFromDate || now > certificate.validToDate) {
    const span = `${certificate.validFromDate.toISOString()} to ${certificate.validToDate.toISOString()}`;
    throw refused(
      'certificate',
      `The certificate is valid from ${span} only.`,
      'Make a new certificate and register it in Entra.',
    );
  }
  const pkcs8 = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { type: 'certificate', certificate: certificate.toString(), privateKey: new Secret(pkcs8) };
}

/** Tells credentials apart: of a certificate its SHA-256 thumbprint, of a secret a short hash that helps nobody guess it. */
export function fingerprintOf(credential: TenantCredential, tenantId: string): string {
  if (credential.type === 'certificate') {
    return thumbprintOf(credential.certificate);
  }
  return createHash('sha256').update(`${tenantId}\0${credential.secret.reveal()}`).digest('hex').slice(0, 8);
}

/** A credential as it is stored. */
export function sealCredential(box: SecretBox, credential: TenantCredential, tenantId: string): SealedValue {
  const plain: GivenCredential =
    credential.type === 'secret'
      ? { type: 'secret', secret: credential.secret.reveal() }
      : { type: 'certificate', certificate: credential.certificate, privateKey: credential.privateKey.reveal() };
  return box.seal(new Secret(JSON.stringify(plain)), context(tenantId));
}

/** What is needed to speak with a stored tenant. @throws Failure `wrong-key`, `corrupt`; see `SecretBox.open`. */
export function connectionOf(box: SecretBox, row: TenantRow): TenantConnection {
  const plain = JSON.parse(box.open(row.credential, context(row.id)).reveal()) as GivenCredential;
  return {
    directoryId: row.directoryId,
    clientId: row.clientId,
    loginUrl: row.loginUrl,
    graphUrl: row.graphUrl,
    credential:
      plain.type === 'secret'
        ? { type: 'secret', secret: new Secret(plain.secret) }
        : { type: 'certificate', certificate: plain.certificate, privateKey: new Secret(plain.privateKey) },
  };
}

function context(tenantId: string): SealContext {
  return { table: 'tenants', column: 'credential', rowId: tenantId };
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw refused('certificate', 'The certificate cannot be read.', 'Send an X.509 certificate in PEM.');
  }
}

function readPrivateKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw refused('privateKey', 'The private key cannot be read.', 'Send an unencrypted private key in PEM.');
  }
}

function refused(field: string, message: string, hint: string): Failure {
  return new Failure('invalid-input', {
    code: 'tenant.credential-invalid',
    message,
    hint,
    retry: 'never',
    where: { field: `credential.${field}` },
  });
}
