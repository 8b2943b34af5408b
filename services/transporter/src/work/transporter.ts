import type { Clock } from '@backhaul/domain';
import type { Control, Offer, TransporterDispatch } from '@backhaul/dispatch';
import type { Logger } from '@backhaul/telemetry';
import { startAttempt, type AttemptTools, type RunningAttempt } from './attempt.ts';

export interface TransporterOptions extends AttemptTools {
  transporterId: string;
  /** Nonce of this process start. */
  boot: string;
  /** Tasks at the same time. */
  slots: number;
  version: string;
}

/** A working Transporter. */
export interface Transporter {
  /** How many attempts run now. */
  readonly running: number;
  /**
   * Takes no more offers and has every attempt give way at its next safe point; those that do not come to one are cut off
   * in the last fifth of `graceMs` and given back. Resolves when all have ended or `graceMs` have passed: what even then does
   * not end runs elsewhere once its lease has lapsed. Idempotent.
   */
  drain(graceMs: number): Promise<void>;
}

/** What it can take is told this often, and at every change. */
const WANT_EVERY_MS = 2_000;
/** How long one request for an offer waits at the server. */
const OFFER_WAIT_MS = 5_000;
/** After a trouble with NATS, before it is asked again. */
const RETRY_MS = 1_000;
/** The part of the time for a drain after which attempts are cut off; the rest is for reporting that. */
const TO_GIVE_WAY = 0.8;

/** Starts taking offers. An offer is only asked for while a slot is free: what is taken early has left the order. */
export function startTransporter(options: TransporterOptions): Transporter {
  const { dispatch, clock, logger, slots } = options;
  const attempts = new Map<string, RunningAttempt>();
  const draining = new AbortController();
  const ended = new AbortController();
  let freed: () => void = () => undefined;
  let drained: Promise<void> | null = null;

  function tellWant(): void {
    dispatch.wants.send({
      transporterId: options.transporterId,
      boot: options.boot,
      slots,
      freeSlots: draining.signal.aborted ? 0 : Math.max(0, slots - attempts.size),
      repositories: 'any',
      draining: draining.signal.aborted,
      version: options.version,
      running: [...attempts.values()].map(({ offer }) => ({ taskId: offer.spec.taskId, fence: offer.fence })),
    });
  }

  function begin(offer: Offer, receivedAtMs: number): void {
    const running = startAttempt(offer, receivedAtMs, options);
    const key = attemptKey(offer.spec.taskId, offer.fence);
    attempts.set(key, running);
    tellWant();
    void running.done.then(() => {
      attempts.delete(key);
      freed();
      tellWant();
    });
  }

  async function takeOffers(): Promise<void> {
    while (!draining.signal.aborted) {
      if (attempts.size >= slots) await new Promise<void>((resolve) => (freed = resolve));
      else await takeOffer(dispatch, clock, logger, draining.signal, begin);
    }
  }

  async function keepTelling(): Promise<void> {
    while (!ended.signal.aborted) {
      tellWant();
      await clock.sleep(WANT_EVERY_MS, ended.signal).catch(() => undefined);
    }
  }

  function obey(control: Control): void {
    if (control.type === 'drain') {
      for (const running of attempts.values()) running.giveWay('the Transporter is drained');
      return;
    }
    const running = attempts.get(attemptKey(control.taskId, control.fence));
    if (control.type === 'cancel') running?.cancel();
    else running?.giveWay(control.reason);
  }

  async function drain(graceMs: number): Promise<void> {
    draining.abort();
    freed();
    tellWant();
    for (const running of attempts.values()) running.giveWay('the Transporter stops');
    await allDoneWithin(graceMs * TO_GIVE_WAY);
    for (const running of attempts.values()) running.abandon();
    await allDoneWithin(graceMs * (1 - TO_GIVE_WAY));
    ended.abort();
  }

  async function allDoneWithin(ms: number): Promise<void> {
    const timer = new AbortController();
    const allDone = Promise.all([...attempts.values()].map((running) => running.done));
    await Promise.race([allDone, clock.sleep(ms, timer.signal).catch(() => undefined)]);
    timer.abort();
  }

  void takeOffers();
  void keepTelling();
  void dispatch.control.subscribe(obey, ended.signal).catch((error: unknown) => {
    logger.error({ err: error }, 'control messages are not received');
  });
  return {
    get running() {
      return attempts.size;
    },
    drain: (graceMs) => (drained ??= drain(graceMs)),
  };
}

async function takeOffer(
  dispatch: TransporterDispatch,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
  begin: (offer: Offer, receivedAtMs: number) => void,
): Promise<void> {
  try {
    const received = await dispatch.offers.next(OFFER_WAIT_MS, signal);
    // What came while the drain began is not claimed; the Director takes it back.
    if (received !== null && !signal.aborted) begin(received.offer, received.receivedAtMs);
  } catch (error) {
    if (signal.aborted) return;
    logger.warn({ err: error }, 'offers cannot be taken at the moment');
    await clock.sleep(RETRY_MS, signal).catch(() => undefined);
  }
}

function attemptKey(taskId: string, fence: number): string {
  return `${taskId}/${fence}`;
}
