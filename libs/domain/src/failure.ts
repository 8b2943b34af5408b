/**
 * What can go wrong, as one closed set of kinds a caller may act on.
 *
 * Rules: the adapter that met the failure decides `kind` and `retry`; wrappers only ask. Nobody compares message text.
 * Programming mistakes are ordinary `Error`s and crash loudly; a `Failure` is expected to happen in the field.
 */
export type FailureKind =
  | 'invalid-input' // the caller sent something that can never work; `where.field` names it
  | 'unauthenticated' // no or wrong credentials
  | 'forbidden' // credentials are good but may not do this
  | 'permission-missing' // the tenant's application lacks a Microsoft permission; `where.permission` names it
  | 'not-found'
  | 'conflict' // somebody else was first, or the thing exists already
  | 'precondition' // If-Match or a similar condition did not hold
  | 'unreachable' // no connection, name not resolved, TLS refused
  | 'throttled' // the other side asked us to wait; `retryAfterMs` says how long
  | 'unavailable' // the other side is there but failing (5xx)
  | 'timed-out'
  | 'expired' // a cursor, token or link is too old
  | 'cancelled' // we were asked to stop
  | 'lease-lost' // the lease ended or was taken; stop at once
  | 'stale' // a newer holder exists; nothing of ours counts any more
  | 'unreadable' // one item cannot be read (corrupt at the source, blocked as malware)
  | 'quota' // the target is full
  | 'no-space' // our own storage is full
  | 'not-writable'
  | 'wrong-key' // the key or password does not open this
  | 'unsupported-format' // a newer or foreign format
  | 'corrupt' // stored bytes are not what was written; never retried quietly
  | 'internal';

/** `now`: repeat at once. `later`: repeat after a pause. `never`: repeating cannot help. */
export type RetryAdvice = 'now' | 'later' | 'never';

export interface FailureDetails {
  /** Stable machine-readable name, dotted, e.g. `repository.wrong-key`. Part of the public API. */
  code: string;
  /** One sentence for a person, without secrets. */
  message: string;
  retry: RetryAdvice;
  /** What the operator can do about it, one sentence. */
  hint?: string;
  /** Context as key and value (`field`, `url`, `permission`, `path` …), never secrets. */
  where?: Record<string, string>;
  /** Only with `throttled` or `unavailable`: not before this many milliseconds from now. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** An expected failure with advice. See the rules at the head of this file. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly retry: RetryAdvice;
  readonly hint: string | undefined;
  readonly where: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, details: FailureDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.code = details.code;
    this.retry = details.retry;
    this.hint = details.hint;
    this.where = Object.freeze({ ...details.where });
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** True when `error` is a {@link Failure}, optionally of one of `kinds`. */
export function isFailure(error: unknown, ...kinds: FailureKind[]): error is Failure {
  return error instanceof Failure && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Any thrown value as a {@link Failure}; what is not one becomes `internal`, never retried, cause kept. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('internal', { code: 'internal', message, retry: 'never', cause: error });
}

/** A failure as plain data, as it is stored and sent. */
export interface FailureRecord {
  kind: FailureKind;
  code: string;
  message: string;
  retry: RetryAdvice;
  hint?: string;
  where?: Record<string, string>;
}

/** Plain data of `failure`; the cause stays behind. */
export function failureRecord(failure: Failure): FailureRecord {
  return {
    kind: failure.kind,
    code: failure.code,
    message: failure.message,
    retry: failure.retry,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(Object.keys(failure.where).length === 0 ? {} : { where: { ...failure.where } }),
  };
}
