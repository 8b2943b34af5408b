import { Failure, isFailure, toFailure } from '@backhaul/domain';
import { afterFailedReading, isAboutTheContainer } from '../../backup/tracking-failure.ts';
import { forEachLimited } from '../../limiter.ts';
import { PageFailure } from '../../backup/page-failure.ts';
import { noteIssue, type DriveRun } from './drive-run.ts';
import type { WalkStart } from './drive-walk.ts';
import { readFile } from './read-file.ts';
import { loadSkipped, type SkippedFile } from './skipped-files.ts';
import { walkDrive } from './walk-drive.ts';

/** More rounds than this are not made in one run; what changes then is told in the next run. */
const MAX_CLOSING_ROUNDS = 3;

/**
 * Reads the whole drive: what changed since the last point (or everything), what was skipped earlier, and then what has
 * changed meanwhile, until nothing has or the rounds are used up.
 */
export async function readDrive(run: DriveRun): Promise<void> {
  noteReplacedDrive(run);
  const unread = await loadSkipped(run);
  const start = firstStart(run);
  let isQuiet = (await readOnce(run, start)) === 0 && start.by === 'feed';
  await retrySkipped(run, unread);
  for (let round = 1; !isQuiet && round <= MAX_CLOSING_ROUNDS; round += 1) isQuiet = await closingRound(run);
  noteShortcuts(run);
}

function firstStart(run: DriveRun): WalkStart {
  if (run.position !== null && run.position.cursor !== null) {
    return { by: 'feed', cursor: run.position.cursor, transfer: 'differences' };
  }
  const { method, cursor, transfer } = run.tracking;
  // Who trusts nothing that is remembered does not trust the feed either.
  return { by: method === 'full' ? 'tree' : 'feed', cursor, transfer };
}

/** Reads the list to its end, in another way or from the beginning where it fails; returns how much was changed. */
async function readOnce(run: DriveRun, first: WalkStart): Promise<number> {
  let start = first;
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await walkDrive(run, start);
    } catch (error) {
      if (!(error instanceof PageFailure)) throw error;
      start = nextStart(run, start, error, restarts);
    }
  }
}

/** @throws the failure when no other way is left, or none is wanted. */
function nextStart(run: DriveRun, start: WalkStart, { failure, pagesRead }: PageFailure, restarts: number): WalkStart {
  const next = afterFailedReading({
    kind: failure.kind,
    by: start.by === 'feed' ? 'changes' : 'list',
    pagesRead,
    hadCursor: start.cursor !== null,
    restarts,
    onError: run.work.changeTracking.onError,
  });
  if (next === 'restart') return start;
  if (next === 're-baseline') {
    noteTracking(run, 'change-tracking.re-baselined', RE_BASELINED, failure);
    return { ...start, cursor: null };
  }
  if (next !== 'compare') throw failure;
  noteTracking(run, 'change-tracking.compared', COMPARED, failure);
  run.tracking = { ...run.tracking, method: 'comparison' };
  return { ...start, by: 'tree', cursor: null };
}

const RE_BASELINED = 'Microsoft no longer knew the last state of the drive; it was listed anew and compared.';
const COMPARED = 'Change tracking failed for the drive; it was listed folder by folder and compared instead.';

/** Reads once more what has changed since; returns whether nothing had. What was read before stands whatever happens. */
async function closingRound(run: DriveRun): Promise<boolean> {
  const cursor = run.position?.cursor ?? null;
  if (cursor === null) return true;
  try {
    return (await walkDrive(run, { by: 'feed', cursor, transfer: 'differences' })) === 0;
  } catch (error) {
    if (!(error instanceof PageFailure)) throw error;
    const { failure } = error;
    if (!isAboutTheContainer(failure.kind)) throw failure;
    noteTracking(run, 'drive.closing-round-failed', NOT_CLOSED, failure);
    return true;
  }
}

const NOT_CLOSED = 'What changed in the drive while it was read could not be read once more; the next backup reads it.';

/** Tries once more what earlier runs could not read and this one has not met yet. */
async function retrySkipped(run: DriveRun, unread: readonly SkippedFile[]): Promise<void> {
  await forEachLimited(unread, run.source.concurrency, async ({ id, folderId, issue }) => {
    if (run.skipped.get(id) !== issue) return;
    const entry = await run.session.get({ containerId: folderId, id });
    if (entry?.type !== 'item' || entry.kind !== 'file') return;
    try {
      const item = await run.pace.ask((signal) => run.source.item(id, signal));
      // One that was moved meanwhile is listed at its new place.
      if ((item.parentReference?.id ?? folderId) === folderId) {
        await readFile(run, item, folderId, entry, 'differences');
      }
    } catch (error) {
      if (!isFailure(error, 'not-found')) throw run.pace.stop(error);
    }
  });
}

/** A drive that was deleted and made anew has another root; nothing of the former one is there any more. */
function noteReplacedDrive(run: DriveRun): void {
  const rootId = run.folders.rootId;
  if (rootId === undefined || rootId === run.drive.rootId || run.session.resumed !== null) return;
  const failure = new Failure('conflict', {
    code: 'drive.replaced',
    message: 'The user has another drive than at the last backup; it was read from the beginning.',
    retry: 'never',
    hint: 'Files of the former drive are in the earlier recovery points.',
    where: { driveId: run.drive.id },
  });
  noteIssue(run, driveItself(run), 'degraded', failure);
}

function noteShortcuts(run: DriveRun): void {
  const count = run.shortcuts.size;
  if (count === 0) return;
  const failure = new Failure('conflict', {
    code: 'drive.shortcuts-left-out',
    message: `${count} ${count === 1 ? 'shortcut leads' : 'shortcuts lead'} to folders of other drives, which are not part of this one.`,
    retry: 'never',
    hint: 'Protect the drives or sites that they lead to.',
    where: { count: String(count) },
  });
  noteIssue(run, driveItself(run), 'skipped', failure);
}

function noteTracking(run: DriveRun, code: string, message: string, cause: Failure): void {
  const { kind, where } = toFailure(cause);
  noteIssue(run, driveItself(run), 'degraded', new Failure(kind, { code, message, retry: 'later', where, cause }));
}

function driveItself(run: DriveRun): { id: string; folderId: string } {
  return { id: run.drive.rootId, folderId: '' };
}
