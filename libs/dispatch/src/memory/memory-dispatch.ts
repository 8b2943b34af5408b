import { Secret, systemClock, type Clock } from '@backhaul/domain';
import { DEFAULT_LEASE_TIME_MS } from '../lease-time.ts';
import { dispatchNames } from '../names.ts';
import type { DirectorDispatch, JsonWebKey, TransporterDispatch } from '../ports.ts';
import { createSigningKeys, signatureCheck, signer } from '../signature.ts';
import { offerGate } from '../signed-offer.ts';
import { memoryHints } from './hints.ts';
import { memoryLeaseStore, type MemoryLeaseStore } from './leases.ts';
import { memoryLending } from './lending.ts';
import { memoryOffers } from './offers.ts';
import { memoryProgress } from './progress.ts';
import { memoryResults } from './results.ts';

export interface MemoryDispatchOptions {
  /** Default the host's clock. */
  clock?: Clock;
  /** Lease time in milliseconds. Default 30,000. */
  leaseTimeMs?: number;
}

/** Dispatch without servers, within one process: both sides, and the store of leases with what can happen to it. */
export interface MemoryDispatch {
  director: DirectorDispatch;
  /**
   * The side of one process start of a Transporter.
   * @param sealingKey the private part of what the Director has enrolled; needed only to borrow.
   */
  transporter(transporterId: string, boot: string, sealingKey?: Secret<JsonWebKey>): TransporterDispatch;
  leases: MemoryLeaseStore;
}

/** Passes the same suites as dispatch over NATS. */
export function memoryDispatch(options: MemoryDispatchOptions = {}): MemoryDispatch {
  const { clock = systemClock(), leaseTimeMs = DEFAULT_LEASE_TIME_MS } = options;
  const installation = 'memory';
  const names = dispatchNames(installation);
  const keys = createSigningKeys();
  const signing = signer(installation, keys.privateKey);
  const check = signatureCheck(installation, keys.publicKey);

  const leases = memoryLeaseStore(names, clock, leaseTimeMs);
  const offers = memoryOffers(signing, clock);
  const results = memoryResults(clock);
  const progress = memoryProgress(clock);
  const hints = memoryHints(clock);
  const lending = memoryLending(signing, check, clock);

  return {
    leases,
    director: {
      offers: offers.sender,
      leases,
      results: results.inbox,
      progress: progress.inbox,
      wants: hints.wantInbox,
      control: hints.controlSender,
      lending: lending.desk,
    },
    transporter: (transporterId, boot, sealingKey = new Secret<JsonWebKey>({})) => ({
      offers: offers.inbox(transporterId, boot, offerGate(check, transporterId, boot)),
      leases,
      results: results.sender(transporterId),
      progress: progress.sender(transporterId),
      wants: hints.wantSender(transporterId),
      control: hints.controlInbox(transporterId),
      lending: lending.client(transporterId, sealingKey),
    }),
  };
}
