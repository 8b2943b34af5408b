import { createInbox, errors, nanos, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '@backhaul/domain';
import type { DispatchNames } from '../names.ts';
import type { OfferInbox } from '../ports.ts';
import type { OfferGate } from '../signed-offer.ts';
import { natsFailure } from './failure.ts';
import { isOfKind, signatureOf, traceparentOf } from './message-headers.ts';
import { unlessAborted } from './unless-aborted.ts';

/** One pull is no longer than this: a server that was restarted has forgotten it. */
const MAX_PULL_MS = 5_000;
/** How much longer than the server we wait for its answer that nothing came. */
const SLACK_MS = 1_000;
/** Pause while the Director has not made the consumer yet. */
const NO_CONSUMER_PAUSE_MS = 250;
/** After giving back what is for another process of this Transporter, so that it comes first. */
const OTHER_PROCESS_PAUSE_MS = 1_000;

/**
 * The Transporter's consumer of TASKS, one pull at a time. A Transporter may neither look at its consumer nor make it, which
 * is what the client library begins with; so the pull request is made here (ADR-13 of nats-architecture-and-design). It uses
 * an inbox of its own: the shared one drops messages that come with their own subject.
 */
export function natsOfferInbox(
  connection: NatsConnection,
  names: DispatchNames,
  options: { transporterId: string; gate: OfferGate; clock: Clock },
): OfferInbox {
  const { transporterId, gate, clock } = options;
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${names.streams.tasks}.${names.taskConsumer(transporterId)}`;

  const pull = async (waitMs: number): Promise<Msg | null> => {
    try {
      const message = await connection.request(subject, JSON.stringify({ batch: 1, expires: nanos(waitMs) }), {
        timeout: waitMs + SLACK_MS,
        noMux: true,
        reply: createInbox(names.inbox(transporterId)),
      });
      // Without a code it is an offer; 404, 408 and 409 say that none came.
      return message.headers?.code ? null : message;
    } catch (error) {
      if (error instanceof errors.TimeoutError) return null;
      throw error;
    }
  };

  return {
    async next(waitMs, signal) {
      const untilMs = clock.monotonicMs() + waitMs;
      for (;;) {
        const startedMs = clock.monotonicMs();
        const leftMs = Math.ceil(untilMs - startedMs);
        if (leftMs <= 0) return null;
        const message = await unlessAborted(pull(Math.min(leftMs, MAX_PULL_MS)), signal).catch((error: unknown) => {
          const failure = natsFailure(error, 'Taking an offer');
          if (signal.aborted || failure.code !== 'dispatch.store-missing') throw signal.aborted ? error : failure;
          return null;
        });
        const receivedAtMs = clock.monotonicMs();
        if (message === null) {
          // An early "none" means that there is no consumer (yet): do not ask in a tight loop.
          if (receivedAtMs - startedMs < NO_CONSUMER_PAUSE_MS) await clock.sleep(NO_CONSUMER_PAUSE_MS, signal);
          continue;
        }
        const offer = admit(gate, message);
        if (offer === 'other-process') {
          message.respond('-NAK');
          await clock.sleep(Math.min(OTHER_PROCESS_PAUSE_MS, Math.max(0, untilMs - receivedAtMs)), signal);
          continue;
        }
        message.respond('+ACK');
        if (offer !== null) return { offer, receivedAtMs };
      }
    },
    get refused() {
      return gate.refused;
    },
  };
}

function admit(gate: OfferGate, message: Msg) {
  return gate.admit({
    payload: message.data,
    signature: isOfKind(message.headers, 'task') ? signatureOf(message.headers) : '',
    ...traceparentOf(message.headers),
  });
}
