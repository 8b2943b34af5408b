import { Failure } from '@backhaul/domain';
import { rows, violatedConstraint, type Executor } from '../database/statement.ts';
import type { SealedValue } from '../secrets/secret-box.ts';
import type { TenantCredential, TenantPreflight } from './microsoft.ts';

/** A tenant connection as it is stored. */
export interface TenantRow {
  id: string;
  name: string;
  nameFolded: string;
  directoryId: string;
  clientId: string;
  loginUrl: string;
  graphUrl: string;
  credentialType: TenantCredential['type'];
  credential: SealedValue;
  /** Tells credentials apart without revealing them. */
  credentialFingerprint: string;
  credentialSetAt: Date;
  preflight: TenantPreflight;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

const COLUMNS = `id, name, name_folded as "nameFolded", directory_id as "directoryId", client_id as "clientId",
  login_url as "loginUrl", graph_url as "graphUrl", credential_type as "credentialType", credential,
  credential_fingerprint as "credentialFingerprint", credential_set_at as "credentialSetAt", preflight,
  created_at as "createdAt", updated_at as "updatedAt", version`;

/** @throws Failure `conflict` when the name or the tenant is known already. */
export async function insertTenant(on: Executor, row: TenantRow): Promise<void> {
  await refusingDuplicates(() =>
    rows(
      on,
      `insert into tenants (id, name, name_folded, directory_id, client_id, login_url, graph_url, credential_type,
         credential, credential_fingerprint, credential_set_at, preflight, created_at, updated_at, version)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
      [
        row.id,
        row.name,
        row.nameFolded,
        row.directoryId,
        row.clientId,
        row.loginUrl,
        row.graphUrl,
        row.credentialType,
        row.credential,
        row.credentialFingerprint,
        row.credentialSetAt,
        row.preflight,
        row.createdAt,
        row.updatedAt,
        row.version,
      ],
    ),
  );
}

/** Stores name, credential and preflight of a tenant that is still in `expectedVersion`; false when it is not. */
export async function updateTenantRow(on: Executor, row: TenantRow, expectedVersion: number): Promise<boolean> {
  const updated = await refusingDuplicates(() =>
    rows(
      on,
      `update tenants set name = $2, name_folded = $3, credential_type = $4, credential = $5, credential_fingerprint = $6,
              credential_set_at = $7, preflight = $8, updated_at = $9, version = $10
        where id = $1 and version = $11 returning id`,
      [
        row.id,
        row.name,
        row.nameFolded,
        row.credentialType,
        row.credential,
        row.credentialFingerprint,
        row.credentialSetAt,
        row.preflight,
        row.updatedAt,
        row.version,
        expectedVersion,
      ],
    ),
  );
  return updated.length > 0;
}

/** Notes what the last test of the connection found; no change of the connection itself. */
export async function storePreflight(on: Executor, tenantId: string, preflight: TenantPreflight): Promise<void> {
  await rows(on, 'update tenants set preflight = $2 where id = $1', [tenantId, preflight]);
}

/** @throws Failure `conflict` when the name or the tenant is known already. */
export async function refuseKnownTenant(on: Executor, nameFolded: string, directoryId: string): Promise<void> {
  const [known] = await rows<{ nameFolded: string }>(
    on,
    'select name_folded as "nameFolded" from tenants where name_folded = $1 or directory_id = $2',
    [nameFolded, directoryId],
  );
  if (known !== undefined) throw known.nameFolded === nameFolded ? nameTaken() : connectedAlready();
}

/** Tenants by name; one more than `limit` tells that there is a next page. @param after (folded name, id). */
export async function listTenants(on: Executor, after: readonly string[] | null, limit: number): Promise<TenantRow[]> {
  const found = await rows<TenantRow>(
    on,
    `select ${COLUMNS} from tenants where $1::text is null or (name_folded, id) > ($1, $2::uuid)
      order by name_folded, id limit $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  return found.map(withDates);
}

/** @throws Failure `not-found`. */
export async function readTenant(on: Executor, tenantId: string): Promise<TenantRow> {
  const [found] = await rows<TenantRow>(on, `select ${COLUMNS} from tenants where id = $1`, [tenantId]);
  if (found !== undefined) return withDates(found);
  throw new Failure('not-found', {
    code: 'tenant.not-found',
    message: 'There is no such tenant connection.',
    hint: 'List the tenants to find its id.',
    retry: 'never',
    where: { tenantId },
  });
}

function withDates(row: TenantRow): TenantRow {
  return { ...row, preflight: { ...row.preflight, checkedAt: new Date(row.preflight.checkedAt) } };
}

async function refusingDuplicates<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint?.includes('name_folded') === true) throw nameTaken();
    if (constraint?.includes('directory_id') === true) throw connectedAlready();
    throw error;
  }
}

function nameTaken(): Failure {
  return new Failure('conflict', {
    code: 'tenant.name-taken',
    message: 'There is a tenant connection of this name.',
    hint: 'Choose another name.',
    retry: 'never',
    where: { field: 'name' },
  });
}

function connectedAlready(): Failure {
  return new Failure('conflict', {
    code: 'tenant.connected-already',
    message: 'This tenant is connected already.',
    hint: 'Change the existing connection instead of making a second one.',
    retry: 'never',
    where: { field: 'directoryId' },
  });
}
