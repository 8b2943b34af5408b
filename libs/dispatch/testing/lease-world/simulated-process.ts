import { Failure, type Clock } from '@backhaul/domain';
import type { LeaseKeys, LeaseStore } from '../../src/index.ts';
import type { Chance } from './chance.ts';

/** A process that can be frozen, woken and killed, and whose messages take a while or get lost. */
export interface SimulatedProcess {
  /** Time as this process lives it: it goes on while it is frozen, but nothing of it runs. */
  clock: Clock;
  /** Resolves as soon as the process runs; never when it is dead. */
  running(): Promise<void>;
  /** Sends a question and brings back the answer, with everything that may happen on the way. */
  askOver<T>(answer: () => Promise<T>): Promise<T>;
  freeze(): void;
  wake(): void;
  kill(): void;
  readonly isFrozen: boolean;
  readonly isDead: boolean;
}

export function simulatedProcess(world: { clock: Clock; chance: Chance }): SimulatedProcess {
  const { clock, chance } = world;
  let frozen: PromiseWithResolvers<void> | null = null;
  let isDead = false;

  const running = async (): Promise<void> => {
    while (frozen !== null) await frozen.promise;
    if (isDead) await new Promise<never>(() => undefined);
  };
  const travel = () => clock.sleep(chance.happens(0.03) ? chance.between(1_000, 9_000) : chance.between(0, 20));

  return {
    clock: {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      async sleep(ms, signal) {
        await clock.sleep(ms, signal);
        await running();
      },
    },
    running,
    async askOver(answer) {
      // Frozen here: between the decision to send and the sending.
      await running();
      await travel();
      if (chance.happens(0.01)) throw noAnswer();
      const given = await answer();
      await travel();
      await running();
      if (chance.happens(0.01)) throw noAnswer();
      return given;
    },
    freeze() {
      if (!isDead) frozen ??= Promise.withResolvers<void>();
    },
    wake() {
      frozen?.resolve();
      frozen = null;
    },
    kill() {
      isDead = true;
      this.wake();
    },
    get isFrozen() {
      return frozen !== null;
    },
    get isDead() {
      return isDead;
    },
  };
}

/** The keys as a process reaches them. */
export function leaseKeysOf(process: SimulatedProcess, store: LeaseKeys): LeaseKeys {
  return {
    write: (key, value, expectedRevision) => process.askOver(() => store.write(key, value, expectedRevision)),
    read: (key) => process.askOver(() => store.read(key)),
  };
}

/** The store as a Director's process reaches it: what comes by while it is frozen waits in its socket. */
export function leaseStoreOf(process: SimulatedProcess, store: LeaseStore): LeaseStore {
  let delivered = Promise.resolve();
  const deliver = (news: () => void) => {
    delivered = delivered.then(() => process.running()).then(news);
  };
  return {
    ...leaseKeysOf(process, store),
    writeMarker: (marker) => process.askOver(() => store.writeMarker(marker)),
    watch: (handlers, signal) =>
      store.watch(
        {
          onWrite: (...news) => deliver(() => handlers.onWrite(...news)),
          onMarker: (marker) => deliver(() => handlers.onMarker(marker)),
          onRebuilt: () => deliver(() => handlers.onRebuilt()),
        },
        signal,
      ),
  };
}

function noAnswer(): Failure {
  return new Failure('timed-out', { code: 'dispatch.no-answer', message: 'No answer.', retry: 'now' });
}
