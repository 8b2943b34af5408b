import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock, Secret } from '@backhaul/domain';
import { DEFAULT_LEASE_TIME_MS } from '../lease-time.ts';
import { dispatchNames } from '../names.ts';
import type { JsonWebKey, TransporterDispatch } from '../ports.ts';
import { signatureCheck } from '../signature.ts';
import { offerGate } from '../signed-offer.ts';
import { natsControlInbox } from './control.ts';
import { natsLeaseKeys } from './lease-keys.ts';
import { natsLendingClient } from './lending.ts';
import { natsOfferInbox } from './offer-inbox.ts';
import { natsProgressSender } from './progress.ts';
import { natsResultSender } from './result-sender.ts';
import { natsWantSender } from './wants.ts';

export interface TransporterDispatchOptions {
  /** Made with `inboxPrefix: dispatchNames(installation).inbox(transporterId)`. */
  connection: NatsConnection;
  installation: string;
  transporterId: string;
  /** Nonce of this process start. */
  boot: string;
  /** The Director's public key in PEM, from the enrolment. */
  directorKey: string;
  /** The private part of the key that was enrolled, see `createSealingKeys`. */
  sealingKey: Secret<JsonWebKey>;
  /** Lease time in milliseconds. Default 30,000; the same for Directors and Transporters. */
  leaseTimeMs?: number;
  /** The one clock of this process: times that a port gives are only comparable on the same one. */
  clock: Clock;
}

/** A Transporter's side over NATS, for one process start. @throws Failure `wrong-key`, `invalid-input`. */
export function openTransporterDispatch(options: TransporterDispatchOptions): TransporterDispatch {
  const { connection, transporterId, leaseTimeMs = DEFAULT_LEASE_TIME_MS, clock } = options;
  const names = dispatchNames(options.installation);
  const check = signatureCheck(options.installation, options.directorKey);
  const gate = offerGate(check, transporterId, options.boot);
  return {
    offers: natsOfferInbox(connection, names, { transporterId, gate, clock }),
    leases: natsLeaseKeys(connection, names, leaseTimeMs / 6),
    results: natsResultSender(connection, names, { transporterId, clock }),
    progress: natsProgressSender(connection, names, { transporterId, clock }),
    wants: natsWantSender(connection, names),
    control: natsControlInbox(connection, names, transporterId),
    lending: natsLendingClient(connection, names, { transporterId, check, sealingKey: options.sealingKey }),
  };
}
