import { Failure, isFailure, toFailure } from '@backhaul/domain';
import { forEachLimited, oneAfterTheOther } from '../limiter.ts';
import type { MessageChanges, MessageProperties } from '../mail-source.ts';
import { noteContainer, reportProgress, type BackupRun } from './backup-run.ts';
import type { ContainerProgress } from './container-progress.ts';
import { readMessage } from './read-message.ts';
import { afterFailedReading, type AfterFailedReading } from './tracking-failure.ts';

/** What reading one container once has found besides what it stored. */
export interface Reading {
  /** It was listed from scratch, so what left it before it was read has not been reported. */
  fromScratch: boolean;
  /** Something was reported gone that this point never had: it may be on its way to another folder. */
  strayRemovals: boolean;
}

/** Where a walk starts, and whether unchanged items are transferred. */
interface Start {
  cursor: string | null;
  transfer: 'differences' | 'everything';
}

/**
 * Reads one container to its end: its changes since the cursor, or everything. Changed messages are stored at once;
 * removals are reported to `run.removals` when the walk is complete, never from a part of it. A container that cannot be
 * read keeps what it had, with its failure noted in `container.failure`.
 * @throws what concerns the whole object (rights, connection, throttling, stop), and change-tracking errors when the job
 * says that they fail the object.
 */
export async function readContainer(run: BackupRun, container: ContainerProgress, round: number): Promise<Reading> {
  let start: Start =
    container.read === null
      ? { cursor: container.tracking.cursor, transfer: container.tracking.transfer }
      : { cursor: container.read.cursor, transfer: 'differences' };
  for (let restarts = 0; ; restarts += 1) {
    try {
      const reading = await walk(run, container, start, round);
      container.failure = null;
      return reading;
    } catch (error) {
      if (!(error instanceof PageFailure)) throw error;
      const { failure, pagesRead } = error;
      const next = afterFailedReading({
        kind: failure.kind,
        pagesRead,
        hadCursor: start.cursor !== null,
        restarts,
        onError: run.work.changeTracking.onError,
      });
      if (next === 'fail-object') throw objectFailure(container, failure);
      if (next === 'give-up-container') {
        container.failure = failure;
        return { fromScratch: false, strayRemovals: false };
      }
      if (next !== 'restart') {
        noteContainer(run, container, trackingWarning(container, failure, next), 'degraded');
        if (next === 'compare') container.tracking = { ...container.tracking, method: 'comparison' };
        start = { ...start, cursor: null };
      }
    }
  }
}

async function walk(run: BackupRun, container: ContainerProgress, start: Start, round: number): Promise<Reading> {
  const asOf = run.context.clock.now().toISOString();
  const listing = new Listing();
  const inOrder = oneAfterTheOther();
  await forEachLimited(listedMessages(run, container, start, listing), run.source.concurrency + 2, (properties) =>
    inOrder(properties.id, () => readMessage(run, container, properties, start.transfer)),
  );
  if (start.cursor === null) await listing.compareWith(run.session.items(container.id));
  const strayRemovals = await reportRemovals(run, container, listing.gone, start.cursor, round);
  container.read = { cursor: listing.cursor, asOf };
  return { fromScratch: start.cursor === null, strayRemovals };
}

async function* listedMessages(
  run: BackupRun,
  container: ContainerProgress,
  start: Start,
  listing: Listing,
): AsyncGenerator<MessageProperties> {
  for await (const page of pages(run, container, start.cursor)) {
    listing.add(page);
    reportProgress(run, 'listing');
    yield* page.changed;
  }
}

/** The pages of a container; a failure to get one says how many there were. */
async function* pages(
  run: BackupRun,
  container: ContainerProgress,
  cursor: string | null,
): AsyncGenerator<MessageChanges> {
  const iterator = run.source.changes(container.id, cursor, run.context.signal)[Symbol.asyncIterator]();
  try {
    for (let pagesRead = 0; ; pagesRead += 1) {
      const next = await run.pace
        .ask(() => iterator.next())
        .catch((error: unknown): never => {
          throw isFailure(error) && !isFailure(error, 'throttled') ? new PageFailure(error, pagesRead) : error;
        });
      if (next.done === true) throw new PageFailure(endedWithoutCursor(), 0);
      yield next.value;
      // Only the last page has a cursor, so there is nothing more to ask for.
      if (next.value.cursor !== undefined) return;
    }
  } finally {
    await iterator.return?.();
  }
}

function endedWithoutCursor(): Failure {
  const message = 'The list of changes ended without a cursor.';
  return new Failure('unavailable', { code: 'change-tracking.no-cursor', message, retry: 'later' });
}

/** A page that could not be had; not to be mixed up with a message that could not be stored. */
class PageFailure extends Error {
  readonly failure: Failure;
  readonly pagesRead: number;

  constructor(failure: Failure, pagesRead: number) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.pagesRead = pagesRead;
  }
}

/** What a walk has listed; of an id that comes more than once the last mention counts. */
class Listing {
  cursor: string | null = null;
  readonly gone = new Set<string>();
  readonly #present = new Set<string>();

  add(page: MessageChanges): void {
    for (const { id } of page.changed) {
      this.#present.add(id);
      this.gone.delete(id);
    }
    for (const id of page.removed) {
      this.#present.delete(id);
      this.gone.add(id);
    }
    this.cursor = page.cursor ?? this.cursor;
  }

  /** After a listing from scratch: what is stored and was not listed is gone. */
  async compareWith(stored: AsyncIterable<{ id: string }>): Promise<void> {
    for await (const { id } of stored) if (!this.#present.has(id)) this.gone.add(id);
  }
}

/** Returns whether something was reported gone that is not stored here. */
async function reportRemovals(
  run: BackupRun,
  container: ContainerProgress,
  gone: Iterable<string>,
  readFrom: string | null,
  round: number,
): Promise<boolean> {
  let strays = false;
  for (const id of gone) {
    if ((await run.session.get({ containerId: container.id, id })) === null) {
      strays = true;
      continue;
    }
    run.removals.report(container.id, id, round);
    container.unsettledFrom ??= { cursor: readFrom };
  }
  return strays;
}

function objectFailure(container: ContainerProgress, failure: Failure): Failure {
  return new Failure(failure.kind, {
    code: failure.code,
    message: failure.message,
    retry: failure.retry,
    where: { ...failure.where, containerId: container.id, folder: container.path.join('/') },
    cause: failure,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
}

function trackingWarning(
  container: ContainerProgress,
  failure: Failure,
  next: Exclude<AfterFailedReading, 'restart' | 'fail-object' | 'give-up-container'>,
): Failure {
  const folder = container.path.join('/');
  const [code, message] =
    next === 're-baseline'
      ? ['change-tracking.re-baselined', `Microsoft no longer knew the last state of "${folder}"; it was listed anew.`]
      : ['change-tracking.compared', `Change tracking failed for "${folder}"; it was listed and compared instead.`];
  return new Failure(toFailure(failure).kind, { code, message, retry: 'later', where: failure.where, cause: failure });
}
