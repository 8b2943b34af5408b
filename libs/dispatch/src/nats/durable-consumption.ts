import { jetstream, type ConsumerConfig, type JetStreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '@backhaul/domain';

const RETRY_MS = 500;

export interface DurableConsumption {
  stream: string;
  /** The durable consumer, made when it is not there, as after the loss of the stream. */
  consumer: Partial<ConsumerConfig> & { durable_name: string };
  /** How many messages may be handled at the same time. */
  concurrency: number;
}

/** Hands every message of a durable consumer to `handle` until `signal` is aborted, whatever becomes of server and stream meanwhile. */
export async function consumeDurably(
  connection: NatsConnection,
  manager: JetStreamManager,
  clock: Clock,
  what: DurableConsumption,
  handle: (message: JsMsg) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await consumeUntilInterrupted(connection, manager, what, handle, signal).catch(() => undefined);
    if (!signal.aborted) await clock.sleep(RETRY_MS, signal).catch(() => undefined);
  }
}

async function consumeUntilInterrupted(
  connection: NatsConnection,
  manager: JetStreamManager,
  { stream, consumer: wanted, concurrency }: DurableConsumption,
  handle: (message: JsMsg) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await manager.consumers.add(stream, wanted);
  const consumer = await jetstream(connection).consumers.get(stream, wanted.durable_name);
  const messages = await consumer.consume({
    max_messages: concurrency * 2,
    expires: 5_000,
    idle_heartbeat: 1_000,
    abort_on_missing_resource: true,
  });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  const atWork = new Set<Promise<void>>();
  try {
    for await (const message of messages) {
      const work: Promise<void> = handle(message).finally(() => atWork.delete(work));
      atWork.add(work);
      if (atWork.size >= concurrency) await Promise.race(atWork);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.allSettled(atWork);
  }
}
