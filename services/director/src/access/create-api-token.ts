import { randomUUID } from 'node:crypto';
import type { Clock, Secret } from '@backhaul/domain';
import type { Executor } from '../database/statement.ts';
import { insertApiToken, type ApiToken } from './api-token.store.ts';
import { newBearerToken, tokenHash } from './bearer-token.ts';
import type { Role } from './role.ts';

export const MAX_TOKEN_DAYS = 365;
const DAY_MS = 86_400_000;

export interface NewApiToken {
  name: string;
  role: Role;
  /** 1 to {@link MAX_TOKEN_DAYS}. */
  days: number;
}

/** Makes a token that may call the API. It is returned this once and never again. */
export async function createApiToken(
  on: Executor,
  clock: Clock,
  { name, role, days }: NewApiToken,
): Promise<{ token: Secret; record: ApiToken }> {
  const token = newBearerToken('bh');
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + days * DAY_MS);
  const record: ApiToken = { id: randomUUID(), name, role, createdAt, expiresAt, lastUsedAt: null, revokedAt: null };
  await insertApiToken(on, record, tokenHash(token.reveal()));
  return { token, record };
}
