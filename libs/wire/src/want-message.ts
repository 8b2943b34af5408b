import type { Fence } from '@backhaul/domain';
import { fenceFromWire, id, refusedField, toUint32, toUint64 } from './field.ts';
import { WantSchema, type Want as WireWant } from './generated/backhaul/dispatch/v1/want_pb.ts';
import { fromBytes, toBytes, type MessageKind } from './message-bytes.ts';

/** What a Transporter can take; sent every 2 s and on change. */
export interface Want {
  transporterId: string;
  boot: string;
  freeSlots: number;
  slots: number;
  /** Ids of repositories it reaches, or `any`. */
  repositories: string[] | 'any';
  draining: boolean;
  version: string;
  /** Tasks at work, so that the Director sees what a Transporter believes. */
  running: { taskId: string; fence: Fence }[];
}

const KIND: MessageKind<typeof WantSchema> = { schema: WantSchema, maxBytes: 128 * 1024 };

/** @throws Failure `invalid-input`, `wire.out-of-range`, `wire.too-large`. */
export function encodeWantMessage(want: Want): Uint8Array {
  return toBytes(KIND, {
    transporterId: want.transporterId,
    boot: want.boot,
    freeSlots: toUint32(want.freeSlots, 'Want.free_slots'),
    slots: toUint32(want.slots, 'Want.slots'),
    reach:
      want.repositories === 'any'
        ? { case: 'anyRepository', value: {} }
        : { case: 'repositories', value: { repositoryIds: want.repositories } },
    draining: want.draining,
    version: want.version,
    running: want.running.map(({ taskId, fence }) => ({ taskId, fence: toUint64(fence, 'Want.running.fence') })),
  });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeWantMessage(bytes: Uint8Array): Want {
  const wire = fromBytes(KIND, bytes);
  return {
    transporterId: id(wire.transporterId, 'Want.transporter_id'),
    boot: id(wire.boot, 'Want.boot'),
    freeSlots: wire.freeSlots,
    slots: wire.slots,
    repositories: reachFromWire(wire.reach),
    draining: wire.draining,
    version: wire.version,
    running: wire.running.map((task) => ({
      taskId: id(task.taskId, 'Want.running.task_id'),
      fence: fenceFromWire(task.fence, 'Want.running.fence'),
    })),
  };
}

function reachFromWire(reach: WireWant['reach']): Want['repositories'] {
  switch (reach.case) {
    case 'anyRepository':
      return 'any';
    case 'repositories':
      return reach.value.repositoryIds.map((repositoryId) => id(repositoryId, 'Want.repositories'));
    case undefined:
      throw refusedField(
        'wire.missing-field',
        'Want.reach',
        'The message does not say which repositories are reached.',
      );
  }
}
