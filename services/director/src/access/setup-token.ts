import { Failure, type Clock, type Secret } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows, transaction } from '../database/statement.ts';
import { countAdmins, type ApiToken } from './api-token.store.ts';
import { isWellFormed, newBearerToken, tokenHash } from './bearer-token.ts';
import { createApiToken, MAX_TOKEN_DAYS } from './create-api-token.ts';

const LIFE_MS = 60 * 60_000;

/** The token with which the first administrator is made. */
export interface SetupToken {
  token: Secret;
  expiresAt: Date;
}

/**
 * A new set-up token while nobody can administer the installation, else null. Earlier ones end. Whoever can start the
 * Director on its host with its key may become its administrator; nobody else.
 */
export async function issueSetupToken(database: DataSource, clock: Clock): Promise<SetupToken | null> {
  return transaction(database, async (tx) => {
    if ((await countAdmins(tx, clock.now())) > 0) return null;
    const token = newBearerToken('bhs');
    const expiresAt = new Date(clock.now().getTime() + LIFE_MS);
    await rows(tx, 'delete from setup_tokens');
    await rows(tx, 'insert into setup_tokens (token_hash, expires_at) values ($1, $2)', [
      tokenHash(token.reveal()),
      expiresAt,
    ]);
    return { token, expiresAt };
  });
}

/**
 * Uses up the set-up token and makes the first administrator's token, both or neither.
 * @throws Failure `unauthenticated` when it is unknown, too old or used.
 */
export async function redeemSetupToken(
  database: DataSource,
  clock: Clock,
  given: { setupToken: string; name: string },
): Promise<{ token: Secret; record: ApiToken }> {
  if (!isWellFormed('bhs', given.setupToken)) throw refused();
  return transaction(database, async (tx) => {
    const used = await rows(
      tx,
      `update setup_tokens set used_at = $2
        where token_hash = $1 and used_at is null and expires_at > $2 returning token_hash`,
      [tokenHash(given.setupToken), clock.now()],
    );
    if (used.length === 0) throw refused();
    return createApiToken(tx, clock, { name: given.name, role: 'admin', days: MAX_TOKEN_DAYS });
  });
}

function refused(): Failure {
  return new Failure('unauthenticated', {
    code: 'setup.token-refused',
    message: 'The set-up token is wrong, too old or already used.',
    hint: 'Restart the Director: while there is no administrator it prints a new one, valid for 60 minutes.',
    retry: 'never',
    where: { field: 'setupToken' },
  });
}
