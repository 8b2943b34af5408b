import type { Want } from '@backhaul/dispatch';
import { isFailure } from '@backhaul/domain';
import type { Change } from '../database/announce.ts';
import { openLanes } from '../lanes/lane.store.ts';
import type { Epoch } from '../leadership/leader.store.ts';
import type { Settlement } from '../results/settle-attempts.ts';
import type { WaitingReason } from '../runs/run-views.ts';
import { Fleet } from '../transporters/fleet.ts';
import { enrolledTransporters } from '../transporters/presence.store.ts';
import type { RunningAttempt } from './attempt-book.ts';
import { laneLoads, laneOfRun, queuedTasks, runningAttempts, type AttemptOnRecord } from './backlog.store.ts';
import { Bell } from './bell.ts';
import { grantTasks, type Grant, type GrantAnswer } from './grant.store.ts';
import { offerGrant } from './offer-grant.ts';
import type { Scheduling, Choice } from './scheduling.ts';
import type { Term } from './term.ts';

/** Grants in one call at most: enough to fill many slots at once, few enough to keep its locks short. */
const BATCH = 50;

/** The loop looks around this often even when nobody rings. */
const IDLE_MS = 1_000;

/** After a grant was refused the lane is looked at anew, but not without pause. */
const RELOAD_PAUSE_MS = 1_000;

/**
 * The dispatcher's mind: keeps the scheduler in step with the database and turns its choices into grants and offers. One
 * loop does all reading and granting, so that nothing is decided on rows that a grant of our own has just changed.
 */
export class Dispatcher {
  readonly fleet: Fleet;
  readonly #term: Term;
  readonly #epoch: Epoch;
  readonly #scheduling: Scheduling;
  readonly #bell = new Bell();
  readonly #offering = new Set<Promise<void>>();
  /** Lanes to be read again; null stands for all of them. */
  #stale = new Set<string | null>([null]);
  #staleLater = new Map<string, number>();
  #enrolledIsStale = true;
  /** Lanes in which the database had more tasks open than were known here at the last look, and how many more. */
  #differences = new Map<string, number>();
  /** Fences that ended while rows were being read; what was read of them is out of date. */
  #endedMeanwhile = new Set<number>();

  constructor(term: Term, epoch: Epoch, scheduling: Scheduling) {
    this.#term = term;
    this.#epoch = epoch;
    this.#scheduling = scheduling;
    this.fleet = new Fleet({
      clock: term.clock,
      logger: term.logger,
      offers: term.dispatch.offers,
      isRunning: (fence) => term.book.has(fence),
      onAvailable: (transporter) => {
        scheduling.transporterAvailable(transporter);
        this.#bell.ring();
      },
      onUnavailable: (transporter) => scheduling.transporterGone(transporter),
    });
  }

  /** Reads everything; call it once before anything is granted. */
  async load(): Promise<void> {
    await this.#refresh();
  }

