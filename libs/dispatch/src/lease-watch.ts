import type { Clock, Fence } from '@backhaul/domain';
import { silenceUntilLostMs } from './lease-time.ts';
import { hasBeenSilentLongEnough, keyNamesAnother } from './lost-attempt.ts';
import type { LeaseKey, LeaseStore, LeaseValue, LeaseWatchHandlers } from './ports.ts';

/** The Director writes a marker this often; it proves that the watch is alive. */
export const MARKER_INTERVAL_MS = 1_500;
/** Without a marker for this long the watch is opened again. */
export const MARKER_OVERDUE_MS = 6_000;
const REMEMBERED_MARKERS = 100;

export interface LeaseWatchOptions {
  leases: LeaseStore;
  clock: Clock;
  /** Lease time in milliseconds, the same as the Transporters'. */
  leaseTimeMs: number;
  /** Tells this process's markers from others'; unique per start. */
  directorId: string;
  /** Told of every write that comes by, own ones too: to mark a claim of a fence that does not run, to requeue a released one. */
  onWrite?: (key: LeaseKey, value: LeaseValue, revision: number) => void;
  /** Told when there was a gap, after which every running attempt counts as seen now. */
  onRebuilt?: () => void;
}

/** What a dispatching Director knows of the leases. */
export interface LeaseWatch {
  /** Watches until `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when a marker written since the start has come by: everything older has been seen, and grants may begin. */
  readonly ready: Promise<void>;
  /** The revision last seen in a slot's key; 0 when none was. Good enough to try a write with: it is refused when it is old. */
  knownRevision(key: LeaseKey): number;
  /** The value last seen in a slot's key. */
  lastSeen(key: LeaseKey): { value: LeaseValue; revision: number } | null;
  /**
   * True only when the attempt's holder cannot be at work any more. What cannot be read is not lost.
   * @param attempt of a fence that runs, with the slot it was granted.
   */
  isLost(attempt: { fence: Fence; key: LeaseKey }): Promise<boolean>;
}

/** A watch that begins with {@link LeaseWatch.run}; until then, and after a gap, every attempt counts as seen just now. */
export function leaseWatch(options: LeaseWatchOptions): LeaseWatch {
  const { leases, clock, leaseTimeMs, directorId } = options;
  const keys = new Map<string, { value: LeaseValue; revision: number }>();
  const seenMs = new Map<Fence, number>();
  const proof = watchProof(directorId, clock);
  let allSeenMs = clock.monotonicMs();
  const ready = Promise.withResolvers<void>();

  const forgetGap = () => {
    allSeenMs = clock.monotonicMs();
    keys.clear();
    options.onRebuilt?.();
  };

  const handlers: LeaseWatchHandlers = {
    onWrite(key, value, revision) {
      keys.set(nameOf(key), { value, revision });
      if (value.state === 'reserved' || value.state === 'claimed') seenMs.set(value.fence, clock.monotonicMs());
      options.onWrite?.(key, value, revision);
    },
    onMarker(marker) {
      if (proof.cameBy(marker)) ready.resolve();
    },
    onRebuilt: forgetGap,
  };

  const writeMarkers = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      // A marker that could not be written does not come by, and that is what counts.
      void leases.writeMarker(proof.nextMarker()).catch(() => undefined);
      forgetOldFences(seenMs, clock.monotonicMs(), leaseTimeMs);
      await clock.sleep(MARKER_INTERVAL_MS, signal).catch(() => undefined);
    }
  };

  const watchWhileMarkersCome = async (signal: AbortSignal) => {
    const overdue = new AbortController();
    const openedMs = clock.monotonicMs();
    const isAlive = () => clock.monotonicMs() - Math.max(openedMs, proof.completeUntilMs()) <= MARKER_OVERDUE_MS;
    const watching = leases.watch(handlers, AbortSignal.any([signal, overdue.signal]));
    while (!signal.aborted && isAlive()) await clock.sleep(MARKER_INTERVAL_MS, signal).catch(() => undefined);
    overdue.abort();
    await watching;
  };

  return {
    ready: ready.promise,
    async run(signal) {
      allSeenMs = clock.monotonicMs();
      const markers = writeMarkers(signal);
      while (!signal.aborted) {
        await watchWhileMarkersCome(signal);
        if (!signal.aborted) forgetGap();
      }
      await markers;
    },
    knownRevision: (key) => keys.get(nameOf(key))?.revision ?? 0,
    lastSeen: (key) => keys.get(nameOf(key)) ?? null,
    async isLost({ fence, key }) {
      const lastSeenMs = Math.max(seenMs.get(fence) ?? 0, allSeenMs);
      // Silence counts only as far as the watch is known to be complete: this process may itself have been frozen.
      if (!hasBeenSilentLongEnough(lastSeenMs, proof.completeUntilMs(), leaseTimeMs)) return false;
      try {
        const found = await leases.read(key);
        return keyNamesAnother(found?.value ?? null, fence);
      } catch {
        return false;
      }
    },
  };
}

/** Up to when a watch is known to have shown everything: when the newest marker that came by was sent. */
function watchProof(directorId: string, clock: Clock) {
  const sentMs = new Map<string, number>();
  let count = 0;
  let completeUntilMs = 0;
  return {
    nextMarker(): string {
      count += 1;
      const marker = `${directorId}#${count}`;
      sentMs.set(marker, clock.monotonicMs());
      sentMs.delete(`${directorId}#${count - REMEMBERED_MARKERS}`);
      return marker;
    },
    /** True when it is one of ours. */
    cameBy(marker: string): boolean {
      const sent = sentMs.get(marker);
      if (sent !== undefined) completeUntilMs = Math.max(completeUntilMs, sent);
      return sent !== undefined;
    },
    completeUntilMs: () => completeUntilMs,
  };
}

function nameOf({ laneId, slot }: LeaseKey): string {
  return `${laneId}.${slot}`;
}

/** A fence that was silent for so long is judged by `allSeenMs` alone, with the same outcome. */
function forgetOldFences(seenMs: Map<Fence, number>, nowMs: number, leaseTimeMs: number): void {
  for (const [fence, lastMs] of seenMs) {
    if (nowMs - lastMs > 2 * silenceUntilLostMs(leaseTimeMs)) seenMs.delete(fence);
  }
}
