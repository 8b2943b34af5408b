import { randomUUID } from 'node:crypto';
import { Failure, RESTORE_PRIORITY, type ProtectedObject, type RestoreWork } from '@backhaul/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { rows, transaction } from '../database/statement.ts';
import { createLane } from '../lanes/lane.store.ts';
import { insertRun, type NewTask } from './insert-run.ts';
import type { RestorePlan, RestoreTarget } from './run-options.ts';
import type { StartedRun } from './start-backup-run.ts';

/** How many objects of one restore are written at the same time. */
const RESTORE_LIMIT = 3;

/**
 * Starts a restore as a run of its own, in a lane of its own that comes before every backup: one queued task per target.
 * @throws Failure `invalid-input` when there is no target, an unknown one or one twice; `not-found` for an unknown
 * repository.
 */
export async function startRestoreRun(database: DataSource, request: { plan: RestorePlan }): Promise<StartedRun> {
  return transaction(database, (tx) => startInTransaction(tx, request.plan));
}

async function startInTransaction(tx: EntityManager, plan: RestorePlan): Promise<StartedRun> {
  refuseBadPlan(plan);
  await requireRepository(tx, plan.repositoryId);
  const objects = await targetObjects(tx, plan);
  const laneId = randomUUID();
  await createLane(tx, { laneId, kind: 'restore', priority: RESTORE_PRIORITY, limit: RESTORE_LIMIT, paused: false });
  const tasks = plan.targets.map((target) => newTask(target, plan, objects));
  const runId = await insertRun(tx, {
    kind: 'restore',
    laneId,
    jobId: null,
    options: { type: 'restore', plan },
    tasks,
  });
  return { runId, tasks: tasks.length };
}

function refuseBadPlan({ targets }: RestorePlan): void {
  if (targets.length === 0) throw targetFailure('The restore has no target.');
  const seen = new Set<string>();
  for (const { objectId } of targets) {
    if (seen.has(objectId)) throw targetFailure(`The restore names the target ${objectId} more than once.`);
    seen.add(objectId);
  }
}

async function requireRepository(tx: EntityManager, repositoryId: string): Promise<void> {
  const found = await rows(tx, 'select id from repositories where id = $1', [repositoryId]);
  if (found.length > 0) return;
  throw new Failure('not-found', {
    code: 'repository.not-found',
    message: 'There is no such repository.',
    retry: 'never',
    where: { repositoryId },
  });
}

async function targetObjects(tx: EntityManager, { targets }: RestorePlan): Promise<Map<string, ProtectedObject>> {
  const found = await rows<ProtectedObject>(
    tx,
    `select id, tenant_id as "tenantId", kind, external_id as "externalId", display_name as "displayName", address
       from protected_objects where id = any ($1::uuid[])`,
    [targets.map((target) => target.objectId)],
  );
  const byId = new Map(found.map((object) => [object.id, object]));
  const unknown = targets.find((target) => !byId.has(target.objectId));
  if (unknown !== undefined) throw targetFailure(`There is no protected object ${unknown.objectId}.`);
  return byId;
}

function newTask(target: RestoreTarget, plan: RestorePlan, objects: Map<string, ProtectedObject>): NewTask {
  const object = objects.get(target.objectId);
  if (object === undefined) throw new Error('A target without its object.');
  const work: RestoreWork = {
    type: 'restore',
    restoreId: plan.restoreId,
    source: target.source,
    selection: target.selection,
    placement: target.placement,
    collision: target.collision,
    include: target.include,
  };
  return { taskId: randomUUID(), object, repositoryId: plan.repositoryId, work };
}

function targetFailure(message: string): Failure {
  return new Failure('invalid-input', {
    code: 'restore.targets-invalid',
    message,
    hint: 'Name each target object once; it must be in the inventory.',
    retry: 'never',
    where: { field: 'targets' },
  });
}
