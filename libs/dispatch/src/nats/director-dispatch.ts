import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock, Secret } from '@backhaul/domain';
import { DEFAULT_LEASE_TIME_MS } from '../lease-time.ts';
import { dispatchNames } from '../names.ts';
import type { DirectorDispatch } from '../ports.ts';
import { signer } from '../signature.ts';
import { natsControlSender } from './control.ts';
import { natsLeaseStore } from './lease-store.ts';
import { natsLendingDesk } from './lending.ts';
import { natsOfferSender } from './offer-sender.ts';
import { natsProgressInbox } from './progress.ts';
import { natsResultInbox } from './result-inbox.ts';
import { guardStore, type StoreGuardOptions } from './store-guard.ts';
import type { StoreMark } from './store-mark.ts';
import { natsWantInbox } from './wants.ts';

export interface DirectorDispatchOptions {
  connection: NatsConnection;
  /** Name of the installation, `[A-Za-z0-9_-]+`; everything stands under `bh.<installation>.`. */
  installation: string;
  /** The Director's Ed25519 key in PEM, see `createSigningKeys`. */
  signingKey: Secret;
  /** The next number of a database sequence; asked only when the store of leases must be made (anew). */
  nextIncarnation: () => Promise<number>;
  /** Lease time in milliseconds. Default 30,000; the same for Directors and Transporters. */
  leaseTimeMs?: number;
  /** Copies of the streams: 1 on a single server (default), 3 in a cluster. */
  replicas?: number;
  /** What an earlier process knew of the store of leases ({@link NatsDirectorDispatch.storeMark}), where it was kept. */
  knownStore?: StoreMark;
  /** Told after the store of leases was found missing, rolled back or renewed by another Director, and is in order again. */
  onStoreReplaced?: StoreGuardOptions['onReplaced'];
  /** The one clock of this process: times that a port gives are only comparable on the same one. */
  clock: Clock;
}

/** The Director's side over NATS. */
export interface NatsDirectorDispatch extends DirectorDispatch {
  /** What identifies the store of leases now; a Director may keep it to notice a roll-back over its own restart. */
  storeMark(): StoreMark;
}

/** Puts the streams in order and gives the ports. Ends with the connection. @throws Failure, `dispatch.jetstream-missing` among others. */
export async function openDirectorDispatch(options: DirectorDispatchOptions): Promise<NatsDirectorDispatch> {
  const { connection, installation, leaseTimeMs = DEFAULT_LEASE_TIME_MS, clock } = options;
  const names = dispatchNames(installation);
  const signing = signer(installation, options.signingKey);
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const guard = await guardStore(connection, manager, {
    names,
    settings: { leaseTimeMs, replicas: options.replicas ?? 1 },
    nextIncarnation: options.nextIncarnation,
    known: options.knownStore,
    onReplaced: options.onStoreReplaced,
  });
  return {
    offers: natsOfferSender(connection, manager, names, { signer: signing, clock, guard }),
    leases: natsLeaseStore(connection, names, { guard, clock, timeoutMs: leaseTimeMs / 6 }),
    results: natsResultInbox(connection, manager, names, { leaseTimeMs, clock }),
    progress: natsProgressInbox(connection, manager, names, clock),
    wants: natsWantInbox(connection, names),
    control: natsControlSender(connection, names),
    lending: natsLendingDesk(connection, names, signing),
    storeMark: () => guard.mark(),
  };
}
