import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DispatchNames } from '../names.ts';
import { asFailure } from './failure.ts';
import { incarnationOf, judgeStore, type StoreMark, type StoreVerdict } from './store-mark.ts';
import {
  createLeaseStream,
  ensureTransportStreams,
  streamInfo,
  updateLeaseStream,
  type StreamSettings,
} from './streams.ts';

export interface StoreGuardOptions {
  names: DispatchNames;
  settings: StreamSettings;
  /** The next number of a database sequence; asked only when the store must be made. */
  nextIncarnation: () => Promise<number>;
  /** What an earlier process knew of the store, where that was kept. Default nothing. */
  known?: StoreMark | undefined;
  /** Told after the store was found lost, rolled back or renewed, and is in order again. */
  onReplaced?: ((verdict: Exclude<StoreVerdict, 'same'>, mark: StoreMark) => void) | undefined;
}

/** Knows the store of leases and notices when it is no longer the one that was known. */
export interface StoreGuard {
  /** Looks at the store and puts it in order. Calls at the same time share one look. @throws Failure. */
  check(): Promise<StoreVerdict>;
  /** Tells that a sequence was seen. True when it is lower than one seen before, so that a check is due. */
  saw(sequence: number): boolean;
  /** What is known now. */
  mark(): StoreMark;
  /** Calls `listener` whenever watches must be rebuilt: after a reconnect, and when the store was replaced. Returns the way to stop. */
  onGap(listener: () => void): () => void;
}

/** Puts all streams in order and begins to guard the leases; ends with the connection. @throws Failure. */
export async function guardStore(
  connection: NatsConnection,
  manager: JetStreamManager,
  options: StoreGuardOptions,
): Promise<StoreGuard> {
  const { names, settings } = options;
  const listeners = new Set<() => void>();
  let known = options.known ?? null;
  let looking: Promise<StoreVerdict> | null = null;

  const look = async (): Promise<StoreVerdict> => {
    // Taken before the question: while the answer travels, newer sequences are seen.
    const before = known;
    const found = await streamInfo(manager, names.streams.leases);
    const verdict = judgeStore(before, found && markOf(found));
    await ensureTransportStreams(manager, names, settings);
    if (found !== null && (verdict === 'same' || verdict === 'renewed')) {
      await updateLeaseStream(manager, names, settings, found);
      if (verdict === 'renewed' || before === null) known = markOf(found);
    } else {
      known = markOf(await remake(found !== null));
    }
    if (verdict !== 'same' && before !== null) announce(verdict);
    return verdict;
  };

  const announce = (verdict: Exclude<StoreVerdict, 'same'>) => {
    options.onReplaced?.(verdict, guard.mark());
    for (const listener of listeners) listener();
  };

  const remake = async (exists: boolean): Promise<StreamInfo> => {
    const name = names.streams.leases;
    if (exists) await asFailure(`Deleting the stream ${name}`, () => manager.streams.delete(name));
    return createLeaseStream(manager, names, settings, await options.nextIncarnation());
  };

  const guard: StoreGuard = {
    check() {
      looking ??= look().finally(() => {
        looking = null;
      });
      return looking;
    },
    saw(sequence) {
      if (known === null) return true;
      const fell = sequence < known.lastSequence;
      if (!fell) known = { ...known, lastSequence: sequence };
      return fell;
    },
    mark() {
      if (known === null) throw new Error('The store has not been looked at yet.');
      return known;
    },
    onGap(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  await guard.check();
  void followConnection(connection, guard, listeners);
  return guard;
}

async function followConnection(
  connection: NatsConnection,
  guard: StoreGuard,
  listeners: ReadonlySet<() => void>,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type !== 'reconnect') continue;
    // What the check cannot settle now, the next marker will find.
    await guard.check().catch(() => undefined);
    for (const listener of listeners) listener();
  }
}

function markOf(info: StreamInfo): StoreMark {
  const { first_seq: firstSequence } = info.config;
  return {
    incarnation: incarnationOf(firstSequence ?? 0),
    created: info.created,
    lastSequence: Math.max(info.state.last_seq, firstSequence ?? 0),
  };
}
