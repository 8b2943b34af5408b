import type { Clock, Fence } from '@backhaul/domain';
import type { OfferInbox, OfferSender } from '../ports.ts';
import { signOffer, type OfferGate, type SignedOffer } from '../signed-offer.ts';
import type { Signer } from '../signature.ts';
import { waitingQueue, type WaitingQueue } from './waiting-queue.ts';

const OFFER_MAX_AGE_MS = 20_000;

interface Message extends SignedOffer {
  sentAtMs: number;
}

interface Inbox {
  boot: string;
  queue: WaitingQueue<Message>;
}

/** The work queue of offers: one inbox per Transporter, for its present boot. */
export interface MemoryOffers {
  sender: OfferSender;
  inbox(transporterId: string, boot: string, gate: OfferGate): OfferInbox;
}

/** Empty inboxes; the Director makes them. */
export function memoryOffers(signer: Signer, clock: Clock): MemoryOffers {
  const inboxes = new Map<string, Inbox>();
  const sent = new Set<Fence>();

  const queueOf = (transporterId: string, boot: string) => {
    const inbox = inboxes.get(transporterId);
    return inbox?.boot === boot ? inbox.queue : null;
  };

  return {
    sender: {
      async ensureInbox(transporterId, boot) {
        if (queueOf(transporterId, boot) === null) inboxes.set(transporterId, { boot, queue: waitingQueue(clock) });
      },
      async send(offer) {
        const signed = signOffer(offer, signer);
        if (sent.has(offer.fence)) return;
        sent.add(offer.fence);
        queueOf(offer.transporterId, offer.boot)?.push({ ...signed, sentAtMs: clock.monotonicMs() });
      },
    },

    inbox: (transporterId, boot, gate) => ({
      async next(waitMs, signal) {
        const untilMs = clock.monotonicMs() + waitMs;
        for (;;) {
          const leftMs = untilMs - clock.monotonicMs();
          const queue = queueOf(transporterId, boot);
          const message = queue === null ? await pause(clock, leftMs, signal) : await queue.take(leftMs, signal);
          const receivedAtMs = clock.monotonicMs();
          if (message === null && receivedAtMs >= untilMs) return null;
          if (message === null || receivedAtMs - message.sentAtMs > OFFER_MAX_AGE_MS) continue;
          const offer = gate.admit(message);
          if (offer !== null && offer !== 'other-process') return { offer, receivedAtMs };
        }
      },
      get refused() {
        return gate.refused;
      },
    }),
  };
}

/** While there is no inbox yet. */
async function pause(clock: Clock, leftMs: number, signal: AbortSignal): Promise<null> {
  await clock.sleep(Math.min(Math.max(leftMs, 0), 250), signal);
  return null;
}
