import type { Clock } from '@backhaul/domain';

/** Something that this process needs. Resolves when it is there, rejects when it is not. */
export type Dependency = () => Promise<unknown>;

export interface DependencyState {
  name: string;
  up: boolean;
}

const TIMEOUT_MS = 1_000;
const KEPT_MS = 1_000;

/** Whether this process can do its work. Asked often, so an answer is kept for a second, and slow ones count as no. */
export class Readiness {
  readonly #clock: Clock;
  readonly #dependencies: ReadonlyMap<string, Dependency>;
  #last: { atMs: number; states: Promise<DependencyState[]> } | null = null;
  #stopping = false;

  constructor(clock: Clock, dependencies: Record<string, Dependency>) {
    this.#clock = clock;
    this.#dependencies = new Map(Object.entries(dependencies));
  }

  /** From now on not ready: the process is going down and wants no new callers. */
  stop(): void {
    this.#stopping = true;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** The state of each dependency, at most a second old. Never throws. */
  states(): Promise<DependencyState[]> {
    const now = this.#clock.monotonicMs();
    if (this.#last === null || now - this.#last.atMs > KEPT_MS) {
      const states = Promise.all([...this.#dependencies].map(([name, ask]) => this.#stateOf(name, ask)));
      this.#last = { atMs: now, states };
    }
    return this.#last.states;
  }

  async #stateOf(name: string, ask: Dependency): Promise<DependencyState> {
    const late = new AbortController();
    const up = await Promise.race([
      ask().then(
        () => true,
        () => false,
      ),
      this.#clock.sleep(TIMEOUT_MS, late.signal).then(
        () => false,
        () => false,
      ),
    ]);
    late.abort();
    return { name, up };
  }
}
