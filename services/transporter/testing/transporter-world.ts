import { randomBytes } from 'node:crypto';
import {
  createSealingKeys,
  memoryDispatch,
  reserveSlot,
  type Control,
  type LoanAnswer,
  type LoanRequest,
  type MemoryDispatch,
  type Offer,
  type Want,
} from '@backhaul/dispatch';
import { loan, offer as offerBuilder, taskSpec } from '@backhaul/dispatch/testing';
import type { TaskProgress, TaskResult } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import type { WorkContext, WorkOutcome } from '@backhaul/engine';
import { createLogger } from '@backhaul/telemetry';
import type { LoanKeeper } from '../src/work/loan-keeper.ts';
import { startTransporter, type Transporter } from '../src/work/transporter.ts';
import type { Workbench } from '../src/work/workbench.ts';

/** Lease time of the world, in milliseconds. */
export const LEASE_TIME_MS = 30_000;

const STEP_MS = 100;
const TRANSPORTER = 'north';

/** A piece of work on the fake workbench, which ends as the test says. */
export interface Job {
  offer: Offer;
  loan: LoanKeeper;
  context: WorkContext;
  end(outcome: WorkOutcome): void;
  fail(error: unknown): void;
}

/** One Transporter on the dispatch in memory, and the Director's side as plain calls. Time stands still until moved. */
export class TransporterWorld {
  readonly clock = new FakeClock();
  readonly dispatch: MemoryDispatch = memoryDispatch({ clock: this.clock, leaseTimeMs: LEASE_TIME_MS });
  /** The work that was begun, in order. */
  readonly jobs: Job[] = [];
  readonly results: TaskResult[] = [];
  readonly progress: TaskProgress[] = [];
  readonly wants: Want[] = [];
  readonly asked: LoanRequest[] = [];
  /** How the Director answers a request for a loan. */
  answer: (request: LoanRequest) => Promise<LoanAnswer> = async () => ({ granted: true, loan: loan() });
  /** Whether the fake work stops when it is told to, as real work does; some tests want work that hangs. */
  stopsWhenTold = true;
  readonly #end = new AbortController();
  readonly #boot = randomBytes(4).toString('hex');
  #transporter: Transporter | null = null;

  /** Begins everything; the inbox of offers is there at once. */
  async start(slots: number): Promise<Transporter> {
    const { director } = this.dispatch;
    const { publicKey, privateKey } = await createSealingKeys();
    const { signal } = this.#end;
    void director.results.consume(async (result) => void this.results.push(result), signal);
    void director.progress.consume(async (progress) => void this.progress.push(progress), signal);
    void director.wants.subscribe((want) => this.wants.push(want), signal);
    void director.lending.serve(
      (request) => {
        this.asked.push(request);
        return this.answer(request);
      },
      async () => publicKey,
      signal,
    );
    await director.offers.ensureInbox(TRANSPORTER, this.#boot);
    this.#transporter = startTransporter({
      dispatch: this.dispatch.transporter(TRANSPORTER, this.#boot, privateKey),
      workbench: this.#workbench(),
      clock: this.clock,
      logger: createLogger({ service: 'transporter', level: 'silent' }),
      leaseTimeMs: LEASE_TIME_MS,
      transporterId: TRANSPORTER,
      boot: this.#boot,
      slots,
      version: '0.1.0',
    });
    return this.#transporter;
  }

  /** Reserves a slot and offers a task for it, as the Director does. */
  async offer(taskId: string, slot = 0): Promise<Offer> {
    const offer = this.offerOf(taskId, slot);
    const reserved = await reserveSlot({
      leases: this.dispatch.leases,
      key: { laneId: offer.spec.laneId, slot },
      reservation: { fence: offer.fence, taskId, transporterId: TRANSPORTER, boot: this.#boot },
      knownRevision: 0,
      isRunning: () => false,
    });
    if (!reserved.reserved) throw new Error('The slot was to be free.');
    await this.send({ ...offer, leaseRevision: reserved.revision });
    return { ...offer, leaseRevision: reserved.revision };
  }

  /** An offer to this Transporter of which nothing is reserved. */
  offerOf(taskId: string, slot = 0): Offer {
    return offerBuilder({ spec: taskSpec({ taskId }), slot, transporterId: TRANSPORTER, boot: this.#boot });
  }

  /** Sends an offer as it is. */
  send(offer: Offer): Promise<void> {
    return this.dispatch.director.offers.send(offer, 3);
  }

  control(control: Control): void {
    this.dispatch.director.control.send(TRANSPORTER, control);
  }

  /** The work on a task. */
  async job(taskId: string): Promise<Job> {
    const find = () => this.jobs.find(({ offer }) => offer.spec.taskId === taskId);
    await this.until(`work on ${taskId} has begun`, () => find() !== undefined);
    return find() as Job;
  }

  /** Moves time on until `holds`. @throws when it does not within `withinMs` of that time. */
  async until(what: string, holds: () => boolean, withinMs = 60_000): Promise<void> {
    const endMs = this.clock.monotonicMs() + withinMs;
    while (!holds()) {
      if (this.clock.monotonicMs() >= endMs) throw new Error(`Not within ${withinMs} ms: ${what}.`);
      await this.pass(STEP_MS);
    }
  }

  /** Moves time on; sealing and signatures take real turns of the loop. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    while (this.clock.monotonicMs() < endMs) {
      await this.clock.advance(Math.min(STEP_MS, endMs - this.clock.monotonicMs()));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async close(): Promise<void> {
    this.stopsWhenTold = true;
    for (const job of this.jobs) job.fail(new Error('The test is over.'));
    const drained = this.#transporter?.drain(1);
    await this.clock.advance(10_000);
    await drained;
    this.#end.abort();
  }

  #workbench(): Workbench {
    return {
      work: (offer, loanKeeper, context) =>
        new Promise((resolve, reject) => {
          context.signal.addEventListener('abort', () => {
            if (this.stopsWhenTold) reject(context.signal.reason as Error);
          });
          this.jobs.push({ offer, loan: loanKeeper, context, end: resolve, fail: reject });
        }),
      close: async () => undefined,
    };
  }
}
