import { randomUUID } from 'node:crypto';
import {
  Failure,
  type CollisionRule,
  type ItemKind,
  type RestoreExtras,
  type RestorePlacement,
  type RestoreSelection,
} from '@backhaul/domain';
import { missingToRestore } from '@backhaul/m365';
import type { PointReader } from '@backhaul/repository';
import type { DataSource } from 'typeorm';
import { InvalidRequest, type FieldError } from '../api/invalid-request.ts';
import { findObjects, readObject, type InventoryObject } from '../inventory/protected-object.store.ts';
import { openPoint } from '../points/browse-point.ts';
import type { PointRef } from '../points/point-id.ts';
import { readPoint } from '../points/point.store.ts';
import { selectionErrors } from '../points/selection.ts';
import type { OpenRepositories } from '../repositories/open-repositories.ts';
import type { StartedRun } from '../runs/start-backup-run.ts';
import { startRestoreRun } from '../runs/start-restore-run.ts';
import { readTenant } from '../tenants/tenant.store.ts';

export interface RestoreParts {
  database: DataSource;
  repositories: OpenRepositories;
}

export interface RestoreWish {
  point: PointRef;
  selection: RestoreSelection;
  /** Null: the object it was backed up from. */
  targetObjectId: string | null;
  placement: RestorePlacement;
  collision: CollisionRule;
  include: RestoreExtras;
}

/**
 * Starts a restore as a run of its own, after everything that can be known has been checked: the point, what is selected of
 * it, the target, and the right to write there.
 * @throws Failure `not-found` (point), `permission-missing`; InvalidRequest for selection and target.
 */
export async function startRestore({ database, repositories }: RestoreParts, wish: RestoreWish): Promise<StartedRun> {
  const { point } = wish;
  const { repositoryId } = await readPoint(database, point);
  const source = await readObject(database, point.objectId);
  const targetId = wish.targetObjectId ?? source.id;
  const [target] = await findObjects(database, [targetId]);
  const contents = await openPoint(database, repositories, point);
  const errors = [...targetErrors(target, source), ...(await selectionErrors(contents, wish.selection))];
  if (errors.length > 0 || target === undefined) throw new InvalidRequest(errors);
  await requireWritePermissions(database, target.tenantId, await kindsOf(contents, wish.selection));
  return startRestoreRun(database, {
    plan: {
      restoreId: randomUUID(),
      repositoryId,
      targets: [
        {
          objectId: targetId,
          source: point,
          selection: wish.selection,
          placement: wish.placement,
          collision: wish.collision,
          include: wish.include,
        },
      ],
    },
  });
}

function targetErrors(target: InventoryObject | undefined, source: InventoryObject): FieldError[] {
  const wrong = (code: string, message: string) => [{ pointer: '/targetObjectId', code, message }];
  if (target === undefined)
    return wrong('object-unknown', 'is not in the inventory. Choose an object of a connected tenant.');
  if (target.kind !== source.kind)
    return wrong('object-of-other-kind', `is a ${target.kind}. Choose a ${source.kind}, as the point shows one.`);
  if (target.goneAt !== null) return wrong('object-gone', 'is no longer in the tenant. Choose another object.');
  return [];
}

/** The kinds of items that a selection has. */
async function kindsOf(point: PointReader, selection: RestoreSelection): Promise<ItemKind[]> {
  if (selection.type === 'all') return selection.kinds.length > 0 ? selection.kinds : point.record.kinds;
  const folderIds =
    selection.type === 'folders' ? selection.folderIds : selection.items.map(({ folderId }) => folderId);
  const chosen = new Set(folderIds);
  return [...new Set((await point.folders()).flatMap(({ id, kind }) => (chosen.has(id) ? [kind] : [])))];
}

async function requireWritePermissions(database: DataSource, tenantId: string, kinds: ItemKind[]): Promise<void> {
  const tenant = await readTenant(database, tenantId);
  const [lacking] = missingToRestore(tenant.preflight.roles, kinds);
  if (lacking === undefined) return;
  const { permission, purpose } = lacking;
  throw new Failure('permission-missing', {
    code: 'restore.permission-missing',
    message: `The application of "${tenant.name}" lacks the permission ${permission}, without which it cannot ${purpose}.`,
    hint: `Add the application permission ${permission} in Entra, grant admin consent, test the tenant connection, and try again.`,
    retry: 'later',
    where: { permission, tenantId },
  });
}
