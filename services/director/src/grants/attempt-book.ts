/** An attempt that runs, as the dispatcher follows it. */
export interface RunningAttempt {
  taskId: string;
  laneId: string;
  exclusiveKey: string;
  repositoryId: string;
  losses: number;
  fence: number;
  slot: number;
  transporterId: string;
  boot: string;
  cancelRequested: boolean;
  /** Since when (monotonic) this Director knows of it; nothing is decided about it from what was seen before. */
  knownSinceMs: number;
  /**
   * `unsent`: granted, nothing offered yet; `open`: offered since `sinceMs` (monotonic) against `revision`, not claimed;
   * `taken`: claimed, or inherited from an earlier leader, so that only the rule of lost attempts applies.
   */
  offer: { state: 'unsent' } | { state: 'open'; sinceMs: number; revision: number } | { state: 'taken' };
  /** `met` once the holder renewed after the mark. */
  cancelMark: 'none' | 'placed' | 'met';
}

/** All running attempts by fence. */
export class AttemptBook {
  readonly #byFence = new Map<number, RunningAttempt>();

  add(attempt: RunningAttempt): void {
    this.#byFence.set(attempt.fence, attempt);
  }

  get(fence: number): RunningAttempt | undefined {
    return this.#byFence.get(fence);
  }

  has(fence: number): boolean {
    return this.#byFence.has(fence);
  }

  remove(fence: number): RunningAttempt | undefined {
    const attempt = this.#byFence.get(fence);
    this.#byFence.delete(fence);
    return attempt;
  }

  all(): RunningAttempt[] {
    return [...this.#byFence.values()];
  }

  inLane(laneId: string): RunningAttempt[] {
    return this.all().filter((attempt) => attempt.laneId === laneId);
  }
}
