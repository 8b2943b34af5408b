import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { Failure, type FailureKind, type RetryAdvice } from '@backhaul/domain';

// Error codes of the JetStream API (server/errors.json of nats-server).
const WRONG_LAST_SEQUENCE = [10071, 10164];
const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const NOT_ENABLED_FOR_ACCOUNT = 10039;

/** Runs one operation against NATS; what it throws is translated, `doing` names it for the operator. */
export async function asFailure<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw natsFailure(error, doing);
  }
}

/** True when a conditional write was refused, and so certainly did not happen. */
export function isWrongLastSequence(error: unknown): boolean {
  return error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.includes(error.code);
}

/** True when JetStream answers that a stream is not there. */
export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}

/** True when a consumer is not there. */
export function isConsumerMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND;
}

/** True when the account may not use JetStream. */
export function isJetStreamDisabled(error: unknown): boolean {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return reason instanceof JetStreamApiError && reason.code === NOT_ENABLED_FOR_ACCOUNT;
}

/** The failure that an error of the client library stands for. */
export function natsFailure(error: unknown, doing: string): Failure {
  if (error instanceof Failure) return error;
  const make = (kind: FailureKind, code: string, message: string, retry: RetryAdvice, hint?: string) =>
    new Failure(kind, { code, message: `${doing}: ${message}`, retry, ...(hint && { hint }), cause: error });

  if (error instanceof errors.TimeoutError) {
    return make('timed-out', 'dispatch.no-answer', 'NATS did not answer in time.', 'now');
  }
  if (isConnectionGone(error)) return make('unreachable', 'dispatch.disconnected', 'there is no connection.', 'later');
  if (isPermissionRefused(error)) {
    return make('forbidden', 'dispatch.forbidden', 'NATS refused the subject to this user.', 'never');
  }
  if (isStreamMissing(error) || isNoResponders(error)) {
    return make('unavailable', 'dispatch.store-missing', 'JetStream or the stream is not there.', 'later');
  }
  const said = error instanceof Error ? error.message : String(error);
  return make('unavailable', 'dispatch.refused-by-server', `NATS answered "${said}".`, 'later');
}

function isConnectionGone(error: unknown): boolean {
  return (
    error instanceof errors.ClosedConnectionError ||
    error instanceof errors.DrainingConnectionError ||
    error instanceof errors.ConnectionError
  );
}

function isPermissionRefused(error: unknown): boolean {
  const reason = error instanceof errors.RequestError ? error.cause : error;
  return reason instanceof errors.PermissionViolationError;
}

function isNoResponders(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  if (error instanceof errors.RequestError) return error.isNoResponders();
  return error instanceof Error && error.cause !== undefined && isNoResponders(error.cause);
}
