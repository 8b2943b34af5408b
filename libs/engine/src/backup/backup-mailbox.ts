import { Failure, noCounts, type BackupWork } from '@backhaul/domain';
import type { ObjectTask, RepositoryWriter } from '@backhaul/repository';
import { mayKeepProgress, YieldRequest, yielded } from '../work-pace.ts';
import type { WorkContext, WorkOutcome } from '../work.ts';
import { countsNow, makeCheckpoint, reportProgress, startRun, type BackupRun } from './backup-run.ts';
import { alreadyCommitted, commitPoint } from './commit-point.ts';
import { selectedKinds, type MailboxSources } from './mailbox-sources.ts';
import { readMailbox } from './read-mailbox.ts';

export interface BackupMailboxInput {
  /** The mailbox to read; `work.kinds` says what of it. */
  sources: MailboxSources;
  /** Where the point goes. */
  writer: RepositoryWriter;
  /** Chain, object, task and fence under which it is committed. */
  task: ObjectTask;
  work: BackupWork;
  context: WorkContext;
}

/**
 * Backs up one mailbox: a point with every folder and item of the selected kinds, built on the chain's last one.
 *
 * Order of things: content durable → point committed → cursor used; the cursors are part of the point. A crash or stop
 * between any two steps repeats work and loses none: the next attempt resumes from the last checkpoint, or finds the
 * point of this task already there.
 *
 * @returns `done` (`warning` when something was skipped, carried over or re-baselined), or `yielded` with a checkpoint when
 * Microsoft asks to wait longer than the slot may be held, or the context asks to stop early.
 * @throws Failure `invalid-input` when nothing is selected that a mailbox has; `cancelled` (after a checkpoint), `lease-lost` or `stale` (at once, nothing committed), and what
 * concerns the whole mailbox: no rights, gone, connection lost (after a checkpoint), or the repository's own failures.
 */
export async function backupMailbox(input: BackupMailboxInput): Promise<WorkOutcome> {
  if (selectedKinds(input.sources, input.work).length === 0) throw nothingSelected(input.work);
  const session = await input.writer.beginObject(input.task);
  if ('committed' in session) return alreadyCommitted(session.committed, noCounts());
  const run = startRun(input.sources, session, input.work, input.context);
  reportProgress(run, 'starting');
  try {
    await readMailbox(run);
    return await commitPoint(run);
  } catch (error) {
    return await stopEarly(run, run.pace.stop(error));
  }
}

function nothingSelected({ kinds }: BackupWork): Failure {
  return new Failure('invalid-input', {
    code: 'backup.nothing-selected',
    message: `A mailbox has nothing of what is selected (${kinds.join(', ')}).`,
    hint: 'Select mail, contacts or calendar.',
    retry: 'never',
    where: { field: 'kinds' },
  });
}

/** Keeps the progress where that may be kept, and leaves. */
async function stopEarly(run: BackupRun, stoppedBy: Error): Promise<WorkOutcome> {
  if (mayKeepProgress(stoppedBy)) await makeCheckpoint(run);
  await run.session.abandon();
  if (!(stoppedBy instanceof YieldRequest)) throw stoppedBy;
  const issues = [...run.issues, ...run.skipped.values()];
  return yielded(stoppedBy, { counts: countsNow(run), issues });
}
