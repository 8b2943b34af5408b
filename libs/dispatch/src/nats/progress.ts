import { AckPolicy, type JetStreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock, TaskProgress } from '@backhaul/domain';
import { decodeProgressEvent, encodeProgressEvent } from '@backhaul/wire';
import { coalesceProgress } from '../coalesce-progress.ts';
import type { DispatchNames } from '../names.ts';
import type { ProgressInbox, ProgressSender } from '../ports.ts';
import { consumeDurably, type DurableConsumption } from './durable-consumption.ts';
import { inTraceOf, isOfKind, messageHeaders } from './message-headers.ts';

const AT_ONCE = 32;

/** Progress as messages of the stream EVENTS, sent without waiting for an acknowledgement. */
export function natsProgressSender(
  connection: NatsConnection,
  names: DispatchNames,
  options: { transporterId: string; clock: Clock },
): ProgressSender {
  return coalesceProgress((progress) => {
    connection.publish(names.event(options.transporterId, progress.taskId), encodeProgressEvent(progress), {
      headers: messageHeaders('event'),
    });
  }, options.clock);
}

/** The Director's durable consumer of EVENTS. Without acknowledgements: what is delivered counts as taken. */
export function natsProgressInbox(
  connection: NatsConnection,
  manager: JetStreamManager,
  names: DispatchNames,
  clock: Clock,
): ProgressInbox {
  const what: DurableConsumption = {
    stream: names.streams.events,
    concurrency: AT_ONCE,
    consumer: { durable_name: names.directorConsumer, ack_policy: AckPolicy.None },
  };
  let refused = 0;

  return {
    async consume(handler, signal) {
      const take = async (message: JsMsg) => {
        const event = readEvent(message, names);
        if (event === null) {
          refused += 1;
          return;
        }
        await inTraceOf(message.headers, () => handler(event.progress, event.senderId)).catch(() => undefined);
      };
      await consumeDurably(connection, manager, clock, what, take, signal);
    },
    get refused() {
      return refused;
    },
  };
}

function readEvent(message: JsMsg, names: DispatchNames): { progress: TaskProgress; senderId: string } | null {
  const sender = names.parseSender(message.subject);
  if (sender === null || !isOfKind(message.headers, 'event')) return null;
  try {
    const progress = decodeProgressEvent(message.data);
    return progress.taskId === sender.taskId ? { progress, senderId: sender.transporterId } : null;
  } catch {
    return null;
  }
}
