import { Failure, toFailure } from '@backhaul/domain';
import type { ItemChanges, ItemProperties } from '../item-source.ts';
import { forEachLimited, oneAfterTheOther } from '../limiter.ts';
import { noteContainer, reportProgress, type KindReading } from './backup-run.ts';
import type { Tracking } from './choose-tracking.ts';
import type { ContainerProgress } from './container-progress.ts';
import { Listing } from './listing.ts';
import { PageFailure } from './page-failure.ts';
import { pagesOf } from './pages.ts';
import { readItem } from './read-item.ts';
import { afterFailedReading, type AfterFailedReading } from './tracking-failure.ts';

/** What reading one container once has found besides what it stored. */
export interface ContainerReading {
  /**
   * It was listed from scratch, so what left it before it was read has not been reported. A plain list says so once: each
   * later one would say it again, and every run would make all closing rounds.
   */
  fromScratch: boolean;
  /** Something was reported gone that this point never had: it may be on its way to another folder. */
  strayRemovals: boolean;
}

/** How a walk is made. */
interface Start {
  by: 'changes' | 'list';
  /** Of `changes`; null lists from scratch. */
  cursor: string | null;
  transfer: Tracking['transfer'];
  /** Nothing of the container has been read in this run. */
  isFirst: boolean;
}

/**
 * Reads one container to its end: its changes since the cursor, or everything. Changed items are stored at once; removals
 * are reported to `reading.removals` when the walk is complete, never from a part of it. A container that cannot be read
 * keeps what it had, with its failure noted in `container.failure`.
 * @throws what concerns the whole object (rights, connection, throttling, stop), and change-tracking errors when the job
 * says that they fail the object.
 */
export async function readContainer(
  reading: KindReading,
  container: ContainerProgress,
  round: number,
): Promise<ContainerReading> {
  const { run } = reading;
  let start = startOf(container);
  for (let restarts = 0; ; restarts += 1) {
    try {
      const found = await walk(reading, container, start, round);
      container.failure = null;
      return found;
    } catch (error) {
      if (!(error instanceof PageFailure)) throw error;
      const { failure, pagesRead } = error;
      const next = afterFailedReading({
        kind: failure.kind,
        by: start.by,
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
        if (next === 'compare') {
          container.tracking = { ...container.tracking, method: 'comparison', cursor: null, keepsCursor: false };
          container.tracked = 'failed';
          start = { ...start, by: 'list' };
        }
        start = { ...start, cursor: null };
      }
    }
  }
}

function startOf({ tracking, read }: ContainerProgress): Start {
  const by = tracking.keepsCursor ? 'changes' : 'list';
  return read === null
    ? { by, cursor: tracking.cursor, transfer: tracking.transfer, isFirst: true }
    : { by, cursor: read.cursor, transfer: 'differences', isFirst: false };
}

async function walk(
  reading: KindReading,
  container: ContainerProgress,
  start: Start,
  round: number,
): Promise<ContainerReading> {
  const { run, of } = reading;
  const asOf = run.context.clock.now().toISOString();
  const listing = new Listing();
  const inOrder = oneAfterTheOther();
  const items = listedItems(reading, pagesOf(reading, container.id, start), listing);
  await forEachLimited(items, of.source.concurrency + 2, (properties) =>
    inOrder(properties.id, () =>
      readItem(reading, container, properties, transferOf(reading, properties, start, listing)),
    ),
  );
  const isWhole = start.cursor === null || listing.isWhole;
  const missing = isWhole ? await listing.missing(run.session.items(container.id)) : [];
  for (const id of missing) {
    reading.removals.reportMissing(container.id, id, round);
    container.unsettledFrom ??= { cursor: start.cursor };
  }
  const strayRemovals = await reportRemovals(reading, container, listing.gone, start.cursor, round);
  container.read = { cursor: listing.cursor, asOf };
  const fromScratch = start.cursor === null && (start.by === 'changes' || start.isFirst);
  return { fromScratch, strayRemovals };
}

async function* listedItems(
  { run }: KindReading,
  pages: AsyncIterable<ItemChanges<ItemProperties>>,
  listing: Listing,
): AsyncGenerator<ItemProperties> {
  for await (const page of pages) {
    listing.add(page);
    reportProgress(run, 'listing');
    yield* page.changed;
  }
}

/** Where no cursor told of changes that a change key hides, the item must be read to find them. */
function transferOf(
  { of }: KindReading,
  properties: ItemProperties,
  start: Start,
  listing: Listing,
): Tracking['transfer'] {
  if (listing.touched.has(properties.id)) return 'everything';
  const isUntold = start.isFirst && start.cursor === null && of.mayHideChanges(properties);
  return isUntold ? 'everything' : start.transfer;
}

/** Returns whether something was reported gone that is not stored here. */
async function reportRemovals(
  { run, removals }: KindReading,
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
    removals.report(container.id, id, round);
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
