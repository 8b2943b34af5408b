import type { NatsConnection } from '@nats-io/transport-node';
import { decodeControlMessage, encodeControlMessage } from '@backhaul/wire';
import type { DispatchNames } from '../names.ts';
import type { Control, ControlInbox, ControlSender } from '../ports.ts';
import { inTraceOf, isOfKind, messageHeaders } from './message-headers.ts';
import { forEachMessage } from './subscription.ts';

/** Hints to Transporters as plain messages that nobody stores. */
export function natsControlSender(connection: NatsConnection, names: DispatchNames): ControlSender {
  return {
    send(transporterId, control) {
      if (connection.isClosed() || connection.isDraining()) return;
      connection.publish(names.control(transporterId), encodeControlMessage(control), {
        headers: messageHeaders('control'),
      });
    },
  };
}

/** Hints to one Transporter. */
export function natsControlInbox(
  connection: NatsConnection,
  names: DispatchNames,
  transporterId: string,
): ControlInbox {
  let refused = 0;
  return {
    subscribe: (handler, signal) =>
      forEachMessage(connection, names.control(transporterId), signal, (message) => {
        const control = isOfKind(message.headers, 'control') ? decodeOrNull(message.data) : null;
        if (control === null) refused += 1;
        else inTraceOf(message.headers, () => handler(control));
      }),
    get refused() {
      return refused;
    },
  };
}

function decodeOrNull(bytes: Uint8Array): Control | null {
  try {
    return decodeControlMessage(bytes);
  } catch {
    return null;
  }
}
