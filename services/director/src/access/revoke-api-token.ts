import { Failure, type Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { changedMeanwhile } from '../api/etag.ts';
import { rows, transaction } from '../database/statement.ts';
import { countAdmins, markRevoked, readApiToken, versionOf, type ApiToken } from './api-token.store.ts';

/**
 * Ends a token at once. The last administrator stays.
 * @throws Failure `not-found`; `precondition` when it is not in `expectedVersion`; `conflict` (`token.last-admin`).
 */
export async function revokeApiToken(
  database: DataSource,
  clock: Clock,
  id: string,
  expectedVersion: number,
): Promise<ApiToken> {
  return transaction(database, async (tx) => {
    // Two administrators who revoke each other at the same instant must not both succeed.
    await rows(tx, 'lock table api_tokens in share row exclusive mode');
    if (versionOf(await readApiToken(tx, id)) !== expectedVersion) throw changedMeanwhile();
    const revoked = await markRevoked(tx, id, clock.now());
    if (revoked.role === 'admin' && (await countAdmins(tx, clock.now())) === 0) {
      throw new Failure('conflict', {
        code: 'token.last-admin',
        message: 'This is the last token that may administer the installation.',
        hint: 'Make another token with the role admin first.',
        retry: 'never',
      });
    }
    return revoked;
  });
}
