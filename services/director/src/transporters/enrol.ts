import { randomUUID } from 'node:crypto';
import { Failure, foldName, type Secret } from '@backhaul/domain';
import type { JsonWebKey } from '@backhaul/dispatch';
import { fromPublic } from '@nats-io/nkeys';
import { importJWK } from 'jose';
import type { DataSource } from 'typeorm';
import { announce } from '../database/announce.ts';
import { rows, transaction, violatedConstraint } from '../database/statement.ts';
import { noteJoined, spendJoinToken } from './join-tokens.ts';

export interface EnrolRequest {
  joinToken: Secret;
  /** Shown to people, 1–100 characters, unique without regard to case. */
  name: string;
  /** The public half of the user nkey that the Transporter made for itself (`U…`). */
  natsPublicKey: string;
  /** Public key to which loans are sealed (ECDH-ES: `EC` P-256 or `OKP` X25519). */
  sealingKey: JsonWebKey;
}

export interface Enrolment {
  transporterId: string;
  /** The installation's name in all subjects. */
  installation: string;
  /** Bound to `natsPublicKey`; permits this Transporter's own subjects only. */
  natsCredentialsJwt: string;
  /** Verifies the signature of offers. */
  directorPublicKey: JsonWebKey;
}

/** What enrolment needs of the installation. */
export interface Enroller {
  installation: string;
  directorPublicKey: JsonWebKey;
  mintCredentials(transporter: { transporterId: string; natsPublicKey: string }): Promise<string>;
}

const MAX_NAME_LENGTH = 100;

/**
 * Enrols a Transporter: uses up the join token, stores name and public keys, mints its NATS credential; all or nothing.
 * @throws Failure `unauthenticated` for a bad token, `invalid-input` for a bad name or key, `conflict` for a name or key
 * that is enrolled already; `where.field` names the field.
 */
export async function enrol(database: DataSource, enroller: Enroller, request: EnrolRequest): Promise<Enrolment> {
  const name = parseName(request.name);
  refuseBadNatsKey(request.natsPublicKey);
  const sealingKey = await publicSealingKey(request.sealingKey);
  const transporterId = randomUUID();
  const natsCredentialsJwt = await transaction(database, async (tx) => {
    // First, so that a stranger does not learn which names and keys there are.
    await spendJoinToken(tx, request.joinToken);
    await rows(
      tx,
      `insert into transporters (id, name, name_folded, nats_public_key, sealing_key) values ($1, $2, $3, $4, $5)`,
      [transporterId, name, foldName(name), request.natsPublicKey, sealingKey],
    );
    await noteJoined(tx, request.joinToken, transporterId);
    await announce(tx, { type: 'transporter', transporterId });
    return enroller.mintCredentials({ transporterId, natsPublicKey: request.natsPublicKey });
  }).catch((error: unknown) => {
    throw duplicateFailure(violatedConstraint(error)) ?? error;
  });
  const { installation, directorPublicKey } = enroller;
  return { transporterId, installation, natsCredentialsJwt, directorPublicKey };
}

function parseName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (name.length > 0 && [...name].length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(name)) return name;
  throw badField('name', `Choose a name of 1 to ${MAX_NAME_LENGTH} characters without control characters.`);
}

function refuseBadNatsKey(key: string): void {
  try {
    if (key.startsWith('U')) {
      fromPublic(key);
      return;
    }
  } catch {
    // Answered below like every other key that is none.
  }
  throw badField('natsPublicKey', 'Send the public key of a NATS user nkey; it begins with U.');
}

/** The key with nothing but its public members, so that a private half sent by mistake is not stored. */
async function publicSealingKey({ kty, crv, x, y }: JsonWebKey): Promise<JsonWebKey> {
  const key = kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x };
  const known = (kty === 'EC' && crv === 'P-256') || (kty === 'OKP' && crv === 'X25519');
  const usable =
    known &&
    (await importJWK(key as object, 'ECDH-ES').then(
      () => true,
      () => false,
    ));
  if (usable) return key;
  throw badField('sealingKey', 'Send the public key as a JWK for ECDH-ES: EC with curve P-256, or OKP with X25519.');
}

function badField(field: string, hint: string): Failure {
  return new Failure('invalid-input', {
    code: 'transporter.invalid',
    message: `The field ${field} is not valid.`,
    hint,
    retry: 'never',
    where: { field },
  });
}

function duplicateFailure(constraint: string | null): Failure | null {
  const field = constraint?.includes('name_folded')
    ? 'name'
    : constraint?.includes('nats_public_key')
      ? 'natsPublicKey'
      : null;
  if (field === null) return null;
  return new Failure('conflict', {
    code: 'transporter.enrolled-already',
    message: `A Transporter with this ${field === 'name' ? 'name' : 'NATS key'} is enrolled already.`,
    hint: field === 'name' ? 'Choose another name, or revoke the other Transporter.' : 'Make a new key pair.',
    retry: 'never',
    where: { field },
  });
}
