import { createHash, randomBytes } from 'node:crypto';
import { Failure, Secret } from '@backhaul/domain';
import type { EntityManager } from 'typeorm';
import { oneRow, rows, type Executor } from '../database/statement.ts';

const TOKEN_BYTES = 32;

export interface JoinToken {
  /** Shown once; only its hash is kept. */
  token: Secret;
  expiresAt: Date;
}

/** Makes a token with which exactly one Transporter may enrol within `validForMs`. */
export async function createJoinToken(on: Executor, { validForMs }: { validForMs: number }): Promise<JoinToken> {
  const token = `bhj_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const { expiresAt } = await oneRow<{ expiresAt: Date }>(
    on,
    `insert into join_tokens (token_hash, expires_at)
     values ($1, clock_timestamp() + make_interval(secs => $2::float8 / 1000)) returning expires_at as "expiresAt"`,
    [hashOf(token), validForMs],
  );
  return { token: new Secret(token), expiresAt };
}

/**
 * Uses a token up; nobody else can until the transaction ends.
 * @throws Failure `unauthenticated` when it is unknown, used or expired; which of them is not told to a stranger.
 */
export async function spendJoinToken(tx: EntityManager, joinToken: Secret): Promise<void> {
  const spent = await rows(
    tx,
    `update join_tokens set used_at = clock_timestamp()
      where token_hash = $1 and used_at is null and expires_at > clock_timestamp() returning token_hash`,
    [hashOf(joinToken.reveal())],
  );
  if (spent.length > 0) return;
  throw new Failure('unauthenticated', {
    code: 'join-token.invalid',
    message: 'The join token is unknown, used or expired.',
    hint: 'Make a new join token and enrol with it.',
    retry: 'never',
    where: { field: 'joinToken' },
  });
}

/** Notes who came in with a token that was spent in the same transaction. */
export async function noteJoined(tx: EntityManager, joinToken: Secret, transporterId: string): Promise<void> {
  await rows(tx, 'update join_tokens set transporter_id = $2 where token_hash = $1', [
    hashOf(joinToken.reveal()),
    transporterId,
  ]);
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
