import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { traceparent, withTraceparent } from '@backhaul/telemetry';

/**
 * Headers of every message: which message in which version of its schema, and the W3C trace context. A message of another kind
 * or version is refused, so that an answer of the server, which a rogue may steer to any subject by its reply address, is
 * never taken for a message.
 */
export type MessageKindName =
  'task' | 'lease' | 'marker' | 'result' | 'event' | 'want' | 'control' | 'loan-request' | 'loan-reply';

const SCHEMA_VERSION = 1;
const SCHEMA = 'Backhaul-Schema';
const PRIORITY = 'Backhaul-Priority';
const SIGNATURE = 'Backhaul-Signature';
const TRACEPARENT = 'traceparent';

/** Headers of a message of `kind` with the trace context that is active, or the given one. */
export function messageHeaders(
  kind: MessageKindName,
  extra: { priority?: number; signature?: string; traceparent?: string | undefined } = {},
): MsgHdrs {
  const made = headers();
  made.set(SCHEMA, `${kind}/${SCHEMA_VERSION}`);
  made.set(TRACEPARENT, extra.traceparent ?? traceparent());
  if (extra.priority !== undefined) made.set(PRIORITY, String(extra.priority));
  if (extra.signature !== undefined) made.set(SIGNATURE, extra.signature);
  return made;
}

/** True when the message says to be of `kind` in the version that we read. */
export function isOfKind(received: MsgHdrs | undefined, kind: MessageKindName): boolean {
  return received?.get(SCHEMA) === `${kind}/${SCHEMA_VERSION}`;
}

/** The Director's signature, or an empty text, which no check accepts. */
export function signatureOf(received: MsgHdrs | undefined): string {
  return received?.get(SIGNATURE) ?? '';
}

/** The sender's W3C trace context, where there is one. */
export function traceparentOf(received: MsgHdrs | undefined): { traceparent?: string } {
  return received?.has(TRACEPARENT) ? { traceparent: received.get(TRACEPARENT) } : {};
}

/** Runs `work` as a part of the sender's trace. */
export function inTraceOf<T>(received: MsgHdrs | undefined, work: () => T): T {
  return withTraceparent(traceparentOf(received).traceparent, work);
}
