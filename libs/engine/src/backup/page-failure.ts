import { Failure, isFailure } from '@backhaul/domain';

/** A page that could not be had; not to be mixed up with an item that could not be stored. */
export class PageFailure extends Error {
  readonly failure: Failure;
  readonly pagesRead: number;

  constructor(failure: Failure, pagesRead: number) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.pagesRead = pagesRead;
  }
}

/** What is thrown for a page that could not be had; throttling, which is no failure of the list, as it is. */
export function asPageFailure(error: unknown, pagesRead: number): unknown {
  return isFailure(error) && !isFailure(error, 'throttled') ? new PageFailure(error, pagesRead) : error;
}

/** A list of changes that cannot be gone on from. */
export function endedWithoutCursor(): Failure {
  const message = 'The list of changes ended without a cursor.';
  return new Failure('unavailable', { code: 'change-tracking.no-cursor', message, retry: 'later' });
}
