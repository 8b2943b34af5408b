import { jetstream, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { decodeLeaseValue, encodeLeaseValue } from '@backhaul/wire';
import type { DispatchNames } from '../names.ts';
import { FOREIGN_LEASE_VALUE, type LeaseKeys, type LeaseValue } from '../ports.ts';
import { asFailure, isWrongLastSequence } from './failure.ts';
import { isOfKind, messageHeaders } from './message-headers.ts';

/**
 * Keys of leases as subjects of the stream LEASES. A write is a plain publish with the expected last sequence of its subject:
 * what the client library offers for key-value buckets refuses revision 0 or overwrites delete markers silently.
 *
 * @param timeoutMs how long an answer is waited for before the outcome counts as unclear.
 */
export function natsLeaseKeys(connection: NatsConnection, names: DispatchNames, timeoutMs: number): LeaseKeys {
  const publisher = jetstream(connection, { timeout: timeoutMs });
  // The check would ask for more rights than a Transporter has.
  const manager = jetstreamManager(connection, { timeout: timeoutMs, checkAPI: false });
  const { leases: stream } = names.streams;

  return {
    write: (key, value, expectedRevision) =>
      asFailure(`Writing the lease ${key.laneId}.${key.slot}`, async () => {
        try {
          const ack = await publisher.publish(names.leaseKey(key), encodeLeaseValue(value), {
            headers: messageHeaders('lease'),
            expect: { streamName: stream, lastSubjectSequence: expectedRevision },
          });
          return { written: true as const, revision: ack.seq };
        } catch (error) {
          if (isWrongLastSequence(error)) return { written: false as const };
          throw error;
        }
      }),

    read: (key) =>
      asFailure(`Reading the lease ${key.laneId}.${key.slot}`, async () => {
        const query = { last_by_subj: names.leaseKey(key) };
        const stored = await (await manager).streams.getMessage(stream, query);
        return stored && { value: leaseValueOf(stored.header, stored.data), revision: stored.seq };
      }),
  };
}

/** The value of a stored or delivered message; what nobody of ours wrote is the foreign value. */
export function leaseValueOf(headers: StoredMsg['header'] | undefined, data: Uint8Array): LeaseValue {
  if (!isOfKind(headers, 'lease')) return FOREIGN_LEASE_VALUE;
  try {
    return decodeLeaseValue(data);
  } catch {
    return FOREIGN_LEASE_VALUE;
  }
}
