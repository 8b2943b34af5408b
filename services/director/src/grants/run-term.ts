import { leaseWatch, type DirectorDispatch } from '@backhaul/dispatch';
import type { Clock, TaskProgress, TaskResult } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import type { CoreCounters, CoreLogger } from '../core/director-core.ts';
import { Batcher } from '../database/batcher.ts';
import { listenForChanges, type ChangeHandlers } from '../database/listen-for-changes.ts';
import type { Epoch } from '../leadership/leader.store.ts';
import { storeProgress, type ReportedProgress } from '../progress/store-progress.ts';
import { ResultAcceptance } from '../results/accept-results.ts';
import { settleAttempts } from '../results/settle-attempts.ts';
import { notePresence } from '../transporters/presence.store.ts';
import { AttemptBook } from './attempt-book.ts';
import { Dispatcher } from './dispatcher.ts';
import { endLost } from './end-lost.ts';
import { raiseFences } from './grant.store.ts';
import { heedLease } from './heed-lease.ts';
import { Loops } from './loops.ts';
import { Scheduling } from './scheduling.ts';
import { cancelAttempts, takeLeases, yieldToRestores } from './stop-attempts.ts';
import { takeBackUnclaimed } from './take-back-unclaimed.ts';
import type { Term } from './term.ts';

export interface TermOptions {
  database: DataSource;
  dispatch: DirectorDispatch;
  clock: Clock;
  logger: CoreLogger;
  counters: CoreCounters;
  directorId: string;
  leaseTimeMs: number;
  ageingMs: number;
  /** Told of the dispatcher once it grants. */
  onReady(dispatcher: Dispatcher): void;
}

const PROGRESS_BATCH = 256;
const DRAINED_POLL_MS = 100;

/** How often the dispatcher looks around, in milliseconds; what changes is also announced, where that is possible. */
const EVERY = { unclaimed: 1_000, lost: 1_000, cancel: 2_000, yield: 2_000, revoked: 2_000, loads: 3_000, news: 3_000 };

/**
 * One term as the dispatcher, in the order that keeps the limits: accept the results that wait; then watch the leases until
 * everything older than this term has been seen; then take over what runs, as if it had been seen just now; only then
 * grant. Ends when `signal` is aborted; throws when another Director has taken over.
 */
export async function runTerm(options: TermOptions, epoch: Epoch, signal: AbortSignal): Promise<void> {
  const loops = new Loops(options.clock, options.logger);
  const work = dispatchUntilEnd(options, epoch, loops);
  try {
    await Promise.race([work, aborted(signal)]);
  } finally {
    await loops.end();
    await work.catch(() => undefined);
  }
}

async function dispatchUntilEnd(options: TermOptions, epoch: Epoch, loops: Loops): Promise<void> {
  const { term, dispatcher, begin, highestFence } = takeOffice(options, epoch, loops);
  await acceptWaitingResults(options, dispatcher, loops);
  loops.keep('watching leases', () => term.watch.run(loops.signal));
  await Promise.race([term.watch.ready, aborted(loops.signal)]);
  if (loops.signal.aborted) return;
  await raiseFences(options.database, highestFence());
  await dispatcher.load();
  begin();
  followMessages(options, dispatcher, loops);
  lookAround(term, dispatcher, loops);
  options.onReady(dispatcher);
  await dispatcher.run(loops.signal);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The parts of the term, tied together. Leases are heeded from `begin` on; before, only remembered by the watch. */
function takeOffice(options: TermOptions, epoch: Epoch, loops: Loops) {
  const { database, dispatch, clock, logger, counters, leaseTimeMs, directorId } = options;
  let highestFence = 0;
  let hasBegun = false;
  const watch = leaseWatch({
    leases: dispatch.leases,
    clock,
    leaseTimeMs,
    directorId: `${directorId}-${epoch}`,
    onWrite: (key, value, revision) => {
      highestFence = Math.max(highestFence, value.fence);
      if (hasBegun) void loops.guard('heeding a lease', () => heedLease(term, key, value, revision));
    },
    onRebuilt: () => dispatcher.fleet.inboxesLost(),
  });
  const term: Term = {
    ...{ database, dispatch, clock, logger, counters, leaseTimeMs, watch },
    book: new AttemptBook(),
    end: async (endings) => {
      for (const settlement of await settleAttempts(database, endings)) dispatcher.settled(settlement);
    },
  };
  const dispatcher = new Dispatcher(term, epoch, new Scheduling(clock, options.ageingMs));
  const begin = () => {
    hasBegun = true;
  };
  return { term, dispatcher, begin, highestFence: () => highestFence };
}

/** Accepts results from now on; resolves when none waits any more. A frozen old leader may hold some for a while. */
async function acceptWaitingResults(options: TermOptions, dispatcher: Dispatcher, loops: Loops): Promise<void> {
  const { database, dispatch, clock, counters, logger } = options;
  const acceptance = new ResultAcceptance(database);
  const accept = async (result: TaskResult, senderId: string) => {
    const settlement = await acceptance.accept(result, senderId);
    counters[settlement.verdict] += 1;
    dispatcher.settled(settlement);
    if (settlement.verdict === 'stale') {
      logger.info({ taskId: result.taskId, fence: result.fence, senderId }, 'a stale result changed nothing');
    }
  };
  loops.keep('accepting results', () => dispatch.results.consume(accept, loops.signal));
  while (!loops.signal.aborted) {
    const isDrained = await dispatch.results.isDrained().catch((error: unknown) => {
      logger.warn({ error: String(error) }, 'cannot see whether results wait');
      return false;
    });
    if (isDrained) return;
    await clock.sleep(DRAINED_POLL_MS, loops.signal).catch(() => undefined);
  }
}

function followMessages(options: TermOptions, dispatcher: Dispatcher, loops: Loops): void {
  const { database, dispatch, clock } = options;
  const progress = new Batcher(async (reports: ReportedProgress[]) => {
    await storeProgress(database, reports);
    return reports.map(() => undefined);
  }, PROGRESS_BATCH);
  const keep = (report: TaskProgress, senderId: string) => progress.add({ progress: report, senderId });
  const changes: ChangeHandlers = {
    onChange: (change) => {
      void loops.guard('looking at a change', () => dispatcher.heed(change));
    },
    onGap: () => dispatcher.doubt(),
  };
  loops.keep('hearing wants', () => dispatch.wants.subscribe((want) => dispatcher.hear(want), loops.signal));
  loops.keep('storing progress', () => dispatch.progress.consume(keep, loops.signal));
  loops.keep('hearing changes', () => listenForChanges(database, changes, clock, loops.signal));
}

function lookAround(term: Term, dispatcher: Dispatcher, loops: Loops): void {
  const { fleet } = dispatcher;
  const isRevoked = (transporterId: string) => fleet.isRevoked(transporterId);
  loops.every(EVERY.unclaimed, 'taking back offers', async () => {
    for (const { transporterId } of await takeBackUnclaimed(term)) fleet.setAside(transporterId);
  });
  loops.every(EVERY.lost, 'finding lost attempts', () => endLost(term));
  loops.every(EVERY.cancel, 'cancelling', () => cancelAttempts(term));
  loops.every(EVERY.yield, 'giving way to restores', () => yieldToRestores(term));
  loops.every(EVERY.revoked, 'taking leases', () => takeLeases(term, isRevoked));
  loops.every(EVERY.loads, 'checking the backlog', () => dispatcher.checkLoads());
  loops.every(EVERY.news, 'noting who is there', () => notePresence(term.database, fleet.takeNews()));
}
