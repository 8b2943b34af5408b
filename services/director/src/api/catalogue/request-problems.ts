import type { ProblemEntries } from './problem-entry.ts';

/** What can be wrong with a request itself, with who sends it, or with the Director. */
export const REQUEST_PROBLEMS: ProblemEntries = {
  'request.invalid': ['invalid-input', 'Fields are wrong; all of them are listed in errors.', 'Correct those fields.'],
  'request.malformed': [
    'invalid-input',
    'The body is no JSON, or the address is not well formed.',
    'Send well-formed JSON.',
  ],
  'request.too-large': ['invalid-input', 'The body has more than 1 MiB.', 'Send less.'],
  'request.media-type': [
    'invalid-input',
    'The body is not said to be JSON, or has an unknown encoding.',
    'Send JSON in UTF-8, not compressed, with `Content-Type: application/json`.',
  ],
  'request.not-acceptable': [
    'invalid-input',
    'The header `Accept` allows nothing of what the operation answers.',
    'Leave it out, or name the media type that the operation declares.',
  ],
  'request.too-slow': [
    'invalid-input',
    'The request did not come within its time.',
    'Send it again, at once and whole.',
  ],
  'request.headers-too-large': ['invalid-input', 'The headers have more than 16 KiB.', 'Send less.'],
  'route.not-found': ['not-found', 'There is nothing at this address.', 'Take it from `/api/openapi.json`.'],
  'route.method-not-allowed': [
    'invalid-input',
    'The address does not take this method; the header `Allow` names those it takes.',
    'Take it from `/api/openapi.json`.',
  ],
  'name.invalid': [
    'invalid-input',
    'A name is empty, has more than 255 characters or a control character.',
    'Choose another name.',
  ],
  'if-match.missing': ['precondition', 'The header `If-Match` is missing.', 'Read the resource and send its `ETag`.'],
  'if-match.stale': [
    'precondition',
    'The resource was changed since it was read.',
    'Read it again, apply the change to what is there now, and send the new `ETag`.',
  ],
  'idempotency.in-progress': [
    'conflict',
    'The first request with this `Idempotency-Key` is still at work.',
    'Repeat it with the same key after `Retry-After`.',
  ],
  'idempotency.other-request': [
    'invalid-input',
    'The `Idempotency-Key` was used for another request.',
    'Use a new key for a new request.',
  ],
  'idempotency.outcome-unknown': [
    'conflict',
    'The first request with this `Idempotency-Key` was cut off; nobody knows whether it took effect.',
    'Look whether what it was to make is there; if not, repeat it with a new key.',
  ],
  'access.token-missing': ['unauthenticated', 'No API token was sent.', 'Send `Authorization: Bearer bh_…`.'],
  'access.token-refused': [
    'unauthenticated',
    'The API token is wrong, expired or revoked.',
    'Ask an administrator for a new one.',
  ],
  'access.role-too-low': ['forbidden', 'The role of the token may not do this.', 'Use a token with a higher role.'],
  'access.too-many-failures': [
    'throttled',
    'Too many wrong tokens came from this address.',
    'Wait as `Retry-After` says; valid tokens work meanwhile.',
  ],
  'setup.token-refused': [
    'unauthenticated',
    'The set-up token is wrong, too old or used.',
    'Restart the Director: while there is no administrator it prints a new one.',
  ],
  'token.not-found': ['not-found', 'There is no such API token.', 'List the tokens.'],
  'token.last-admin': [
    'conflict',
    'It is the last token of an administrator.',
    'Make another one with that role first.',
  ],
  'database.unavailable': [
    'unavailable',
    'PostgreSQL cannot be reached.',
    'Try again; look at PostgreSQL if it stays so.',
  ],
  'director.not-ready': [
    'unavailable',
    'The Director cannot work at the moment.',
    'Read `/api/v1/health` with a token for what is missing.',
  ],
  'director.stopping': ['cancelled', 'The Director stops.', 'Try again when it has started, or at another Director.'],
  'secret.wrong-key': [
    'wrong-key',
    'A stored secret was sealed with another key than the Director has.',
    'Start the Director with the key it was set up with.',
  ],
  'secret.corrupt': ['corrupt', 'A stored secret is not intact.', 'Set the secret again, or restore the database.'],
  internal: ['internal', 'A mistake of ours.', 'Find the `traceId` in the log of the Director and report it.'],
};
