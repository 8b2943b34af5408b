import { Failure, isFailure, toFailure } from '@backhaul/domain';
import { limiter, type Limiter } from './limiter.ts';
import type { WorkContext, WorkOutcome } from './work.ts';

/** Thrown at a safe point when somebody else needs the slot; the work keeps its progress and comes back later. */
export class YieldRequest extends Error {
  readonly reason: string;
  readonly notBeforeMs: number;

  constructor(reason: string, notBeforeMs: number) {
    super(reason);
    this.name = 'YieldRequest';
    this.reason = reason;
    this.notBeforeMs = notBeforeMs;
  }
}

/** How long a throttled task stays away when Microsoft did not say. */
const DEFAULT_THROTTLE_MS = 30_000;

/**
 * The pace of one piece of work: every request passes here, at most `concurrency` at once, and none once the work is to
 * stop. So a stop takes effect at the next request, and what is under way ends in order.
 */
export class WorkPace {
  /** Calls to the source or target so far. */
  requests = 0;
  readonly #context: WorkContext;
  readonly #gate: Limiter;
  #stoppedBy: Error | null = null;

  constructor(context: WorkContext, concurrency: number) {
    this.#context = context;
    this.#gate = limiter(concurrency);
  }

  /** Makes one request when its turn has come. @throws what asks to stop: a Failure or a {@link YieldRequest}. */
  async ask<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#gate(async () => {
      this.stopIfAsked();
      this.#context.checkLease();
      this.requests += 1;
      return request(this.#context.signal);
    });
  }

  /** A safe point. @throws when the work is cancelled, has lost its lease, is to yield, or has failed elsewhere. */
  stopIfAsked(): void {
    this.stopIfAborted();
    if (this.#stoppedBy !== null) throw this.#stoppedBy;
    const reason = this.#context.shouldYield();
    if (reason !== null) throw this.stop(new YieldRequest(reason, 0));
  }

  /** @throws the reason when the work is cancelled or has lost its lease. */
  stopIfAborted(): void {
    if (this.#context.signal.aborted) throw this.#abortReason();
  }

  /** From now on no request is made; returns what the work is stopped by. The first reason stands. */
  stop(error: unknown): Error {
    this.#stoppedBy ??= stopReason(error);
    return this.#context.signal.aborted ? this.#abortReason() : this.#stoppedBy;
  }

  #abortReason(): Error {
    const reason: unknown = this.#context.signal.reason;
    if (reason instanceof Failure) return reason;
    return new Failure('cancelled', { code: 'work.cancelled', message: 'The work was stopped.', retry: 'later' });
  }
}

/** The outcome of work that stopped in order to come back. */
export function yielded(
  by: YieldRequest,
  rest: Pick<WorkOutcome & { type: 'yielded' }, 'counts' | 'issues'>,
): WorkOutcome {
  return { type: 'yielded', reason: by.reason, notBeforeMs: by.notBeforeMs, ...rest };
}

/** Throttling that outlasts the slot is a reason to yield; all else is what it is. */
function stopReason(error: unknown): Error {
  if (error instanceof YieldRequest) return error;
  const failure = toFailure(error);
  if (!isFailure(failure, 'throttled')) return failure;
  return new YieldRequest(failure.message, failure.retryAfterMs ?? DEFAULT_THROTTLE_MS);
}

/** Who no longer holds the lease writes nothing, and after a failure of our own storage or program nothing is trusted. */
export function mayKeepProgress(stoppedBy: Error): boolean {
  return !isFailure(
    stoppedBy,
    'lease-lost',
    'stale',
    'corrupt',
    'wrong-key',
    'unsupported-format',
    'no-space',
    'not-writable',
    'internal',
  );
}
