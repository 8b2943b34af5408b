import type { Fence } from '@backhaul/domain';
import { fenceFromWire, id, refusedField, toUint64 } from './field.ts';
import { ControlSchema } from './generated/backhaul/dispatch/v1/control_pb.ts';
import { fromBytes, toBytes, type MessageKind } from './message-bytes.ts';

/** Hints from the Director; a lost one does no harm. */
export type Control =
  | { type: 'cancel'; taskId: string; fence: Fence }
  | { type: 'yield'; taskId: string; fence: Fence; reason: string }
  | { type: 'drain' };

const KIND: MessageKind<typeof ControlSchema> = { schema: ControlSchema, maxBytes: 4 * 1024 };

/** @throws Failure `invalid-input`, `wire.out-of-range`, `wire.too-large`. */
export function encodeControlMessage(control: Control): Uint8Array {
  switch (control.type) {
    case 'cancel':
      return toBytes(KIND, {
        control: { case: 'cancel', value: { taskId: control.taskId, fence: fenceToWire(control.fence) } },
      });
    case 'yield':
      return toBytes(KIND, {
        control: {
          case: 'yield',
          value: { taskId: control.taskId, fence: fenceToWire(control.fence), reason: control.reason },
        },
      });
    case 'drain':
      return toBytes(KIND, { control: { case: 'drain', value: {} } });
  }
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeControlMessage(bytes: Uint8Array): Control {
  const { control } = fromBytes(KIND, bytes);
  switch (control.case) {
    case 'cancel':
      return { type: 'cancel', ...attemptFromWire(control.value) };
    case 'yield':
      return { type: 'yield', ...attemptFromWire(control.value), reason: control.value.reason };
    case 'drain':
      return { type: 'drain' };
    case undefined:
      throw refusedField('wire.missing-field', 'Control.control', 'The message does not say what to do.');
  }
}

function fenceToWire(fence: Fence): bigint {
  return toUint64(fence, 'Control.fence');
}

function attemptFromWire(wire: { taskId: string; fence: bigint }): { taskId: string; fence: Fence } {
  return { taskId: id(wire.taskId, 'Control.task_id'), fence: fenceFromWire(wire.fence, 'Control.fence') };
}
