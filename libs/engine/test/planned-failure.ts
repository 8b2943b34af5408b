import { Failure, type FailureKind } from '@backhaul/domain';

/** A planned failure of this kind. */
export function failure(kind: FailureKind, retryAfterMs?: number): Failure {
  return new Failure(kind, {
    code: `test.${kind}`,
    message: `Planned: ${kind}.`,
    retry: 'later',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
