import { Failure, type Clock } from '@backhaul/domain';
import { judgeKey } from './judge-key.ts';
import { holdingTimeMs, renewalIntervalMs } from './lease-time.ts';
import type { LeaseKey, LeaseKeys, LeaseValue } from './ports.ts';

export interface HoldOptions {
  leases: LeaseKeys;
  key: LeaseKey;
  /** What was claimed with, see `claimOf`. */
  value: LeaseValue;
  /** Revision of the claim. */
  revision: number;
  /** Monotonic time at which the claim was sent. */
  sentAtMs: number;
  /** Lease time in milliseconds, the same as the Director's. */
  leaseTimeMs: number;
  clock: Clock;
  /** Called once, when a cancel mark is met. */
  onCancelRequested?: () => void;
}

/** A lease that is renewed until it is ended or lost. */
export interface HeldLease {
  /** Aborted with a Failure `lease-lost`; cancels requests in flight. Not aborted by {@link HeldLease.end}. */
  readonly signal: AbortSignal;
  /**
   * To be called before every request to Microsoft and before a commit. It looks at the clock itself, so that a process that
   * was frozen finds out before it does anything.
   * @throws Failure `lease-lost`.
   */
  check(): void;
  /** Time left until {@link HeldLease.check} would throw; 0 when it does. */
  remainingMs(): number;
  /** True once the Director asked to stop at the next safe point. */
  readonly cancelRequested: boolean;
  /** Revision of the last own write. */
  readonly revision: number;
  /** Stops renewing. The key stays: the next reservation overwrites it, or it ages out. */
  end(): void;
}

/** Renews the lease from now on. */
export function holdLease(options: HoldOptions): HeldLease {
  const { leases, key, value, clock, leaseTimeMs } = options;
  const lost = new AbortController();
  const ended = new AbortController();
  const over = AbortSignal.any([lost.signal, ended.signal]);
  let revision = options.revision;
  let acknowledgedSendMs = options.sentAtMs;
  let cancelRequested = false;

  const lose = (why: string) => lost.abort(leaseLost(key, value, why));
  const remainingMs = () =>
    lost.signal.aborted ? 0 : Math.max(0, acknowledgedSendMs + holdingTimeMs(leaseTimeMs) - clock.monotonicMs());
  const looksAtDeadline = () => {
    if (remainingMs() === 0) lose('no renewal was acknowledged in time');
  };

  const renew = async (): Promise<'acknowledged' | 'adopted' | 'unclear'> => {
    const sentAtMs = clock.monotonicMs();
    const answer = await leases.write(key, value, revision);
    if (answer.written) {
      revision = answer.revision;
      acknowledgedSendMs = sentAtMs;
      return 'acknowledged';
    }
    return adoptOrLose(await leases.read(key));
  };

  const adoptOrLose = (found: { value: LeaseValue; revision: number } | null) => {
    const verdict = judgeKey(found?.value ?? null, value);
    if (verdict === 'lost' || found === null) {
      lose('another write stands in its key');
      return 'unclear';
    }
    // Only the revision is adopted: when that write was sent is not known, so the deadline waits for the next renewal.
    revision = found.revision;
    if (verdict === 'cancel' && !cancelRequested) {
      cancelRequested = true;
      options.onCancelRequested?.();
    }
    return 'adopted';
  };

  const keepRenewing = async () => {
    const pause = {
      acknowledged: renewalIntervalMs(leaseTimeMs),
      adopted: 0,
      unclear: renewalIntervalMs(leaseTimeMs) / 10,
    };
    let next = renewalIntervalMs(leaseTimeMs) - (clock.monotonicMs() - options.sentAtMs);
    while (!over.aborted) {
      await clock.sleep(Math.max(0, next), over).catch(() => undefined);
      if (over.aborted) break;
      next = pause[await renew().catch(() => 'unclear' as const)];
    }
  };

  const watchDeadline = async () => {
    while (!over.aborted) {
      await clock.sleep(Math.ceil(remainingMs()), over).catch(() => undefined);
      if (!over.aborted) looksAtDeadline();
    }
  };

  void keepRenewing();
  void watchDeadline();

  return {
    signal: lost.signal,
    check() {
      looksAtDeadline();
      lost.signal.throwIfAborted();
    },
    remainingMs,
    get cancelRequested() {
      return cancelRequested;
    },
    get revision() {
      return revision;
    },
    end: () => ended.abort(),
  };
}

function leaseLost(key: LeaseKey, { taskId, fence }: LeaseValue, why: string): Failure {
  return new Failure('lease-lost', {
    code: 'dispatch.lease-lost',
    message: `The lease of task ${taskId} is lost: ${why}.`,
    retry: 'never',
    where: { task: taskId, fence: String(fence), lane: key.laneId, slot: String(key.slot) },
  });
}
