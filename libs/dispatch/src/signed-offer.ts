import type { Fence } from '@backhaul/domain';
import { decodeTaskMessage, encodeTaskMessage } from '@backhaul/wire';
import type { Offer } from './ports.ts';
import type { SignatureCheck, Signer } from './signature.ts';

/** An offer as it travels: the message's bytes, and beside them the signature over them and the trace context. */
export interface SignedOffer {
  payload: Uint8Array;
  signature: string;
  traceparent?: string;
}

/** @throws Failure `invalid-input` with a `wire.` code. */
export function signOffer(offer: Offer, signer: Signer): SignedOffer {
  const payload = encodeTaskMessage(offer);
  return {
    payload,
    signature: signer.sign('offer', payload),
    ...(offer.traceparent !== undefined && { traceparent: offer.traceparent }),
  };
}

/** Decides which offers one process start of a Transporter believes. */
export interface OfferGate {
  /**
   * The offer, or null (and counted) when it is malformed, not signed by the Director, for somebody else, or repeated.
   * `other-process`: the Director's offer to another process start of this Transporter, which may still be there to take it.
   */
  admit(signed: SignedOffer): Offer | 'other-process' | null;
  readonly refused: number;
}

// A second delivery comes within the 20 s that an offer lives; this many fences are more than a process takes in that time.
const REMEMBERED_FENCES = 10_000;

/** @param boot nonce of this process start: offers made to another one are not for us. */
export function offerGate(check: SignatureCheck, transporterId: string, boot: string): OfferGate {
  const admitted = new Set<Fence>();
  let refused = 0;

  const believed = ({ payload, signature, traceparent }: SignedOffer): Offer | 'other-process' | null => {
    if (!check.verify('offer', payload, signature)) return null;
    const offer = decodeOrNull(payload);
    if (offer === null || offer.transporterId !== transporterId) return null;
    if (offer.boot !== boot) return 'other-process';
    if (admitted.has(offer.fence)) return null;
    return traceparent === undefined ? offer : { ...offer, traceparent };
  };

  return {
    admit(signed) {
      const offer = believed(signed);
      if (offer === null) {
        refused += 1;
        return null;
      }
      if (offer === 'other-process') return offer;
      admitted.add(offer.fence);
      forgetOldest(admitted);
      return offer;
    },
    get refused() {
      return refused;
    },
  };
}

function decodeOrNull(payload: Uint8Array): Offer | null {
  try {
    return decodeTaskMessage(payload);
  } catch {
    return null;
  }
}

function forgetOldest(fences: Set<Fence>): void {
  if (fences.size <= REMEMBERED_FENCES) return;
  const [oldest] = fences;
  if (oldest !== undefined) fences.delete(oldest);
}
