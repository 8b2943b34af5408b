import { Failure } from '@backhaul/domain';

/**
 * Checks a stored change-tracking cursor before it is used. One of another host (the tenant's endpoint was changed) is of no
 * use here and must not be followed: that is an expiry. One that is no address at all was damaged: that is an error of
 * change tracking.
 * @throws Failure `expired` or `invalid-input`
 */
export function checkCursor(cursor: string, host: string): void {
  if (!URL.canParse(cursor)) throw malformedCursor();
  if (new URL(cursor).host === host) return;
  throw new Failure('expired', {
    code: 'graph.cursor-foreign',
    message: 'The stored change-tracking cursor belongs to another Microsoft endpoint.',
    retry: 'now',
    where: { host: new URL(cursor).host },
  });
}

/** A stored cursor that was damaged. */
export function malformedCursor(): Failure {
  return new Failure('invalid-input', {
    code: 'graph.cursor-malformed',
    message: 'The stored change-tracking cursor is not an address.',
    retry: 'never',
  });
}

/** A walk that ended without the cursor to go on from. */
export function noCursor(): Failure {
  return new Failure('unavailable', {
    code: 'graph.cursor-missing',
    message: 'The list of changes ended without a cursor.',
    retry: 'later',
  });
}
