import { Failure } from '@backhaul/domain';
import { rows, type Executor } from '../database/statement.ts';
import type { Role } from './role.ts';

/** A token that may call the API; the token itself is not stored. */
export interface ApiToken {
  id: string;
  name: string;
  role: Role;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

const COLUMNS = `id, name, role, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt",
  revoked_at as "revokedAt"`;

export async function insertApiToken(
  on: Executor,
  token: Pick<ApiToken, 'id' | 'name' | 'role' | 'createdAt' | 'expiresAt'>,
  hash: Buffer,
): Promise<void> {
  await rows(
    on,
    'insert into api_tokens (id, name, token_hash, role, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)',
    [token.id, token.name, hash, token.role, token.createdAt, token.expiresAt],
  );
}

/** The token with this hash that is valid at `now`, or null. */
export async function findValidToken(on: Executor, hash: Buffer, now: Date): Promise<ApiToken | null> {
  const [token] = await rows<ApiToken>(
    on,
    `select ${COLUMNS} from api_tokens where token_hash = $1 and expires_at > $2 and revoked_at is null`,
    [hash, now],
  );
  return token ?? null;
}

/** Whether the token is neither expired at `now` nor revoked. */
export async function isValidToken(on: Executor, id: string, now: Date): Promise<boolean> {
  const found = await rows(on, 'select from api_tokens where id = $1 and expires_at > $2 and revoked_at is null', [
    id,
    now,
  ]);
  return found.length > 0;
}

/** Uses are noted to a minute, so that reading does not become writing. */
const NOTED_EVERY_MS = 60_000;

/** Notes that a token was used, unless that is known to a minute. */
export async function noteUse(on: Executor, { id, lastUsedAt }: ApiToken, now: Date): Promise<void> {
  if (lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < NOTED_EVERY_MS) return;
  await rows(on, 'update api_tokens set last_used_at = greatest(last_used_at, $2) where id = $1', [id, now]);
}

/** Tokens, newest first; one more than `limit` tells that there is a next page. @param after (created at as text, id). */
export async function listApiTokens(
  on: Executor,
  after: readonly string[] | null,
  limit: number,
): Promise<(ApiToken & { createdAtText: string })[]> {
  return rows(
    on,
    `select ${COLUMNS}, created_at::text as "createdAtText" from api_tokens
      where $1::timestamptz is null or (created_at, id) < ($1, $2::uuid)
      order by created_at desc, id desc limit $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
}

/** @throws Failure `not-found`. */
export async function readApiToken(on: Executor, id: string): Promise<ApiToken> {
  const [token] = await rows<ApiToken>(on, `select ${COLUMNS} from api_tokens where id = $1`, [id]);
  if (token === undefined) throw tokenNotFound(id);
  return token;
}

/** The token after its revocation. Revoking twice keeps the first date. @throws Failure `not-found`. */
export async function markRevoked(on: Executor, id: string, now: Date): Promise<ApiToken> {
  const [token] = await rows<ApiToken>(
    on,
    `update api_tokens set revoked_at = coalesce(revoked_at, $2) where id = $1 returning ${COLUMNS}`,
    [id, now],
  );
  if (token === undefined) throw tokenNotFound(id);
  return token;
}

/** Tokens change once in their life: when they are revoked. */
export function versionOf(token: ApiToken): number {
  return token.revokedAt === null ? 1 : 2;
}

/** How many administrators can call the API at `now`, leaving out the token `except`. */
export async function countAdmins(on: Executor, now: Date, except: string | null = null): Promise<number> {
  const [counted] = await rows<{ count: number }>(
    on,
    `select count(*)::int as count from api_tokens
      where role = 'admin' and revoked_at is null and expires_at > $1 and ($2::uuid is null or id <> $2)`,
    [now, except],
  );
  return counted?.count ?? 0;
}

function tokenNotFound(tokenId: string): Failure {
  return new Failure('not-found', {
    code: 'token.not-found',
    message: 'There is no such token.',
    hint: 'List the tokens to find its id.',
    retry: 'never',
    where: { tokenId },
  });
}
