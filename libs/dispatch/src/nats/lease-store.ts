import { DeliverPolicy, jetstream, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '@backhaul/domain';
import type { DispatchNames } from '../names.ts';
import type { LeaseStore, LeaseWatchHandlers } from '../ports.ts';
import { asFailure } from './failure.ts';
import { leaseValueOf, natsLeaseKeys } from './lease-keys.ts';
import { isOfKind, messageHeaders } from './message-headers.ts';
import type { StoreGuard } from './store-guard.ts';

const RETRY_MS = 500;
/** Every so many markers the store is looked at even when nothing seems wrong. */
const MARKERS_PER_CHECK = 10;

/** The store of leases as a Director sees it: keys, the watch, and the markers that prove the watch is alive. */
export function natsLeaseStore(
  connection: NatsConnection,
  names: DispatchNames,
  options: { guard: StoreGuard; clock: Clock; timeoutMs: number },
): LeaseStore {
  const { guard, clock, timeoutMs } = options;
  const publisher = jetstream(connection, { timeout: timeoutMs });
  let markers = 0;

  return {
    ...natsLeaseKeys(connection, names, timeoutMs),

    async writeMarker(marker) {
      markers += 1;
      const publish = () =>
        publisher.publish(names.leaseMarker(), marker, {
          headers: messageHeaders('marker'),
          expect: { streamName: names.streams.leases },
        });
      try {
        const { seq } = await asFailure('Writing a marker', publish);
        if (guard.saw(seq) || markers % MARKERS_PER_CHECK === 0) await guard.check();
      } catch (error) {
        // A missing stream shows first here; when NATS itself is away, so is the check, and the marker's failure tells.
        await guard.check().catch(() => undefined);
        throw error;
      }
    },

    async watch(handlers, signal) {
      let isFirst = true;
      while (!signal.aborted) {
        if (!isFirst) handlers.onRebuilt();
        isFirst = false;
        await watchUntilGap(connection, names, guard, handlers, signal).catch(() => undefined);
        if (!signal.aborted) await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    },
  };
}

/** Hands on everything from the first message of the stream until a gap is possible, then returns. */
async function watchUntilGap(
  connection: NatsConnection,
  names: DispatchNames,
  guard: StoreGuard,
  handlers: LeaseWatchHandlers,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const stopListening = guard.onGap(() => over.abort());
  const until = AbortSignal.any([over.signal, signal]);
  try {
    const consumer = await jetstream(connection).consumers.get(names.streams.leases, {
      deliver_policy: DeliverPolicy.All,
    });
    if (until.aborted) return;
    const messages = await consumer.consume({ expires: 5_000, idle_heartbeat: 1_000, abort_on_missing_resource: true });
    const stop = () => messages.stop();
    until.addEventListener('abort', stop, { once: true });
    if (until.aborted) stop();
    for await (const message of messages) {
      if (until.aborted) break;
      guard.saw(message.seq);
      handOn(message, names, handlers);
    }
    void consumer.delete().catch(() => undefined);
  } finally {
    stopListening();
  }
}

function handOn(message: JsMsg, names: DispatchNames, handlers: LeaseWatchHandlers): void {
  if (message.subject === names.leaseMarker()) {
    if (isOfKind(message.headers, 'marker')) handlers.onMarker(message.string());
    return;
  }
  const key = names.parseLeaseKey(message.subject);
  if (key !== null) handlers.onWrite(key, leaseValueOf(message.headers, message.data), message.seq);
}
