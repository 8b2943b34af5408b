import { z } from 'zod';
import type { ApiToken } from './api-token.store.ts';
import { ROLES } from './role.ts';

/** Name of a token, for people. */
export const tokenName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must have at most 100 characters')
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

export const ApiTokenView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.enum(ROLES),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable().describe('Exact to a minute.'),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiToken' });

export const ApiTokenCreated = ApiTokenView.extend({ token: z.string().describe('Shown this once.') }).meta({
  id: 'ApiTokenCreated',
});

/** A token as the API shows it. */
export function apiTokenView(token: ApiToken): z.input<typeof ApiTokenView> {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}
