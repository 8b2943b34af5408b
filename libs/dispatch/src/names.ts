import { Failure } from '@backhaul/domain';
import type { LeaseKey } from './ports.ts';

/**
 * Every subject, stream, consumer and inbox of one installation. Nothing else in the product builds such a name.
 *
 * Subjects stand under `bh.<installation>.`, because an operator's NATS may be shared; streams and consumers, whose names may
 * hold no dots, begin with `bh_<installation>_`. All ids are `[A-Za-z0-9_-]+`.
 */
export interface DispatchNames {
  readonly streams: { tasks: string; leases: string; results: string; events: string };
  /** Name of the Director's durable consumers of results and events. */
  readonly directorConsumer: string;
  /** Filters of the streams, and what a Director subscribes to. */
  readonly all: {
    tasks: string;
    leaseKeys: string;
    leaseMarkers: string;
    results: string;
    events: string;
    wants: string;
    lend: string;
  };
  task(transporterId: string, boot: string): string;
  /** The Transporter's consumer of the stream of tasks. */
  taskConsumer(transporterId: string): string;
  leaseKey(key: LeaseKey): string;
  leaseMarker(): string;
  result(transporterId: string, taskId: string): string;
  event(transporterId: string, taskId: string): string;
  want(transporterId: string): string;
  control(transporterId: string): string;
  lend(transporterId: string): string;
  /** Prefix of a Transporter's reply inboxes; nobody else may listen there. */
  inbox(transporterId: string): string;
  /** Prefix of the Directors' reply inboxes. */
  directorInbox(): string;
  /** Which lease a subject of the stream of leases stands for; null for a marker or a foreign one. */
  parseLeaseKey(subject: string): LeaseKey | null;
  /** Sender and task of a result's or event's subject. */
  parseSender(subject: string): { transporterId: string; taskId: string } | null;
  /** Sender of a want's or loan request's subject. */
  parseTransporter(subject: string): string | null;
}

const ID = /^[A-Za-z0-9_-]{1,128}$/;
const MAX_SLOT = 100_000;

/** The names of `installation`. @throws Failure `invalid-input`, `dispatch.invalid-id`, as do all its builders for their ids. */
export function dispatchNames(installation: string): DispatchNames {
  const root = `bh.${requireId(installation, 'installation')}`;
  const stream = (name: string) => `bh_${installation}_${name}`;
  const subject = (kind: string, ...ids: [field: string, value: string][]) =>
    [root, kind, ...ids.map(([field, value]) => requireId(value, field))].join('.');
  const idsOf = (kinds: string[], count: number, text: string) => {
    const [bh, name, kind, ...ids] = text.split('.');
    const known = `${bh}.${name}` === root && kinds.includes(kind ?? '') && ids.length === count;
    return known && ids.every((value) => ID.test(value)) ? ids : null;
  };

  return {
    streams: {
      tasks: stream('TASKS'),
      leases: stream('LEASES'),
      results: stream('RESULTS'),
      events: stream('EVENTS'),
    },
    directorConsumer: 'director',
    all: {
      tasks: `${root}.task.*.*`,
      leaseKeys: `${root}.lease.*.*`,
      leaseMarkers: `${root}.marker`,
      results: `${root}.result.*.*`,
      events: `${root}.event.*.*`,
      wants: `${root}.want.*`,
      lend: `${root}.lend.*`,
    },
    task: (transporterId, boot) => subject('task', ['transporterId', transporterId], ['boot', boot]),
    taskConsumer: (transporterId) => requireId(transporterId, 'transporterId'),
    leaseKey: ({ laneId, slot }) => `${subject('lease', ['laneId', laneId])}.${requireSlot(slot)}`,
    leaseMarker: () => `${root}.marker`,
    result: (transporterId, taskId) => subject('result', ['transporterId', transporterId], ['taskId', taskId]),
    event: (transporterId, taskId) => subject('event', ['transporterId', transporterId], ['taskId', taskId]),
    want: (transporterId) => subject('want', ['transporterId', transporterId]),
    control: (transporterId) => subject('control', ['transporterId', transporterId]),
    lend: (transporterId) => subject('lend', ['transporterId', transporterId]),
    inbox: (transporterId) => subject('inbox', ['transporterId', transporterId]),
    directorInbox: () => `${root}.director-inbox`,
    parseLeaseKey: (text) => {
      const [laneId, slot] = idsOf(['lease'], 2, text) ?? [];
      return laneId !== undefined && slot !== undefined && /^(0|[1-9]\d{0,5})$/.test(slot)
        ? { laneId, slot: Number(slot) }
        : null;
    },
    parseSender: (text) => {
      const [transporterId, taskId] = idsOf(['result', 'event'], 2, text) ?? [];
      return transporterId !== undefined && taskId !== undefined ? { transporterId, taskId } : null;
    },
    parseTransporter: (text) => idsOf(['want', 'lend'], 1, text)?.[0] ?? null,
  };
}

function requireId(value: string, field: string): string {
  if (ID.test(value)) return value;
  throw new Failure('invalid-input', {
    code: 'dispatch.invalid-id',
    message: `The ${field} ${JSON.stringify(value)} cannot be part of a subject.`,
    hint: 'Use 1 to 128 letters, digits, "_" and "-".',
    retry: 'never',
    where: { field },
  });
}

function requireSlot(slot: number): number {
  if (Number.isInteger(slot) && slot >= 0 && slot < MAX_SLOT) return slot;
  throw new Failure('invalid-input', {
    code: 'dispatch.invalid-slot',
    message: `There is no slot ${slot}.`,
    retry: 'never',
    where: { field: 'slot' },
  });
}
