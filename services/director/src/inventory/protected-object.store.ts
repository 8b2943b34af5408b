import { Failure, type ObjectKind } from '@backhaul/domain';
import { rows, type Executor } from '../database/statement.ts';
import type { DirectoryObject } from '../tenants/microsoft.ts';

/** A protected object as the inventory knows it. */
export interface InventoryObject {
  id: string;
  tenantId: string;
  kind: ObjectKind;
  externalId: string;
  displayName: string;
  address: string;
  attributes: Record<string, unknown>;
  /** When the tenant last showed it. */
  seenAt: Date;
  /** When the tenant first no longer showed it; null while it does. */
  goneAt: Date | null;
}

const COLUMNS = `id, tenant_id as "tenantId", kind, external_id as "externalId", display_name as "displayName", address,
  attributes, seen_at as "seenAt", gone_at as "goneAt"`;

/** Stores what the tenant showed at `seenAt`; known objects keep their id. */
export async function storeSeenObjects(
  on: Executor,
  tenantId: string,
  objects: readonly DirectoryObject[],
  seenAt: Date,
): Promise<void> {
  await rows(
    on,
    `insert into protected_objects (id, tenant_id, kind, external_id, display_name, address, attributes, seen_at)
     select gen_random_uuid(), $1, seen ->> 'kind', seen ->> 'externalId', seen ->> 'displayName', seen ->> 'address',
            seen -> 'attributes', $3
       from unnest($2::jsonb[]) as seen
     on conflict (tenant_id, kind, external_id) do update
        set display_name = excluded.display_name, address = excluded.address, attributes = excluded.attributes,
            seen_at = excluded.seen_at, gone_at = null`,
    [tenantId, objects.map((object) => JSON.stringify(object)), seenAt],
  );
}

/** Marks what a complete listing at `seenAt` did not show. Returns how many are newly gone. */
export async function markGoneObjects(on: Executor, tenantId: string, kind: ObjectKind, seenAt: Date): Promise<number> {
  const gone = await rows(
    on,
    `update protected_objects set gone_at = $3
      where tenant_id = $1 and kind = $2 and seen_at < $3 and gone_at is null returning id`,
    [tenantId, kind, seenAt],
  );
  return gone.length;
}

export interface InventoryFilter {
  tenantId: string;
  kind: ObjectKind | null;
  /** Part of the display name or address, without regard to case. */
  search: string | null;
  /** Include what the tenant no longer shows. */
  gone: boolean;
  /** (display name, id) of the last entry of the page before. */
  after: readonly string[] | null;
  limit: number;
}

/** Objects by name; one more than `limit` tells that there is a next page. */
export async function listObjects(on: Executor, filter: InventoryFilter): Promise<InventoryObject[]> {
  return rows<InventoryObject>(
    on,
    `select ${COLUMNS} from protected_objects
      where tenant_id = $1 and ($2::text is null or kind = $2) and ($4 or gone_at is null)
        and ($3::text is null or strpos(lower(display_name), lower($3)) > 0 or strpos(lower(address), lower($3)) > 0)
        and ($5::text is null or (display_name, id) > ($5, $6::uuid))
      order by display_name, id limit $7`,
    [
      filter.tenantId,
      filter.kind,
      filter.search,
      filter.gone,
      filter.after?.[0] ?? null,
      filter.after?.[1] ?? null,
      filter.limit + 1,
    ],
  );
}

/** @throws Failure `not-found`. */
export async function readObject(on: Executor, objectId: string): Promise<InventoryObject> {
  const [found] = await rows<InventoryObject>(on, `select ${COLUMNS} from protected_objects where id = $1`, [objectId]);
  if (found !== undefined) return found;
  throw new Failure('not-found', {
    code: 'object.not-found',
    message: 'There is no such object in the inventory.',
    hint: "Refresh the tenant's inventory and take the id from there.",
    retry: 'never',
    where: { objectId },
  });
}

/** Those of `ids` that are known, in no order. */
export async function findObjects(on: Executor, ids: readonly string[]): Promise<InventoryObject[]> {
  return rows<InventoryObject>(on, `select ${COLUMNS} from protected_objects where id = any ($1::uuid[])`, [ids]);
}
