import type { Clock } from '@backhaul/domain';
import { decodeLeaseValue, encodeLeaseValue } from '@backhaul/wire';
import type { DispatchNames } from '../names.ts';
import type { LeaseKey, LeaseStore, LeaseValue, LeaseWatchHandlers } from '../ports.ts';

const SEQUENCES_PER_INCARNATION = 2 ** 40;
const FOR_EVER_MS = 2 ** 31 - 1;

/** The store of leases in memory, and what can happen to a store. */
export interface MemoryLeaseStore extends LeaseStore {
  /** Everything is gone; the store begins again with the next incarnation, and watches have a gap. */
  wipe(): void;
  /** Watches stay open but nothing comes by any more, as happens when a stream is made anew under them. Until watched again. */
  silenceWatches(): void;
  /** What is there now, for tests that assert on what remains. */
  contents(): { key: LeaseKey; value: LeaseValue; revision: number }[];
}

interface Entry {
  key: LeaseKey;
  bytes: Uint8Array;
  revision: number;
  writtenAtMs: number;
}

interface Watch {
  handlers: LeaseWatchHandlers;
  silenced: boolean;
}

/** Keys with revisions that age out after the lease time, as JetStream keeps them. */
export function memoryLeaseStore(names: DispatchNames, clock: Clock, leaseTimeMs: number): MemoryLeaseStore {
  const entries = new Map<string, Entry>();
  const watches = new Set<Watch>();
  let incarnation = 1;
  let lastRevision = incarnation * SEQUENCES_PER_INCARNATION;
  let lastMarker: string | null = null;

  const present = (key: LeaseKey): Entry | undefined => {
    const subject = names.leaseKey(key);
    const entry = entries.get(subject);
    if (entry === undefined || clock.monotonicMs() - entry.writtenAtMs < leaseTimeMs) return entry;
    entries.delete(subject);
    return undefined;
  };

  // Handed on later, as over a network, and in order: promise jobs run in the order in which they were made.
  const tell = (watch: Watch, news: (handlers: LeaseWatchHandlers) => void) => {
    void Promise.resolve().then(() => {
      if (watches.has(watch) && !watch.silenced) news(watch.handlers);
    });
  };

  const tellWhatIsThere = (watch: Watch) => {
    for (const { key } of [...entries.values()].sort((a, b) => a.revision - b.revision)) {
      const entry = present(key);
      if (entry) tell(watch, (handlers) => handlers.onWrite(key, decodeLeaseValue(entry.bytes), entry.revision));
    }
    const marker = lastMarker;
    if (marker !== null) tell(watch, (handlers) => handlers.onMarker(marker));
  };

  return {
    async write(key, value, expectedRevision) {
      const bytes = encodeLeaseValue(value);
      if ((present(key)?.revision ?? 0) !== expectedRevision) return { written: false };
      lastRevision += 1;
      const revision = lastRevision;
      entries.set(names.leaseKey(key), { key, bytes, revision, writtenAtMs: clock.monotonicMs() });
      for (const watch of watches) tell(watch, (handlers) => handlers.onWrite(key, decodeLeaseValue(bytes), revision));
      return { written: true, revision };
    },

    async read(key) {
      const entry = present(key);
      return entry ? { value: decodeLeaseValue(entry.bytes), revision: entry.revision } : null;
    },

    async watch(handlers, signal) {
      const watch: Watch = { handlers, silenced: false };
      watches.add(watch);
      tellWhatIsThere(watch);
      while (!signal.aborted) await clock.sleep(FOR_EVER_MS, signal).catch(() => undefined);
      watches.delete(watch);
    },

    async writeMarker(marker) {
      lastMarker = marker;
      lastRevision += 1;
      for (const watch of watches) tell(watch, (handlers) => handlers.onMarker(marker));
    },

    wipe() {
      entries.clear();
      lastMarker = null;
      incarnation += 1;
      lastRevision = incarnation * SEQUENCES_PER_INCARNATION;
      for (const watch of watches) tell(watch, (handlers) => handlers.onRebuilt());
    },

    silenceWatches() {
      for (const watch of watches) watch.silenced = true;
    },

    contents() {
      return [...entries.values()].flatMap(({ key }) => {
        const entry = present(key);
        return entry ? [{ key, value: decodeLeaseValue(entry.bytes), revision: entry.revision }] : [];
      });
    },
  };
}
