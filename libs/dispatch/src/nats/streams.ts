import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { DispatchNames } from '../names.ts';
import { jetStreamMissing } from './connect.ts';
import { asFailure, isJetStreamDisabled, isStreamMissing } from './failure.ts';
import { firstSequenceOf } from './store-mark.ts';

/** What the streams are made with; the same for every Director of an installation. */
export interface StreamSettings {
  /** Lease time in milliseconds: what is in LEASES is gone after it. */
  leaseTimeMs: number;
  /** Copies in a cluster: 1 on a single server, 3 in a cluster. */
  replicas: number;
}

type Wanted = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;

/** An offer that nobody took in this time is worthless; the Director takes it back before. */
const OFFER_MAX_AGE_MS = 20 * SECOND;
const EVENTS_MAX_AGE_MS = 7 * DAY;
const EVENTS_MAX_BYTES = 256 * 1024 * 1024;
const RESULT_DUPLICATES_MS = 10 * 60 * SECOND;

/** The streams that can be made anew at any time. Existing ones are brought to these settings. @throws Failure. */
export async function ensureTransportStreams(
  manager: JetStreamManager,
  names: DispatchNames,
  settings: StreamSettings,
): Promise<void> {
  for (const wanted of transportStreams(names, settings)) await ensureStream(manager, wanted);
}

/** Makes the stream of leases for a new incarnation, so that no revision of an earlier one recurs. @throws Failure. */
export async function createLeaseStream(
  manager: JetStreamManager,
  names: DispatchNames,
  settings: StreamSettings,
  incarnation: number,
): Promise<StreamInfo> {
  const wanted = { ...leaseStream(names, settings), first_seq: firstSequenceOf(incarnation) };
  return asFailure(`Creating the stream ${wanted.name}`, () => manager.streams.add(wanted));
}

/** Brings the existing stream of leases to the settings (a changed lease time restarts the age of what is in it). @throws Failure. */
export async function updateLeaseStream(
  manager: JetStreamManager,
  names: DispatchNames,
  settings: StreamSettings,
  found: StreamInfo,
): Promise<void> {
  await updateStream(manager, leaseStream(names, settings), found);
}

/** The stream as it is, or null. @throws Failure, `dispatch.jetstream-missing` among others. */
export async function streamInfo(manager: JetStreamManager, name: string): Promise<StreamInfo | null> {
  return asFailure(`Looking at the stream ${name}`, async () => {
    try {
      return await manager.streams.info(name);
    } catch (error) {
      if (isJetStreamDisabled(error)) throw jetStreamMissing({}, error);
      if (isStreamMissing(error)) return null;
      throw error;
    }
  });
}

function transportStreams(names: DispatchNames, settings: StreamSettings): Wanted[] {
  const common = { storage: StorageType.File, num_replicas: settings.replicas, discard: DiscardPolicy.Old };
  return [
    {
      ...common,
      name: names.streams.tasks,
      subjects: [names.all.tasks],
      retention: RetentionPolicy.Workqueue,
      max_age: nanos(OFFER_MAX_AGE_MS),
      duplicate_window: nanos(OFFER_MAX_AGE_MS),
    },
    {
      ...common,
      name: names.streams.results,
      subjects: [names.all.results],
      retention: RetentionPolicy.Limits,
      duplicate_window: nanos(RESULT_DUPLICATES_MS),
    },
    {
      ...common,
      name: names.streams.events,
      subjects: [names.all.events],
      retention: RetentionPolicy.Limits,
      max_age: nanos(EVENTS_MAX_AGE_MS),
      max_bytes: EVENTS_MAX_BYTES,
    },
  ];
}

function leaseStream(names: DispatchNames, settings: StreamSettings): Wanted {
  return {
    name: names.streams.leases,
    subjects: [names.all.leaseKeys, names.all.leaseMarkers],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    num_replicas: settings.replicas,
    max_msgs_per_subject: 1,
    max_age: nanos(settings.leaseTimeMs),
    duplicate_window: nanos(Math.min(settings.leaseTimeMs, 2_000)),
    // A copy that lags behind must never answer who holds a lease.
    allow_direct: false,
  };
}

async function ensureStream(manager: JetStreamManager, wanted: Wanted): Promise<void> {
  const found = await streamInfo(manager, wanted.name);
  if (found !== null) return updateStream(manager, wanted, found);
  await asFailure(`Creating the stream ${wanted.name}`, () => manager.streams.add(wanted));
}

async function updateStream(manager: JetStreamManager, wanted: Wanted, found: StreamInfo): Promise<void> {
  const { name, ...settings } = wanted;
  const differs = Object.entries(settings).some(
    ([key, value]) => JSON.stringify(found.config[key as keyof StreamConfig]) !== JSON.stringify(value),
  );
  if (!differs) return;
  await asFailure(`Updating the stream ${name}`, () => manager.streams.update(name, settings));
}
