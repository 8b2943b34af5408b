import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { decodeWantMessage, encodeWantMessage } from '@backhaul/wire';
import type { DispatchNames } from '../names.ts';
import type { Want, WantInbox, WantSender } from '../ports.ts';
import { inTraceOf, isOfKind, messageHeaders } from './message-headers.ts';
import { forEachMessage } from './subscription.ts';

/** Wants as plain messages that nobody stores. */
export function natsWantSender(connection: NatsConnection, names: DispatchNames): WantSender {
  return {
    send(want) {
      // At the end of a process a timer may still fire; nobody needs what it would say.
      if (connection.isClosed() || connection.isDraining()) return;
      connection.publish(names.want(want.transporterId), encodeWantMessage(want), { headers: messageHeaders('want') });
    },
  };
}

/** All Transporters' wants. */
export function natsWantInbox(connection: NatsConnection, names: DispatchNames): WantInbox {
  let refused = 0;
  return {
    subscribe: (handler, signal) =>
      forEachMessage(connection, names.all.wants, signal, (message) => {
        const want = readWant(message, names);
        if (want === null) refused += 1;
        else inTraceOf(message.headers, () => handler(want));
      }),
    get refused() {
      return refused;
    },
  };
}

function readWant(message: Msg, names: DispatchNames): Want | null {
  if (!isOfKind(message.headers, 'want')) return null;
  try {
    const want = decodeWantMessage(message.data);
    return want.transporterId === names.parseTransporter(message.subject) ? want : null;
  } catch {
    return null;
  }
}
