import type { BackupExtras, ChangeTrackingMode, Fence, OnChangeTrackingError, TaskSpec } from '@backhaul/domain';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fenceFromWire, fromUint64, id, present, refusedField, toUint32, toUint64 } from './field.ts';
import {
  type BackupExtras as WireBackupExtras,
  type BackupWork as WireBackupWork,
  ChangeTrackingMode as WireChangeTrackingMode,
  OnChangeTrackingError as WireOnChangeTrackingError,
  TaskOfferSchema,
  type TaskSpec as WireTaskSpec,
  type TaskSpecSchema,
} from './generated/backhaul/dispatch/v1/task_pb.ts';
import { fromBytes, toBytes, type MessageKind } from './message-bytes.ts';
import { itemKinds, protectedObjectFromWire, protectedObjectToWire } from './protected-object.ts';
import { restoreWorkFromWire, restoreWorkToWire } from './restore-work.ts';
import { wordTable } from './word-table.ts';

/** A grant on its way to a Transporter, as it is signed: what to do and against which reservation to claim. */
export interface TaskMessage {
  spec: TaskSpec;
  fence: Fence;
  slot: number;
  /** Revision of the reservation in the slot's key; the claim is made against it. Never 0. */
  leaseRevision: number;
  /** How many attempts this task had before. */
  earlierAttempts: number;
  transporterId: string;
  /** Nonce of the Transporter's process start; a restarted one never sees offers made to its former self. */
  boot: string;
}

// A restore may name some thousand items; the server's own limit for a message is 1 MiB.
const KIND: MessageKind<typeof TaskOfferSchema> = { schema: TaskOfferSchema, maxBytes: 512 * 1024 };

const modes = wordTable<ChangeTrackingMode, WireChangeTrackingMode>({
  microsoft: WireChangeTrackingMode.MICROSOFT,
  proprietary: WireChangeTrackingMode.PROPRIETARY,
  full: WireChangeTrackingMode.FULL,
});

const onErrors = wordTable<OnChangeTrackingError, WireOnChangeTrackingError>({
  'switch-to-proprietary': WireOnChangeTrackingError.SWITCH_TO_PROPRIETARY,
  'fail-object': WireOnChangeTrackingError.FAIL_OBJECT,
});

/** @throws Failure `invalid-input`, `wire.too-large` when a restore names too many items, `wire.out-of-range`. */
export function encodeTaskMessage(message: TaskMessage): Uint8Array {
  return toBytes(KIND, {
    spec: specToWire(message.spec),
    fence: toUint64(message.fence, 'TaskOffer.fence'),
    slot: toUint32(message.slot, 'TaskOffer.slot'),
    leaseRevision: toUint64(message.leaseRevision, 'TaskOffer.lease_revision'),
    earlierAttempts: toUint32(message.earlierAttempts, 'TaskOffer.earlier_attempts'),
    transporterId: message.transporterId,
    boot: message.boot,
  });
}

/** @throws Failure `invalid-input` with a `wire.` code and `where.field`. */
export function decodeTaskMessage(bytes: Uint8Array): TaskMessage {
  const wire = fromBytes(KIND, bytes);
  const leaseRevision = fromUint64(wire.leaseRevision, 'TaskOffer.lease_revision');
  if (leaseRevision === 0) {
    throw refusedField('wire.out-of-range', 'TaskOffer.lease_revision', 'An offer never names revision 0.');
  }
  return {
    spec: specFromWire(present(wire.spec, 'TaskOffer.spec')),
    fence: fenceFromWire(wire.fence, 'TaskOffer.fence'),
    slot: wire.slot,
    leaseRevision,
    earlierAttempts: wire.earlierAttempts,
    transporterId: id(wire.transporterId, 'TaskOffer.transporter_id'),
    boot: id(wire.boot, 'TaskOffer.boot'),
  };
}

function specToWire(spec: TaskSpec): MessageInitShape<typeof TaskSpecSchema> {
  return {
    taskId: spec.taskId,
    runId: spec.runId,
    laneId: spec.laneId,
    object: protectedObjectToWire(spec.object, 'TaskSpec.object'),
    repositoryId: spec.repositoryId,
    work: workToWire(spec.work),
  };
}

function specFromWire(wire: WireTaskSpec): TaskSpec {
  return {
    taskId: id(wire.taskId, 'TaskSpec.task_id'),
    runId: id(wire.runId, 'TaskSpec.run_id'),
    laneId: id(wire.laneId, 'TaskSpec.lane_id'),
    object: protectedObjectFromWire(present(wire.object, 'TaskSpec.object'), 'TaskSpec.object'),
    repositoryId: id(wire.repositoryId, 'TaskSpec.repository_id'),
    work: workFromWire(wire.work),
  };
}

type WireWork = MessageInitShape<typeof TaskSpecSchema>['work'];

function workToWire(work: TaskSpec['work']): NonNullable<WireWork> {
  if (work.type === 'restore') return { case: 'restore', value: restoreWorkToWire(work) };
  return {
    case: 'backup',
    value: {
      jobId: work.jobId,
      kinds: work.kinds.map((kind) => itemKinds.toWire(kind, 'BackupWork.kinds')),
      changeTracking: {
        mode: modes.toWire(work.changeTracking.mode, 'ChangeTracking.mode'),
        onError: onErrors.toWire(work.changeTracking.onError, 'ChangeTracking.on_error'),
      },
      forceFull: work.forceFull,
      include: work.include,
    },
  };
}

function workFromWire(work: WireTaskSpec['work']): TaskSpec['work'] {
  switch (work.case) {
    case 'backup':
      return backupWorkFromWire(work.value);
    case 'restore':
      return restoreWorkFromWire(work.value);
    case undefined:
      throw refusedField('wire.missing-field', 'TaskSpec.work', 'The task does not say what to do.');
  }
}

function backupWorkFromWire(wire: WireBackupWork): TaskSpec['work'] {
  const tracking = present(wire.changeTracking, 'BackupWork.change_tracking');
  return {
    type: 'backup',
    jobId: id(wire.jobId, 'BackupWork.job_id'),
    kinds: wire.kinds.map((kind) => itemKinds.fromWire(kind, 'BackupWork.kinds')),
    changeTracking: {
      mode: modes.fromWire(tracking.mode, 'ChangeTracking.mode'),
      onError: onErrors.fromWire(tracking.onError, 'ChangeTracking.on_error'),
    },
    forceFull: wire.forceFull,
    include: backupExtrasFromWire(wire.include),
  };
}

/** A Director of an earlier release asks for no extras. */
function backupExtrasFromWire(wire: WireBackupExtras | undefined): BackupExtras {
  return {
    recoverableItems: wire?.recoverableItems ?? false,
    fileVersions: wire?.fileVersions ?? false,
    filePermissions: wire?.filePermissions ?? false,
  };
}
