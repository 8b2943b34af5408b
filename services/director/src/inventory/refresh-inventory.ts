import { failureRecord, isFailure, type FailureRecord, type ObjectKind } from '@backhaul/domain';
import { transaction } from '../database/statement.ts';
import type { TenantParts } from '../tenants/connect-tenant.ts';
import type { DirectoryListing, DirectoryObject } from '../tenants/microsoft.ts';
import { connectionOf } from '../tenants/tenant-credential.ts';
import { trialFailure } from '../tenants/trial-failure.ts';
import { readTenant } from '../tenants/tenant.store.ts';
import { markGoneObjects, storeSeenObjects } from './protected-object.store.ts';

/** What a refresh found of one kind. */
export interface RefreshedKind {
  kind: ObjectKind;
  seen: number;
  /** Newly no longer shown by the tenant. */
  gone: number;
  /** Why this kind could not be listed; the others were. Nothing counts as gone then. */
  failure: FailureRecord | null;
}

/** Objects that are written in one statement. */
const BATCH = 500;

/**
 * Lists the tenant anew. A list that the application may not read is reported and leaves what is known of its kinds.
 * @throws Failure `not-found`, and what {@link trialFailure} makes of Microsoft's answer when nothing can be listed at all.
 */
export async function refreshInventory(parts: TenantParts, tenantId: string): Promise<RefreshedKind[]> {
  const tenant = await readTenant(parts.database, tenantId);
  const connection = connectionOf(parts.secrets, tenant);
  return parts.microsoft.withDirectory(connection, async (listings) => {
    const refreshed: RefreshedKind[] = [];
    for (const listing of listings) refreshed.push(...(await refreshListing(parts, tenantId, listing)));
    return refreshed;
  });
}

async function refreshListing(
  parts: TenantParts,
  tenantId: string,
  listing: DirectoryListing,
): Promise<RefreshedKind[]> {
  try {
    // Read all of it before anything is written: an incomplete listing must not make things vanish.
    const objects = new Map<string, DirectoryObject>();
    for await (const page of listing.pages()) {
      for (const object of page) objects.set(`${object.kind} ${object.externalId}`, object);
    }
    return await store(parts, tenantId, listing.kinds, [...objects.values()]);
  } catch (error) {
    if (!isFailure(error, 'permission-missing', 'forbidden', 'not-found')) throw trialFailure(error, 'graphUrl');
    return listing.kinds.map((kind) => ({ kind, seen: 0, gone: 0, failure: failureRecord(error) }));
  }
}

async function store(
  { database, clock }: TenantParts,
  tenantId: string,
  kinds: readonly ObjectKind[],
  objects: readonly DirectoryObject[],
): Promise<RefreshedKind[]> {
  const seenAt = clock.now();
  return transaction(database, async (tx) => {
    for (let start = 0; start < objects.length; start += BATCH) {
      await storeSeenObjects(tx, tenantId, objects.slice(start, start + BATCH), seenAt);
    }
    const refreshed: RefreshedKind[] = [];
    for (const kind of kinds) {
      const gone = await markGoneObjects(tx, tenantId, kind, seenAt);
      refreshed.push({ kind, seen: objects.filter((object) => object.kind === kind).length, gone, failure: null });
    }
    return refreshed;
  });
}
