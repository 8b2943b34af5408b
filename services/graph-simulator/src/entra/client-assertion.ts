import { createHash, X509Certificate } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose';
import type { ApplicationRecord } from '../tenant/event.ts';
import { AADSTS } from './aadsts.ts';

const LONGEST_LIFE_SECONDS = 24 * 3600;

/**
 * Checks a client assertion: signed by a registered certificate (PS256 or RS256), made for this endpoint, by and about the
 * application, and within its time.
 * @throws TokenError that says which of it is wrong
 */
export async function checkAssertion(
  assertion: string,
  application: ApplicationRecord,
  endpoints: readonly string[],
  now: Date,
): Promise<void> {
  const header = readHeader(assertion);
  const certificate = application.certificates.find((pem) => isNamed(pem, header));
  if (certificate === undefined) throw AADSTS.unknownCertificate();
  let payload: JWTPayload;
  try {
    const key = new X509Certificate(certificate).publicKey;
    const options = {
      algorithms: ['PS256', 'RS256'],
      currentDate: now,
      clockTolerance: 300,
      requiredClaims: ['exp', 'aud', 'iss', 'sub'],
    };
    ({ payload } = await jwtVerify(assertion, key, options));
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw AADSTS.assertionTime();
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') throw AADSTS.assertionTime();
    throw AADSTS.unknownCertificate();
  }
  if (payload.iss !== application.clientId || payload.sub !== application.clientId) throw AADSTS.assertionAudience();
  const audiences = [payload.aud ?? []].flat();
  if (!audiences.some((audience) => endpoints.includes(audience))) throw AADSTS.assertionAudience();
  if (payload.exp! - now.getTime() / 1000 > LONGEST_LIFE_SECONDS) throw AADSTS.assertionTime();
}

/** The application that an assertion is about, before anything of it is believed; null when it cannot be read. */
export function claimedClient(assertion: string): string | null {
  try {
    return decodeJwt(assertion).sub ?? null;
  } catch {
    return null;
  }
}

function readHeader(assertion: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(assertion);
  } catch {
    throw AADSTS.unknownCertificate();
  }
}

/** The header names its certificate by a thumbprint, of SHA-256 or SHA-1. */
function isNamed(pem: string, header: ProtectedHeaderParameters): boolean {
  const { raw } = new X509Certificate(pem);
  const thumbprint = (algorithm: string): string => createHash(algorithm).update(raw).digest('base64url');
  return header['x5t#S256'] === thumbprint('sha256') || header.x5t === thumbprint('sha1');
}
