import type { FailureKind, FailureRecord, RetryAdvice } from '@backhaul/domain';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { text } from './field.ts';
import {
  FailureKind as WireFailureKind,
  type FailureRecord as WireFailureRecord,
  type FailureRecordSchema,
  RetryAdvice as WireRetryAdvice,
} from './generated/backhaul/dispatch/v1/failure_pb.ts';
import { wordTable } from './word-table.ts';

const kinds = wordTable<FailureKind, WireFailureKind>({
  'invalid-input': WireFailureKind.INVALID_INPUT,
  unauthenticated: WireFailureKind.UNAUTHENTICATED,
  forbidden: WireFailureKind.FORBIDDEN,
  'permission-missing': WireFailureKind.PERMISSION_MISSING,
  'not-found': WireFailureKind.NOT_FOUND,
  conflict: WireFailureKind.CONFLICT,
  precondition: WireFailureKind.PRECONDITION,
  unreachable: WireFailureKind.UNREACHABLE,
  throttled: WireFailureKind.THROTTLED,
  unavailable: WireFailureKind.UNAVAILABLE,
  'timed-out': WireFailureKind.TIMED_OUT,
  expired: WireFailureKind.EXPIRED,
  cancelled: WireFailureKind.CANCELLED,
  'lease-lost': WireFailureKind.LEASE_LOST,
  stale: WireFailureKind.STALE,
  unreadable: WireFailureKind.UNREADABLE,
  quota: WireFailureKind.QUOTA,
  'no-space': WireFailureKind.NO_SPACE,
  'not-writable': WireFailureKind.NOT_WRITABLE,
  'wrong-key': WireFailureKind.WRONG_KEY,
  'unsupported-format': WireFailureKind.UNSUPPORTED_FORMAT,
  corrupt: WireFailureKind.CORRUPT,
  internal: WireFailureKind.INTERNAL,
});

const retryAdvices = wordTable<RetryAdvice, WireRetryAdvice>({
  now: WireRetryAdvice.NOW,
  later: WireRetryAdvice.LATER,
  never: WireRetryAdvice.NEVER,
});

/** A failure for the wire. */
export function failureToWire(failure: FailureRecord, path: string): MessageInitShape<typeof FailureRecordSchema> {
  return {
    kind: kinds.toWire(failure.kind, `${path}.kind`),
    code: failure.code,
    message: failure.message,
    retry: retryAdvices.toWire(failure.retry, `${path}.retry`),
    where: { ...failure.where },
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  };
}

/** A failure off the wire. @throws Failure `invalid-input`. */
export function failureFromWire(wire: WireFailureRecord, path: string): FailureRecord {
  return {
    kind: kinds.fromWire(wire.kind, `${path}.kind`),
    code: text(wire.code, `${path}.code`),
    message: wire.message,
    retry: retryAdvices.fromWire(wire.retry, `${path}.retry`),
    ...(wire.hint === undefined ? {} : { hint: wire.hint }),
    ...(Object.keys(wire.where).length === 0 ? {} : { where: { ...wire.where } }),
  };
}
