import { AckPolicy, jetstream, type ConsumerConfig, type JetStreamManager } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '@backhaul/domain';
import type { DispatchNames } from '../names.ts';
import type { OfferSender } from '../ports.ts';
import { signOffer } from '../signed-offer.ts';
import type { Signer } from '../signature.ts';
import { asFailure, isConsumerMissing } from './failure.ts';
import { messageHeaders } from './message-headers.ts';
import type { StoreGuard } from './store-guard.ts';

/** How long an inbox that was there counts as there; unless the store was lost meanwhile. */
const INBOX_CHECK_MS = 10_000;
/** Longer than an offer lives, so that none is delivered twice unless it is given back (by a second process of one id). */
const ACK_WAIT_MS = 30_000;
/** The inbox of a Transporter that does not come back is removed after this time. */
const ABANDONED_MS = 10 * 60_000;

/** Offers as messages of the work queue TASKS; each Transporter has one consumer there, filtered by its present boot. */
export function natsOfferSender(
  connection: NatsConnection,
  manager: JetStreamManager,
  names: DispatchNames,
  options: { signer: Signer; clock: Clock; guard: StoreGuard },
): OfferSender {
  const publisher = jetstream(connection);
  const checked = new Map<string, { boot: string; atMs: number }>();
  options.guard.onGap(() => checked.clear());

  return {
    async ensureInbox(transporterId, boot) {
      const last = checked.get(transporterId);
      const nowMs = options.clock.monotonicMs();
      if (last?.boot === boot && nowMs - last.atMs < INBOX_CHECK_MS) return;
      await asFailure(`Making the inbox of ${transporterId}`, () => makeInbox(manager, names, transporterId, boot));
      checked.set(transporterId, { boot, atMs: nowMs });
    },

    async send(offer, priority) {
      const signed = signOffer(offer, options.signer);
      const { signature, traceparent } = signed;
      await asFailure(`Offering task ${offer.spec.taskId}`, () =>
        publisher.publish(names.task(offer.transporterId, offer.boot), signed.payload, {
          headers: messageHeaders('task', { priority, signature, traceparent }),
          msgID: String(offer.fence),
        }),
      );
    },
  };
}

async function makeInbox(
  manager: JetStreamManager,
  names: DispatchNames,
  transporterId: string,
  boot: string,
): Promise<void> {
  const { tasks: stream } = names.streams;
  const name = names.taskConsumer(transporterId);
  const filter = names.task(transporterId, boot);
  const found = await consumerInfo(manager, stream, name);
  if (found?.config.filter_subject === filter) return;
  if (found !== null) await deleteConsumer(manager, stream, name);
  const wanted: Partial<ConsumerConfig> = {
    durable_name: name,
    filter_subject: filter,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    inactive_threshold: nanos(ABANDONED_MS),
  };
  await manager.consumers.add(stream, wanted);
}

async function deleteConsumer(manager: JetStreamManager, stream: string, name: string): Promise<void> {
  try {
    await manager.consumers.delete(stream, name);
  } catch (error) {
    // Another want of the same Transporter was quicker.
    if (!isConsumerMissing(error)) throw error;
  }
}

async function consumerInfo(manager: JetStreamManager, stream: string, name: string) {
  try {
    return await manager.consumers.info(stream, name);
  } catch (error) {
    if (isConsumerMissing(error)) return null;
    throw error;
  }
}
