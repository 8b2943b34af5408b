import {
  ATTEMPT_OUTCOMES,
  COLLISION_RULES,
  ITEM_KINDS,
  OBJECT_KINDS,
  TASK_STATES,
  type FailureRecord,
} from '@backhaul/domain';
import { z } from 'zod';
import type { RunOptions } from './run-options.ts';
import type { RunDetails, RunSummary, TaskDetails, TaskView as CoreTask } from './run-views.ts';

const date = z.iso.datetime();
const count = z.number();

export const CountsView = z
  .object({
    itemsTotal: count,
    itemsNew: count,
    itemsChanged: count,
    itemsMoved: count,
    itemsDeleted: count,
    itemsSkipped: count,
    itemsFailed: count,
    itemsRestored: count,
    itemsDegraded: count,
    bytesRead: count.describe('Bytes read from Microsoft (backup) or from the repository (restore).'),
    bytesStored: count.describe('Bytes added to the repository after deduplication, compression and encryption.'),
    requests: count,
    throttledMs: count.describe('Milliseconds spent waiting because Microsoft asked for it.'),
  })
  .meta({ id: 'TaskCounts' });

const FailureView = z
  .object({ kind: z.string(), code: z.string(), message: z.string(), hint: z.string().optional() })
  .meta({ id: 'Failure' });

const TransporterRef = z.object({ id: z.uuid(), name: z.string() });

const SelectionView = z.discriminatedUnion('type', [
  z.object({ type: z.literal('all'), kinds: z.array(z.enum(ITEM_KINDS)) }),
  z.object({ type: z.literal('folders'), folderIds: z.array(z.string()) }),
  z.object({ type: z.literal('items'), items: z.array(z.object({ folderId: z.string(), itemId: z.string() })) }),
]);

const OptionsView = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('backup'),
      jobId: z.uuid(),
      jobName: z.string(),
      repositoryId: z.uuid(),
      itemKinds: z.array(z.enum(ITEM_KINDS)),
      include: z.object({ recoverableItems: z.boolean(), fileVersions: z.boolean(), filePermissions: z.boolean() }),
      changeTracking: z.object({ mode: z.string(), onError: z.string() }),
      scope: z.discriminatedUnion('type', [
        z.object({ type: z.literal('all') }),
        z.object({ type: z.literal('objects'), objectIds: z.array(z.uuid()) }),
      ]),
      forceFull: z.boolean(),
    }),
    z.object({
      type: z.literal('restore'),
      restoreId: z.uuid(),
      repositoryId: z.uuid(),
      targets: z.array(
        z.object({
          objectId: z.uuid().describe('The object that is written.'),
          pointId: z.string().describe('The point it is restored from.'),
          selection: SelectionView,
          placement: z.discriminatedUnion('type', [
            z.object({ type: z.literal('original') }),
            z.object({ type: z.literal('new-folder'), name: z.string() }),
          ]),
          collision: z.enum(COLLISION_RULES),
          include: z.object({ fileVersions: z.boolean(), filePermissions: z.boolean() }),
        }),
      ),
    }),
  ])
  .describe('The copy of the options that the run works with.');

export const RunSummaryView = z
  .object({
    id: z.uuid(),
    kind: z.enum(['backup', 'restore']),
    jobId: z.uuid().nullable().describe('Null for a restore.'),
    jobName: z.string().nullable().describe('As it was when the run started.'),
    state: z.enum(['running', 'stopping', 'ended']),
    outcome: z
      .enum(['succeeded', 'warning', 'failed', 'cancelled'])
      .nullable()
      .describe('Null until the run has ended.'),
    startedAt: date,
    endedAt: date.nullable(),
    tasksTotal: z.int(),
    tasksEnded: z.int(),
  })
  .meta({ id: 'RunSummary' });

export const RunView = RunSummaryView.extend({
  options: OptionsView,
  tasks: z.object({
    queued: z.int(),
    running: z.int(),
    succeeded: z.int(),
    warning: z.int(),
    failed: z.int(),
    cancelled: z.int(),
  }),
  counts: CountsView.describe('Sums over all tasks; of those at work their last report.'),
}).meta({ id: 'Run' });

const ProgressView = z.object({
  phase: z.enum(['starting', 'listing', 'transferring', 'committing', 'waiting']),
  itemsExpected: z.number().nullable().describe('Items expected in all, where known.'),
  at: date,
});

