import type { Fence } from '@backhaul/domain';
import { fenceFromWire, id, toUint64 } from './field.ts';
import { LeaseState as WireLeaseState, LeaseValueSchema } from './generated/backhaul/dispatch/v1/lease_pb.ts';
import { fromBytes, toBytes, type MessageKind } from './message-bytes.ts';
import { wordTable } from './word-table.ts';

/** What stands in a slot's key. */
export interface LeaseValue {
  /** `reserved` by the Director, `claimed` by the holder, `cancel` a cancel mark, `tombstone` a reservation taken back, `released` by a holder that did not begin. */
  state: 'reserved' | 'claimed' | 'cancel' | 'tombstone' | 'released';
  fence: Fence;
  taskId: string;
  transporterId: string;
  boot: string;
}

const KIND: MessageKind<typeof LeaseValueSchema> = { schema: LeaseValueSchema, maxBytes: 1024 };

const states = wordTable<LeaseValue['state'], WireLeaseState>({
  reserved: WireLeaseState.RESERVED,
  claimed: WireLeaseState.CLAIMED,
  cancel: WireLeaseState.CANCEL,
  tombstone: WireLeaseState.TOMBSTONE,
  released: WireLeaseState.RELEASED,
});

/** @throws Failure `invalid-input`, `wire.out-of-range`. */
export function encodeLeaseValue(value: LeaseValue): Uint8Array {
  return toBytes(KIND, {
    ...value,
    state: states.toWire(value.state, 'LeaseValue.state'),
    fence: toUint64(value.fence, 'LeaseValue.fence'),
  });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeLeaseValue(bytes: Uint8Array): LeaseValue {
  const wire = fromBytes(KIND, bytes);
  return {
    state: states.fromWire(wire.state, 'LeaseValue.state'),
    fence: fenceFromWire(wire.fence, 'LeaseValue.fence'),
    taskId: id(wire.taskId, 'LeaseValue.task_id'),
    transporterId: id(wire.transporterId, 'LeaseValue.transporter_id'),
    boot: id(wire.boot, 'LeaseValue.boot'),
  };
}
