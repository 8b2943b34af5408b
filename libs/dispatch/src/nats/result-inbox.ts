import { AckPolicy, type JetStreamManager, type JsMsg } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { isFailure, type Clock, type TaskResult } from '@backhaul/domain';
import { decodeResultMessage } from '@backhaul/wire';
import type { DispatchNames } from '../names.ts';
import type { ResultInbox } from '../ports.ts';
import { consumeDurably, type DurableConsumption } from './durable-consumption.ts';
import { asFailure } from './failure.ts';
import { inTraceOf, isOfKind } from './message-headers.ts';

/** Acknowledged results are removed from the stream this often while there are any. */
const PURGE_EVERY_MS = 5_000;
const AGAIN_AFTER_MS = 1_000;
/** One database transaction each; more at once only queue there. */
const AT_ONCE = 16;

/** The Director's durable consumer of RESULTS. */
export function natsResultInbox(
  connection: NatsConnection,
  manager: JetStreamManager,
  names: DispatchNames,
  options: { leaseTimeMs: number; clock: Clock },
): ResultInbox {
  const { results: stream } = names.streams;
  const what: DurableConsumption = {
    stream,
    concurrency: AT_ONCE,
    consumer: {
      durable_name: names.directorConsumer,
      ack_policy: AckPolicy.Explicit,
      // Shorter than a lease: a Director that was killed while it accepted a result delays it less than a lost lease would.
      ack_wait: nanos(Math.round((options.leaseTimeMs * 2) / 3)),
      max_ack_pending: 1_000,
    },
  };
  const purge = purgeSometimes(manager, stream, names.directorConsumer, options.clock);
  let refused = 0;

  return {
    async consume(handler, signal) {
      const accept = async (message: JsMsg) => {
        const result = readResult(message, names);
        if (result === null) {
          refused += 1;
          message.term('not a result of its sender');
          return;
        }
        try {
          await inTraceOf(message.headers, () => handler(result.result, result.senderId));
          await message.ackAck();
          purge();
        } catch {
          message.nak(AGAIN_AFTER_MS);
        }
      };
      await consumeDurably(connection, manager, options.clock, what, accept, signal);
    },

    isDrained: () =>
      asFailure('Looking for waiting results', async () => {
        const info = await manager.consumers.add(stream, what.consumer);
        return info.num_pending === 0 && info.num_ack_pending === 0;
      }),

    get refused() {
      return refused;
    },
  };
}

function readResult(message: JsMsg, names: DispatchNames): { result: TaskResult; senderId: string } | null {
  const sender = names.parseSender(message.subject);
  if (sender === null || !isOfKind(message.headers, 'result')) return null;
  try {
    const result = decodeResultMessage(message.data);
    return result.taskId === sender.taskId ? { result, senderId: sender.transporterId } : null;
  } catch (error) {
    if (isFailure(error, 'invalid-input')) return null;
    throw error;
  }
}

/** What is acknowledged is in the database; the stream keeps it only until the next purge. */
function purgeSometimes(manager: JetStreamManager, stream: string, consumer: string, clock: Clock): () => void {
  let isDue = true;
  const purge = async () => {
    await clock.sleep(PURGE_EVERY_MS);
    isDue = true;
    const info = await manager.consumers.info(stream, consumer);
    await manager.streams.purge(stream, { seq: info.ack_floor.stream_seq + 1 });
  };
  return () => {
    if (!isDue) return;
    isDue = false;
    // What could not be purged now will be with the next.
    void purge().catch(() => undefined);
  };
}
