import { Failure, type Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows, transaction } from '../database/statement.ts';
import { countAdmins, markRevoked, type ApiToken } from './api-token.store.ts';

/**
 * Ends a token at once. The last administrator stays.
 * @throws Failure `not-found`; `conflict` (`token.last-admin`).
 */
export async function revokeApiToken(database: DataSource, clock: Clock, id: string): Promise<ApiToken> {
  return transaction(database, async (tx) => {
    // Two administrators who revoke each other at the same instant must not both succeed.
    await rows(tx, 'lock table api_tokens in share row exclusive mode');
    const revoked = await markRevoked(tx, id, clock.now());
    if (revoked === null) {
      throw new Failure('not-found', { code: 'token.not-found', message: 'There is no such token.', retry: 'never' });
    }
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