  /** Grants until `signal` is aborted. @throws Failure `stale` when another Director has taken over. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#refresh();
        await this.#grantWhatFits(signal);
      } catch (error) {
        if (isFailure(error, 'stale')) throw error;
        this.#term.logger.warn({ error: String(error) }, 'cannot grant; trying again');
        this.#stale.add(null);
        await this.#term.clock.sleep(IDLE_MS, signal).catch(() => undefined);
      }
      await this.#bell.wait(this.#term.clock, IDLE_MS, signal);
    }
    await Promise.all(this.#offering);
  }

  hear(want: Want): void {
    this.fleet.hear(want);
    this.#bell.ring();
  }

  /** What another part of the system, or another Director, says has changed. */
  async heed(change: Change): Promise<void> {
    if (change.type === 'lane') this.#stale.add(change.laneId);
    if (change.type === 'run') {
      const laneId = await laneOfRun(this.#term.database, change.runId);
      if (laneId !== null) this.#stale.add(laneId);
    }
    if (change.type === 'transporter') this.#enrolledIsStale = true;
    this.#bell.ring();
  }

  /** Something may have been missed: everything is read again. */
  doubt(): void {
    this.#stale.add(null);
    this.#enrolledIsStale = true;
    this.#bell.ring();
  }

  /** An attempt has ended; its slot is free and the task perhaps queued again. */
  settled(settlement: Settlement): void {
    if (settlement.verdict === 'stale') return;
    const { taskId, fence } = settlement;
    this.#endedMeanwhile.add(fence);
    const attempt = this.#term.book.remove(fence);
    if (attempt === undefined) return;
    this.#scheduling.ended(taskId);
    if (settlement.state === 'queued') {
      const { laneId, exclusiveKey, repositoryId } = attempt;
      const { notBeforeMs: pauseMs, losses } = settlement;
      this.#scheduling.queued({ taskId, laneId, exclusiveKey, repositoryId, waitedMs: 0, pauseMs, losses });
    }
    this.#bell.ring();
  }

  /**
   * Compares what the database has open with what is known here. A lane that differs by the same number twice in a row is
   * read again; at a single look tasks may just be under way.
   */
  async checkLoads(): Promise<void> {
    const { database } = this.#term;
    const loads = new Map((await laneLoads(database)).map(({ laneId, open }) => [laneId, open]));
    const differences = new Map<string, number>();
    for (const laneId of new Set([...loads.keys(), ...this.#scheduling.laneIds()])) {
      const difference = (loads.get(laneId) ?? 0) - this.#scheduling.openTasks(laneId);
      if (difference === 0) continue;
      differences.set(laneId, difference);
      if (this.#differences.get(laneId) === difference) this.#stale.add(laneId);
    }
    this.#differences = differences;
    // Limits and priorities are few; they are read each time, in case a message was lost.
    for (const lane of await openLanes(database)) this.#scheduling.laneChanged(lane);
    this.#bell.ring();
  }

  whyWaiting(taskId: string): WaitingReason | null {
    return this.#scheduling.explain(taskId);
  }

  async #refresh(): Promise<void> {
    this.fleet.refresh();
    if (this.#enrolledIsStale) {
      this.#enrolledIsStale = false;
      this.fleet.enrolled(await enrolledTransporters(this.#term.database));
    }
    const nowMs = this.#term.clock.monotonicMs();
    for (const [laneId, dueMs] of this.#staleLater) {
      if (dueMs > nowMs) continue;
      this.#staleLater.delete(laneId);
      this.#stale.add(laneId);
    }
    if (this.#stale.size === 0) return;
    const laneIds = this.#stale.has(null) ? null : [...this.#stale].filter((laneId) => laneId !== null);
    this.#stale = new Set();
    await this.#reload(laneIds);
  }

  /** Brings scheduler and book in step with the rows of some lanes, or of all. */
  async #reload(laneIds: string[] | null): Promise<void> {
    const { database, book } = this.#term;
    this.#endedMeanwhile = new Set();
    const asOf = this.#scheduling.now();
    const lanes = await openLanes(database, laneIds);
    const running = await runningAttempts(database, laneIds);
    const queued = await queuedTasks(database, laneIds);

    for (const lane of lanes) this.#scheduling.laneChanged(lane);
    for (const attempt of running) this.#meet(attempt);
    const onRecord = new Set(running.map(({ fence }) => fence));
    const known = laneIds === null ? book.all() : laneIds.flatMap((laneId) => book.inLane(laneId));
    for (const { fence, taskId } of known) {
      if (onRecord.has(fence)) continue;
      book.remove(fence);
      this.#scheduling.ended(taskId);
    }
    for (const task of queued) this.#scheduling.queued(task);
    this.#scheduling.forgetOthers(laneIds, new Set(queued.map(({ taskId }) => taskId)), asOf);
  }

  /** A running attempt from the database: known, inherited from an earlier leader, or ended while it was read. */
  #meet(attempt: AttemptOnRecord): void {
    const { book, watch, clock } = this.#term;
    if (this.#endedMeanwhile.has(attempt.fence)) return;
    const known = book.get(attempt.fence);
    if (known !== undefined) {
      known.cancelRequested = attempt.cancelRequested;
      return;
    }
    const seen = watch.lastSeen({ laneId: attempt.laneId, slot: attempt.slot });
    const isOpen = seen?.value.state === 'reserved' && seen.value.fence === attempt.fence;
    const offer: RunningAttempt['offer'] = isOpen
      ? { state: 'open', sinceMs: clock.monotonicMs(), revision: seen.revision }
      : { state: 'taken' };
    book.add({ ...attempt, offer, cancelMark: 'none', knownSinceMs: clock.monotonicMs() });
    this.#scheduling.running(attempt);
  }

  async #grantWhatFits(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const choices = this.#scheduling.choose(BATCH);
      if (choices.length === 0) return;
      const answers = await grantTasks(this.#term.database, this.#epoch, choices).catch((error: unknown) => {
        // The answer may have been lost after the commit; reading everything again tells.
        for (const { taskId } of choices) this.#scheduling.ended(taskId);
        throw error;
      });
      for (const answer of answers) this.#take(answer, choices);
    }
  }

  #take(answer: GrantAnswer, choices: Choice[]): void {
    const { taskId, laneId } = answer.wish;
    if (answer.granted !== null) {
      const choice = choices.find((one) => one.taskId === taskId);
      if (choice !== undefined) this.#offer(answer.granted, choice);
      return;
    }
    this.#term.logger.info({ taskId, refusal: answer.refusal }, 'a grant was refused; the lane is read again');
    this.#scheduling.ended(taskId);
    this.#staleLater.set(laneId, this.#term.clock.monotonicMs() + RELOAD_PAUSE_MS);
    if (answer.refusal === 'transporter-gone') this.#enrolledIsStale = true;
  }

  #offer(grant: Grant, { task, priority }: Choice): void {
    const { taskId, laneId, fence, slot, transporterId, boot } = grant;
    const { exclusiveKey, repositoryId, losses } = task;
    const attempt: RunningAttempt = {
      ...{ taskId, laneId, exclusiveKey, repositoryId, losses, fence, slot, transporterId, boot },
      cancelRequested: false,
      knownSinceMs: this.#term.clock.monotonicMs(),
      offer: { state: 'unsent' },
      cancelMark: 'none',
    };
    this.#term.counters.granted += 1;
    this.#term.book.add(attempt);
    const offering = offerGrant(this.#term, attempt, grant, priority)
      .catch((error: unknown) => {
        this.#term.logger.error({ taskId, fence, error: String(error) }, 'an offer failed; it is taken back later');
      })
      .finally(() => this.#offering.delete(offering));
    this.#offering.add(offering);
  }
}