export const TaskSummaryView = z
  .object({
    id: z.uuid(),
    runId: z.uuid(),
    object: z.object({ id: z.uuid(), kind: z.enum(OBJECT_KINDS), displayName: z.string(), address: z.string() }),
    state: z.enum(TASK_STATES),
    cancelRequested: z.boolean(),
    queuedAt: date,
    notBefore: date.nullable().describe('It does not start before this time.'),
    startedAt: date.nullable(),
    endedAt: date.nullable(),
    attempts: z.int(),
    failures: z.int(),
    losses: z.int(),
    transporter: TransporterRef.nullable(),
    progress: ProgressView.nullable(),
    counts: CountsView,
    failure: FailureView.nullable().describe('Why it failed, or why the last attempt did not end it.'),
    waiting: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('Why a queued task does not run yet.'),
  })
  .meta({ id: 'TaskSummary' });

export const TaskView = TaskSummaryView.extend({
  issues: z
    .array(
      z.object({
        itemId: z.string(),
        folderPath: z.string(),
        result: z.enum(['skipped', 'degraded', 'failed']),
        failure: FailureView,
      }),
    )
    .describe('Items that did not go as they should, at most 200; the counts are complete.'),
  pointId: z.string().nullable().describe('The recovery point that it made.'),
  history: z.array(
    z.object({
      transporter: TransporterRef,
      grantedAt: date,
      startedAt: date.nullable(),
      endedAt: date.nullable(),
      outcome: z.enum(ATTEMPT_OUTCOMES).nullable(),
      failure: FailureView.nullable(),
    }),
  ),
}).meta({ id: 'Task' });

/** A run as lists show it. */
export function runSummaryView({ runId, ...run }: RunSummary): z.input<typeof RunSummaryView> {
  return { id: runId, ...run, startedAt: run.startedAt.toISOString(), endedAt: run.endedAt?.toISOString() ?? null };
}

/** A run with its counts. */
export function runView(run: RunDetails): z.input<typeof RunView> {
  return { ...runSummaryView(run), options: optionsView(run.options), tasks: run.tasks, counts: run.counts };
}

function optionsView(options: RunOptions): z.input<typeof OptionsView> {
  if (options.type === 'backup') return options;
  const { restoreId, repositoryId, targets } = options.plan;
  return {
    type: 'restore',
    restoreId,
    repositoryId,
    targets: targets.map(({ source, ...target }) => ({
      ...target,
      pointId: `${source.jobId}.${source.objectId}.${source.sequence}`,
    })),
  };
}

/** A task as lists show it. */
export function taskSummaryView(task: CoreTask): z.input<typeof TaskSummaryView> {
  return {
    ...task,
    id: task.taskId,
    object: { ...task.object, id: task.object.objectId },
    queuedAt: task.queuedAt.toISOString(),
    notBefore: task.notBefore?.toISOString() ?? null,
    startedAt: task.startedAt?.toISOString() ?? null,
    endedAt: task.endedAt?.toISOString() ?? null,
    transporter: transporterRef(task.transporter),
    progress: task.progress === null ? null : { ...task.progress, itemsExpected: task.progress.itemsExpected ?? null },
    failure: failureView(task.failure),
  };
}

/** A task with all there is to know. */
export function taskView(task: TaskDetails): z.input<typeof TaskView> {
  const { point } = task;
  return {
    ...taskSummaryView(task),
    issues: task.issues,
    pointId: point === null ? null : `${point.jobId}.${point.objectId}.${point.sequence}`,
    history: task.history.map((attempt) => ({
      ...attempt,
      transporter: { id: attempt.transporter.transporterId, name: attempt.transporter.name },
      grantedAt: attempt.grantedAt.toISOString(),
      startedAt: attempt.startedAt?.toISOString() ?? null,
      endedAt: attempt.endedAt?.toISOString() ?? null,
      failure: failureView(attempt.failure),
    })),
  };
}

function transporterRef(transporter: CoreTask['transporter']) {
  return transporter === null ? null : { id: transporter.transporterId, name: transporter.name };
}

/** Without `where`: it may hold addresses inside the tenant that lists need not show. */
function failureView(failure: FailureRecord | null): z.input<typeof FailureView> | null {
  return failure === null ? null : failure;
}
