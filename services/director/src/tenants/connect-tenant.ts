import { randomUUID } from 'node:crypto';
import { Failure, foldName, parseName, type Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { changedMeanwhile } from '../api/etag.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Microsoft, TenantConnection, TenantPreflight } from './microsoft.ts';
import {
  connectionOf,
  fingerprintOf,
  parseCredential,
  sealCredential,
  type GivenCredential,
} from './tenant-credential.ts';
import {
  insertTenant,
  readTenant,
  refuseKnownTenant,
  storePreflight,
  updateTenantRow,
  type TenantRow,
} from './tenant.store.ts';

export interface TenantParts {
  database: DataSource;
  clock: Clock;
  secrets: SecretBox;
  microsoft: Microsoft;
}

export interface TenantToConnect {
  name: string;
  directoryId: string;
  clientId: string;
  loginUrl: string;
  graphUrl: string;
  credential: GivenCredential;
}

/**
 * Connects a tenant. The connection is tried first; nothing is stored unless it works and may read what a backup needs.
 * @throws Failure that names the field: see `parseCredential`, `Microsoft.preflight`, `requirePermissions`.
 */
export async function connectTenant(parts: TenantParts, wanted: TenantToConnect): Promise<TenantRow> {
  const name = parseName(wanted.name);
  const directoryId = wanted.directoryId.toLowerCase();
  parts.microsoft.requireAllowedEndpoints(wanted);
  const credential = parseCredential(wanted.credential, parts.clock);
  await refuseKnownTenant(parts.database, foldName(name), directoryId);
  const connection: TenantConnection = { ...wanted, directoryId, credential };
  const preflight = requirePermissions(await parts.microsoft.preflight(connection));
  const id = randomUUID();
  const now = parts.clock.now();
  const row: TenantRow = {
    id,
    name,
    nameFolded: foldName(name),
    directoryId,
    clientId: wanted.clientId,
    loginUrl: wanted.loginUrl,
    graphUrl: wanted.graphUrl,
    credentialType: credential.type,
    credential: sealCredential(parts.secrets, credential, id),
    credentialFingerprint: fingerprintOf(credential, id),
    credentialSetAt: now,
    preflight,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
  await insertTenant(parts.database, row);
  return row;
}

/** What may be changed of a connection. A new credential is tried before the old one is given up. */
export interface TenantChange {
  name?: string | undefined;
  credential?: GivenCredential | undefined;
}

/** @throws Failure `not-found`, `precondition`, and what {@link connectTenant} throws. */
export async function changeTenant(
  parts: TenantParts,
  tenantId: string,
  expectedVersion: number,
  change: TenantChange,
): Promise<TenantRow> {
  const row = await readTenant(parts.database, tenantId);
  if (row.version !== expectedVersion) throw changedMeanwhile();
  const name = change.name === undefined ? row.name : parseName(change.name);
  const changed: TenantRow = {
    ...row,
    name,
    nameFolded: foldName(name),
    ...(change.credential === undefined ? {} : await newCredential(parts, row, change.credential)),
    updatedAt: parts.clock.now(),
    version: row.version + 1,
  };
  if (!(await updateTenantRow(parts.database, changed, expectedVersion))) throw changedMeanwhile();
  return changed;
}

async function newCredential(parts: TenantParts, row: TenantRow, given: GivenCredential) {
  const credential = parseCredential(given, parts.clock);
  const connection = { ...connectionOf(parts.secrets, row), credential };
  return {
    preflight: requirePermissions(await parts.microsoft.preflight(connection)),
    credentialType: credential.type,
    credential: sealCredential(parts.secrets, credential, row.id),
    credentialFingerprint: fingerprintOf(credential, row.id),
    credentialSetAt: parts.clock.now(),
  };
}

/** Tries the stored connection and remembers what it may do now. @throws Failure `not-found`, and what the trial throws. */
export async function testTenant(parts: TenantParts, tenantId: string): Promise<TenantRow> {
  const row = await readTenant(parts.database, tenantId);
  const preflight = await parts.microsoft.preflight(connectionOf(parts.secrets, row));
  await storePreflight(parts.database, tenantId, preflight);
  return { ...row, preflight };
}

/** @throws Failure `permission-missing` when not even a backup would work. */
function requirePermissions(preflight: TenantPreflight): TenantPreflight {
  const missing = preflight.missing.filter(({ required }) => required).map(({ permission }) => permission);
  if (missing.length === 0) return preflight;
  const names = missing.join(', ');
  throw new Failure('permission-missing', {
    code: 'tenant.permission-missing',
    message: `The application lacks the Microsoft Graph permission ${names}.`,
    hint: `Add the application permission ${names} to the app registration in Entra, grant admin consent, and try again.`,
    retry: 'later',
    where: { field: 'clientId', permission: names },
  });
}
