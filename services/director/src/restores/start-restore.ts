import { randomUUID } from 'node:crypto';
import { Failure, type CollisionRule, type RestorePlacement, type RestoreSelection } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { InvalidRequest, type FieldError } from '../api/invalid-request.ts';
import { findObjects, readObject } from '../inventory/protected-object.store.ts';
import { SELECTABLE_KINDS } from '../inventory/object.view.ts';
import { openPoint } from '../points/browse-point.ts';
import type { PointRef } from '../points/point-id.ts';
import { readPoint } from '../points/point.store.ts';
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
}

/** The permission without which nothing can be written into a mailbox. */
const WRITE_PERMISSION = 'Mail.ReadWrite';

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
  const errors = [
    ...targetErrors(target),
    ...(await selectionErrors(await openPoint(database, repositories, point), wish.selection)),
  ];
  if (errors.length > 0 || target === undefined) throw new InvalidRequest(errors);
  await requireWritePermission(database, target.tenantId);
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
        },
      ],
    },
  });
}

function targetErrors(target: Awaited<ReturnType<typeof findObjects>>[number] | undefined): FieldError[] {
  const wrong = (code: string, message: string) => [{ pointer: '/targetObjectId', code, message }];
  if (target === undefined)
    return wrong('object-unknown', 'is not in the inventory. Choose an object of a connected tenant.');
  if (!SELECTABLE_KINDS.includes(target.kind))
    return wrong('object-not-selectable', `is a ${target.kind}. Choose a mailbox.`);
  if (target.goneAt !== null) return wrong('object-gone', 'is no longer in the tenant. Choose another object.');
  return [];
}

/** Entries of the selection that the point does not hold. */
async function selectionErrors(
  point: Awaited<ReturnType<typeof openPoint>>,
  selection: RestoreSelection,
): Promise<FieldError[]> {
  if (selection.type === 'all') return [];
  if (selection.type === 'folders') {
    const known = new Set((await point.folders()).map(({ id }) => id));
    return selection.folderIds.flatMap((id, index) =>
      known.has(id)
        ? []
        : [
            {
              pointer: `/selection/folderIds/${index}`,
              code: 'folder-unknown',
              message: 'is not a folder of this point.',
            },
          ],
    );
  }
  const errors: FieldError[] = [];
  for (const [index, { folderId, itemId }] of selection.items.entries()) {
    const entry = await point.get({ containerId: folderId, id: itemId });
    if (entry?.type === 'item') continue;
    errors.push({
      pointer: `/selection/items/${index}`,
      code: 'item-unknown',
      message: 'is not an item of this point.',
    });
  }
  return errors;
}

async function requireWritePermission(database: DataSource, tenantId: string): Promise<void> {
  const tenant = await readTenant(database, tenantId);
  if (tenant.preflight.roles.includes(WRITE_PERMISSION)) return;
  throw new Failure('permission-missing', {
    code: 'restore.permission-missing',
    message: `The application of "${tenant.name}" lacks the permission ${WRITE_PERMISSION}, without which nothing can be restored.`,
    hint: `Add the application permission ${WRITE_PERMISSION} in Entra, grant admin consent, test the tenant connection, and try again.`,
    retry: 'later',
    where: { permission: WRITE_PERMISSION, tenantId },
  });
}
