import { z } from 'zod';
import type { TenantRow } from './tenant.store.ts';

const date = z.iso.datetime();

export const PreflightView = z
  .object({
    checkedAt: date,
    roles: z.array(z.string()).describe('Application permissions that the tenant granted.'),
    missing: z.array(
      z.object({
        permission: z.string(),
        purpose: z.string().describe('To be read after "needed to".'),
        required: z.boolean().describe('False: backups work without it, something beside them does not.'),
      }),
    ),
    excess: z.array(z.string()).describe('Permissions beyond what Backhaul uses: consider taking them away.'),
  })
  .meta({ id: 'TenantPreflight' });

export const TenantView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    directoryId: z.uuid(),
    clientId: z.uuid(),
    loginUrl: z.string(),
    graphUrl: z.string(),
    credential: z
      .object({
        type: z.enum(['secret', 'certificate']),
        set: z.literal(true),
        fingerprint: z.string().describe('SHA-256 thumbprint of a certificate; of a secret a mark to tell two apart.'),
        updatedAt: date,
      })
      .describe('What is known of the stored credential. It is never shown.'),
    preflight: PreflightView,
    createdAt: date,
    updatedAt: date,
    version: z.int(),
  })
  .meta({ id: 'Tenant' });

/** A tenant connection as the API shows it. */
export function tenantView(row: TenantRow): z.input<typeof TenantView> {
  return {
    id: row.id,
    name: row.name,
    directoryId: row.directoryId,
    clientId: row.clientId,
    loginUrl: row.loginUrl,
    graphUrl: row.graphUrl,
    credential: {
      type: row.credentialType,
      set: true,
      fingerprint: row.credentialFingerprint,
      updatedAt: row.credentialSetAt.toISOString(),
    },
    preflight: preflightView(row.preflight),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    version: row.version,
  };
}

export function preflightView(preflight: TenantRow['preflight']): z.input<typeof PreflightView> {
  return {
    checkedAt: preflight.checkedAt.toISOString(),
    roles: [...preflight.roles],
    missing: preflight.missing.map((missing) => ({ ...missing })),
    excess: [...preflight.excess],
  };
}
