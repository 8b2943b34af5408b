import type { BackupWork, Failure, ItemIssue, TaskCounts, TaskProgress } from '@backhaul/domain';
import { failureRecord, noCounts } from '@backhaul/domain';
import type { ContainerState, ObjectSession } from '@backhaul/repository';
import { limiter, type Limiter } from '../limiter.ts';
import { SharedLock } from '../shared-lock.ts';
import { WorkPace } from '../work-pace.ts';
import type { WorkContext } from '../work.ts';
import { Arrivals } from './arrivals.ts';
import { cursorScope } from './cursor-scope.ts';
import { finishedStates, type ContainerProgress } from './container-progress.ts';
import type { KindOfItem } from './kinds/kind-of-item.ts';
import { selectedKinds, type MailboxSources } from './mailbox-sources.ts';
import { PendingRemovals } from './pending-removals.ts';

/** What the parts of one mailbox backup share while it runs. */
export interface BackupRun {
  sources: MailboxSources;
  session: ObjectSession;
  work: BackupWork;
  context: WorkContext;
  pace: WorkPace;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** The kinds of items that are read, in the order in which they are. */
  readings: KindReading[];
  /** States of containers that an earlier attempt had finished, by id. */
  resumed: Map<string, ContainerState>;
  /** Items of which the newest version, or some of it, could not be read, by `container/item`. */
  skipped: Map<string, ItemIssue>;
  /** What a report names besides such items: re-baselined and carried containers, kinds that could not be read. */
  issues: ItemIssue[];
  /** How many of those an earlier attempt of this task met. */
  issuesBefore: number;
  /** Numbers over all attempts of the task. */
  counts: TaskCounts;
  /** Items of the last point that are of kinds which are not selected any more. */
  itemsLeftOut: number;
  /** Items that will be read in all, as far as folder listings tell; null where nobody can say before it is done. */
  itemsExpected: number | null;
  /** Bytes of content in the whole point as it stands. */
  bytesTotal: number;
  /** What earlier attempts of this task had stored. */
  storedBefore: number;
  /** Items on their way from the source to the repository, of all folders together: so many are in memory at most. */
  transfers: Limiter;
  /** Items are put together; a checkpoint is made alone, so that its counts match its tree. */
  storing: SharedLock;
  /** Single items that failed in a row because the service did; reset by every success. */
  failuresInARow: number;
}

/**
 * How far one kind of items has been read in this task. An item never becomes one of another kind, so moves and removals
 * are settled within it.
 */
export interface KindReading {
  run: BackupRun;
  of: KindOfItem;
  /** Fingerprint of the options under which cursors are made in this run. */
  scope: string;
  /** The folders that are listed now, by id. */
  containers: Map<string, ContainerProgress>;
  removals: PendingRemovals;
  arrivals: Arrivals;
  /** Why nothing of this kind could be read; null when something could. */
  failure: Failure | null;
}

/** Begins (or resumes) the reading of a mailbox. */
export function startRun(
  sources: MailboxSources,
  session: ObjectSession,
  work: BackupWork,
  context: WorkContext,
): BackupRun {
  const earlier = session.resumed?.counts ?? {};
  const counts = noCounts();
  for (const name of Object.keys(counts) as (keyof TaskCounts)[]) counts[name] = earlier[name] ?? 0;
  const { concurrency } = sources.mail;
  const run: BackupRun = {
    sources,
    session,
    work,
    context,
    pace: new WorkPace(context, concurrency),
    startedAt: context.clock.now().toISOString(),
    readings: [],
    resumed: new Map((session.resumed?.containers ?? []).map((state) => [state.containerId, state])),
    skipped: new Map(),
    issues: [],
    issuesBefore: earlier['issues'] ?? 0,
    counts,
    itemsLeftOut: earlier['itemsLeftOut'] ?? 0,
    itemsExpected: null,
    bytesTotal: earlier['bytesTotal'] ?? session.base?.bytesTotal ?? 0,
    storedBefore: counts.bytesStored,
    transfers: limiter(concurrency + 2),
    storing: new SharedLock(),
    failuresInARow: 0,
  };
  run.readings = selectedKinds(sources, work).map((of) => ({
    run,
    of,
    scope: cursorScope(of.kind, of.fields, work.changeTracking.mode),
    containers: new Map(),
    removals: new PendingRemovals(),
    arrivals: new Arrivals(),
    failure: null,
  }));
  return run;
}

/** The numbers as they stand, those of the session and of the pace included. */
export function countsNow(run: BackupRun): TaskCounts {
  const { itemsNew, itemsDeleted } = run.counts;
  const ledger = [...run.skipped.values()];
  return {
    ...run.counts,
    itemsTotal: Math.max(0, (run.session.base?.itemCount ?? 0) - run.itemsLeftOut + itemsNew - itemsDeleted),
    itemsSkipped: ledger.filter(({ result }) => result === 'skipped').length,
    itemsDegraded: ledger.filter(({ result }) => result === 'degraded').length,
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
  const read = run.readings.flatMap(({ containers, scope }) => finishedStates(containers.values(), scope));
  const isMet = (id: string) => run.readings.some(({ containers }) => containers.has(id));
  // Of kinds that this attempt has not come to, an earlier one may have finished containers.
  const containers = [...read, ...[...run.resumed.values()].filter(({ containerId }) => !isMet(containerId))];
  const { bytesTotal, itemsLeftOut } = run;
  const issues = run.issuesBefore + run.issues.length;
  await run.session.checkpoint({ containers, counts: { ...countsNow(run), bytesTotal, itemsLeftOut, issues } });
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
