import type { BackupWork, Failure, ItemIssue, TaskCounts, TaskProgress } from '@backhaul/domain';
import { failureRecord, noCounts } from '@backhaul/domain';
import type { ContainerState, ObjectSession } from '@backhaul/repository';
import { limiter, type Limiter } from '../limiter.ts';
import type { MailSource } from '../mail-source.ts';
import { SharedLock } from '../shared-lock.ts';
import { WorkPace } from '../work-pace.ts';
import type { WorkContext } from '../work.ts';
import { Arrivals } from './arrivals.ts';
import { cursorScope } from './cursor-scope.ts';
import { finishedStates, type ContainerProgress } from './container-progress.ts';
import { PendingRemovals } from './pending-removals.ts';

/** What the parts of one mailbox backup share while it runs. */
export interface BackupRun {
  source: MailSource;
  session: ObjectSession;
  work: BackupWork;
  context: WorkContext;
  pace: WorkPace;
  /** Fingerprint of the options under which cursors are made in this run. */
  scope: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** The folders that are listed now, by id. */
  containers: Map<string, ContainerProgress>;
  /** States of containers that an earlier attempt had finished, by id. */
  resumed: Map<string, ContainerState>;
  removals: PendingRemovals;
  arrivals: Arrivals;
  /** Items whose newest version could not be read, by `container/item`. */
  skipped: Map<string, ItemIssue>;
  /** What a report names besides skipped items: re-baselined and carried containers. */
  issues: ItemIssue[];
  /** How many of those an earlier attempt of this task met. */
  issuesBefore: number;
  /** Numbers over all attempts of the task. */
  counts: TaskCounts;
  /** Messages that will be read in all, by the folder listing; null where nobody can say before it is done. */
  itemsExpected: number | null;
  /** Bytes of content in the whole point as it stands. */
  bytesTotal: number;
  /** What earlier attempts of this task had stored. */
  storedBefore: number;
  /** Messages on their way from the source to the repository, of all folders together: so many are in memory at most. */
  transfers: Limiter;
  /** Items are put together; a checkpoint is made alone, so that its counts match its tree. */
  storing: SharedLock;
  /** Single items that failed in a row because the service did; reset by every success. */
  failuresInARow: number;
}

/** Begins (or resumes) the reading of a mailbox. */
export function startRun(
  source: MailSource,
  session: ObjectSession,
  work: BackupWork,
  context: WorkContext,
): BackupRun {
  const earlier = session.resumed?.counts ?? {};
  const counts = noCounts();
  for (const name of Object.keys(counts) as (keyof TaskCounts)[]) counts[name] = earlier[name] ?? 0;
  return {
    source,
    session,
    work,
    context,
    pace: new WorkPace(context, source.concurrency),
    scope: cursorScope(work.kinds, work.changeTracking.mode),
    startedAt: context.clock.now().toISOString(),
    containers: new Map(),
    resumed: new Map((session.resumed?.containers ?? []).map((state) => [state.containerId, state])),
    removals: new PendingRemovals(),
    arrivals: new Arrivals(),
    skipped: new Map(),
    issues: [],
    issuesBefore: earlier['issues'] ?? 0,
    counts,
    itemsExpected: null,
    bytesTotal: earlier['bytesTotal'] ?? session.base?.bytesTotal ?? 0,
    storedBefore: counts.bytesStored,
    transfers: limiter(source.concurrency + 2),
    storing: new SharedLock(),
    failuresInARow: 0,
  };
}

/** The numbers as they stand, those of the session and of the pace included. */
export function countsNow(run: BackupRun): TaskCounts {
  return {
    ...run.counts,
    itemsTotal: Math.max(0, (run.session.base?.itemCount ?? 0) + run.counts.itemsNew - run.counts.itemsDeleted),
    itemsSkipped: run.skipped.size,
    bytesStored: run.storedBefore + run.session.written.storedBytes,
    requests: run.counts.requests + run.pace.requests,
  };
}

/** Tells whoever watches how far the work is. */
export function reportProgress(run: BackupRun, phase: TaskProgress['phase']): void {
  const { itemsExpected } = run;
  run.context.onProgress({ phase, counts: countsNow(run), ...(itemsExpected !== null && { itemsExpected }) });
}

/** Makes what was stored so far durable, and remembers the containers that need not be read again. */
export async function makeCheckpoint(run: BackupRun): Promise<void> {
  await run.storing.alone(() => checkpoint(run));
}

/** {@link makeCheckpoint} when the repository's size or age rule asks for it; whoever asks first makes it for all. */
export async function checkpointIfDue(run: BackupRun): Promise<void> {
  if (!run.session.checkpointIsDue()) return;
  await run.storing.alone(async () => {
    if (run.session.checkpointIsDue()) await checkpoint(run);
  });
}

async function checkpoint(run: BackupRun): Promise<void> {
  const containers = finishedStates(run.containers.values(), run.scope);
  const issues = run.issuesBefore + run.issues.length;
  await run.session.checkpoint({ containers, counts: { ...countsNow(run), bytesTotal: run.bytesTotal, issues } });
}

/** Adds something about a container to the report. */
export function noteContainer(
  run: BackupRun,
  container: ContainerProgress,
  failure: Failure,
  result: ItemIssue['result'],
) {
  const record = failureRecord(failure);
  run.issues.push({
    itemId: container.id,
    folderPath: container.path.join('/'),
    result,
    failure: { ...record, where: { ...record.where, containerId: container.id } },
  });
}
