import { randomBytes } from 'node:crypto';
import {
  claimLease,
  claimOf,
  holdLease,
  leaseKeyOf,
  type HeldLease,
  type Offer,
  type TransporterDispatch,
} from '@backhaul/dispatch';
import { noCounts, type Clock, type TaskResult } from '@backhaul/domain';

/** An attempt that a fake Transporter holds; it does no work, the test says how it ends. */
export interface HeldAttempt {
  offer: Offer;
  lease: HeldLease;
}

export interface FakeTransporterOptions {
  transporterId: string;
  slots: number;
  clock: Clock;
  leaseTimeMs: number;
  /** The port of one process start. */
  connect: (boot: string) => TransporterDispatch;
}

const WANT_EVERY_MS = 2_000;
const NEVER = new AbortController().signal;

/** One process start of a Transporter that keeps to the protocol: wants, claims, may-I-start, renewals. */
export class FakeTransporter {
  readonly transporterId: string;
  readonly boot = randomBytes(4).toString('hex');
  /** What it holds, in the order of the claims. */
  readonly held: HeldAttempt[] = [];
  /** What the Director told it. */
  readonly heard: string[] = [];
  readonly #options: FakeTransporterOptions;
  readonly #dispatch: TransporterDispatch;
  readonly #alive = new AbortController();

  constructor(options: FakeTransporterOptions) {
    this.#options = options;
    this.transporterId = options.transporterId;
    this.#dispatch = options.connect(this.boot);
    void this.#keepWanting();
    void this.#keepTaking();
    void this.#dispatch.control.subscribe((control) => this.heard.push(control.type), this.#alive.signal);
  }

  /** Fences of what it holds. */
  get fences(): number[] {
    return this.held.map(({ offer }) => offer.fence);
  }

  /** Reports the end of an attempt and lets its lease go. */
  async report(attempt: HeldAttempt, changes: Partial<TaskResult> = {}): Promise<void> {
    await this.#dispatch.results.send(resultOf(attempt.offer, changes), NEVER);
    attempt.lease.end();
    this.#forget(attempt);
  }

  /** Dies: no want, no renewal, no word. */
  vanish(): void {
    this.#alive.abort();
    for (const { lease } of this.held) lease.end();
  }

  async #keepWanting(): Promise<void> {
    const { transporterId, slots, clock } = this.#options;
    while (!this.#alive.signal.aborted) {
      this.#dispatch.wants.send({
        transporterId,
        boot: this.boot,
        slots,
        freeSlots: Math.max(0, slots - this.held.length),
        repositories: 'any',
        draining: false,
        version: '0.1.0',
        running: this.held.map(({ offer }) => ({ taskId: offer.spec.taskId, fence: offer.fence })),
      });
      await clock.sleep(WANT_EVERY_MS, this.#alive.signal).catch(() => undefined);
    }
  }

  async #keepTaking(): Promise<void> {
    while (!this.#alive.signal.aborted) {
      const received = await this.#dispatch.offers.next(60_000, this.#alive.signal).catch(() => null);
      if (received !== null) void this.#begin(received.offer, received.receivedAtMs).catch(() => undefined);
    }
  }

  async #begin(offer: Offer, receivedAtMs: number): Promise<void> {
    const { clock, leaseTimeMs } = this.#options;
    const { leases } = this.#dispatch;
    const claim = await claimLease(offer, receivedAtMs, { leases, clock, signal: this.#alive.signal });
    if (claim.outcome !== 'claimed') return;
    const { revision, sentAtMs } = claim;
    const key = leaseKeyOf(offer);
    const lease = holdLease({ leases, key, value: claimOf(offer), revision, sentAtMs, leaseTimeMs, clock });
    const question = { taskId: offer.spec.taskId, fence: offer.fence, boot: this.boot, tokenRefused: false };
    const answer = await this.#dispatch.lending.ask(question, lease.signal);
    if (!answer.granted) return lease.end();
    const attempt = { offer, lease };
    this.held.push(attempt);
    lease.signal.addEventListener('abort', () => this.#forget(attempt));
  }

  #forget(attempt: HeldAttempt): void {
    const index = this.held.indexOf(attempt);
    if (index >= 0) this.held.splice(index, 1);
  }
}

/** A backup that went well, with its point; what went otherwise has none. */
function resultOf({ spec, fence }: Offer, changes: Partial<TaskResult>): TaskResult {
  const common = { taskId: spec.taskId, fence, counts: { ...noCounts(), itemsTotal: 10, itemsNew: 10 }, issues: [] };
  if (changes.outcome !== undefined) return { ...common, ...changes, outcome: changes.outcome };
  return {
    ...common,
    outcome: 'succeeded',
    point: {
      jobId: spec.work.type === 'backup' ? spec.work.jobId : '',
      objectId: spec.object.id,
      sequence: 1,
      fence,
      status: 'complete',
      kinds: ['mail'],
      createdAt: '2026-01-01T00:00:00.000Z',
      itemCount: 10,
      bytesTotal: 1_000,
      bytesNew: 400,
    },
    ...changes,
  };
}
