import type { FailureKind } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import { classify } from '../src/classify.ts';
import { readGraphError } from '../src/graph-error.ts';
import type { Remedy } from '../src/meanings.ts';

interface Answer {
  status: number;
  code?: string;
  inner?: string;
  message?: string;
  retryAfterMs?: number;
}

function classified({ status, code = '', inner, message = '', retryAfterMs }: Answer) {
  const error = { code, message, ...(inner && { innerError: { code: inner } }) };
  const body = code === '' && message === '' ? '' : JSON.stringify({ error });
  return classify(readGraphError(status, 'r-1', Buffer.from(body)), {
    request: 'GET /x',
    retryAfterMs: retryAfterMs ?? null,
  });
}

/** Every row of the service's documented errors, and what it means to us. */
const ANSWERS: [Answer, FailureKind, string, Remedy][] = [
  ...[
    'BadRequest',
    'invalidRequest',
    'Request_BadRequest',
    'RequestBroker--ParseUri',
    'ErrorInvalidRequest',
    'ErrorInvalidIdMalformed',
    'ErrorInvalidUrlQueryFilter',
    'ErrorInvalidPropertySet',
    'ErrorMimeContentInvalidBase64String',
    'UnableToDeserializePostBody',
  ].map((code): [Answer, FailureKind, string, Remedy] => [
    { status: 400, code },
    'invalid-input',
    'bad-request',
    'none',
  ]),
  [{ status: 400, code: 'ErrorInvalidRecipients' }, 'unreadable', 'item-unreadable', 'none'],
  [
    { status: 400, code: 'BadRequest', message: "Parameter 'DeltaToken' not supported for this request." },
    'invalid-input',
    'change-tracking-unsupported',
    'none',
  ],
  [
    { status: 400, code: 'BadRequest', message: 'Tenant does not have a SPO license.' },
    'forbidden',
    'licence-missing',
    'none',
  ],
  ...[
    'InvalidAuthenticationToken',
    'CompactTokenParsing',
    'unauthenticated',
    'AuthenticationError',
    'tokenNotFound',
    '',
  ].map((code): [Answer, FailureKind, string, Remedy] => [
    { status: 401, code },
    'unauthenticated',
    'token-refused',
    'renew-token',
  ]),
  [
    { status: 500, code: 'generalException', message: 'Unable to initialize RPS' },
    'unauthenticated',
    'token-refused',
    'renew-token',
  ],
  [{ status: 402, code: 'PaymentRequired' }, 'forbidden', 'payment-required', 'none'],
  [{ status: 403, code: 'Authorization_RequestDenied' }, 'permission-missing', 'permission-missing', 'none'],
  [
    { status: 403, code: 'ErrorInsufficientPermissionsInAccessToken' },
    'permission-missing',
    'permission-missing',
    'none',
  ],
  [
    { status: 403, code: 'accessDenied', message: 'Either scp or roles claim need to be present in the token.' },
    'permission-missing',
    'permission-missing',
    'none',
  ],
  [
    { status: 403, code: 'ErrorAccessDenied', message: 'Access is denied. Check credentials and try again.' },
    'forbidden',
    'mailbox-denied',
    'none',
  ],
  [{ status: 403, code: 'accessDenied' }, 'forbidden', 'forbidden', 'none'],
  [{ status: 403, code: 'notAllowed', inner: 'resourceLocked' }, 'forbidden', 'locked', 'none'],
  [{ status: 403, code: 'notAllowed', inner: 'lockedForArchive' }, 'forbidden', 'locked', 'none'],
  [{ status: 403, code: 'extensionError' }, 'forbidden', 'forbidden', 'none'],
  [{ status: 403, code: 'malwareDetected' }, 'unreadable', 'malware', 'none'],
  [{ status: 403, code: 'accessDenied', inner: 'sharingDisabled' }, 'forbidden', 'forbidden', 'none'],
  [{ status: 403, code: 'ErrorQuotaExceeded' }, 'quota', 'quota', 'none'],
  ...['ErrorItemNotFound', 'itemNotFound', 'NotFound', 'UnknownError', ''].map(
    (code): [Answer, FailureKind, string, Remedy] => [{ status: 404, code }, 'not-found', 'item-not-found', 'none'],
  ),
  ...['ResourceNotFound', 'Request_ResourceNotFound', 'ErrorInvalidUser'].map(
    (code): [Answer, FailureKind, string, Remedy] => [{ status: 404, code }, 'not-found', 'object-not-found', 'none'],
  ),
  ...['MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI'].map(
    (code): [Answer, FailureKind, string, Remedy] => [{ status: 404, code }, 'forbidden', 'mailbox-unusable', 'none'],
  ),
  ...([400, 404, 410] as const).flatMap((status) =>
    ['SyncStateNotFound', 'syncStateNotFound', 'SyncStateInvalid'].map(
      (code): [Answer, FailureKind, string, Remedy] => [{ status, code }, 'expired', 'cursor-expired', 'none'],
    ),
  ),
  ...['resyncRequired', 'resyncChangesApplyDifferences', 'resyncChangesUploadDifferences', 'fullSyncRequired', ''].map(
    (code): [Answer, FailureKind, string, Remedy] => [{ status: 410, code }, 'expired', 'cursor-expired', 'none'],
  ),
  [{ status: 404, code: 'ErrorSyncFolderNotFound' }, 'expired', 'sync-folder-not-found', 'none'],
  [{ status: 409, code: 'nameAlreadyExists' }, 'conflict', 'exists', 'none'],
  [{ status: 409, code: 'ErrorFolderExists' }, 'conflict', 'exists', 'none'],
  [{ status: 409, code: 'Conflict' }, 'conflict', 'exists', 'none'],
  [{ status: 409, code: 'resourceModified' }, 'conflict', 'transient-conflict', 'repeat'],
  [{ status: 409, code: 'ErrorMessageTransientError' }, 'conflict', 'transient-conflict', 'repeat'],
  [{ status: 412, code: 'ErrorIrresolvableConflict' }, 'precondition', 'modified-meanwhile', 'none'],
  [{ status: 413, code: 'RequestEntityTooLarge' }, 'invalid-input', 'too-large', 'none'],
  [{ status: 400, code: 'ErrorMessageSizeExceeded' }, 'invalid-input', 'too-large', 'none'],
  [{ status: 416, code: 'invalidRange', inner: 'fragmentOverlap' }, 'precondition', 'wrong-range', 'none'],
  [{ status: 423, code: 'notAllowed', inner: 'resourceLocked' }, 'forbidden', 'locked', 'none'],
  [{ status: 423, code: 'locked' }, 'forbidden', 'locked', 'repeat'],
  [{ status: 403, message: 'Access to this site has been blocked. Please contact…' }, 'forbidden', 'locked', 'none'],
  ...['TooManyRequests', 'ApplicationThrottled', 'activityLimitReached', 'throttledRequest', 'UnknownError', ''].map(
    (code): [Answer, FailureKind, string, Remedy] => [{ status: 429, code }, 'throttled', 'throttled', 'pause'],
  ),
  [{ status: 503, code: 'ErrorServerBusy' }, 'throttled', 'throttled', 'pause'],
  [{ status: 503, code: 'ServiceUnavailable', retryAfterMs: 7_000 }, 'throttled', 'throttled', 'pause'],
  ...['InternalServerError', 'ErrorInternalServerError', 'generalException', 'ErrorInternalServerTransientError'].map(
    (code): [Answer, FailureKind, string, Remedy] => [{ status: 500, code }, 'unavailable', 'unavailable', 'repeat'],
  ),
  ...['ErrorCorruptData', 'ErrorMimeContentConversionFailed', 'ErrorCannotOpenFileAttachment'].map(
    (code): [Answer, FailureKind, string, Remedy] => [{ status: 500, code }, 'unreadable', 'item-unreadable', 'none'],
  ),
  [{ status: 501, code: 'NotImplemented' }, 'invalid-input', 'not-supported', 'none'],
  [{ status: 405 }, 'invalid-input', 'not-supported', 'none'],
  ...([502, 503, 504] as const).flatMap((status) =>
    [
      'BadGateway',
      'ErrorMailboxStoreUnavailable',
      'ErrorMailboxMoveInProgress',
      'ErrorMailboxFailover',
      'UnknownError',
      '',
    ].map((code): [Answer, FailureKind, string, Remedy] => [{ status, code }, 'unavailable', 'unavailable', 'repeat']),
  ),
  [{ status: 507, code: 'quotaLimitReached' }, 'quota', 'quota', 'none'],
  [{ status: 507, code: 'insufficientStorage' }, 'quota', 'quota', 'none'],
  [{ status: 507 }, 'quota', 'quota', 'none'],
  [{ status: 509 }, 'throttled', 'throttled', 'pause'],
  [{ status: 302 }, 'unavailable', 'unexpected-redirect', 'none'],
  [{ status: 418 }, 'unavailable', 'unexpected-status', 'none'],
];

describe('an error answer', () => {
  test.each(ANSWERS)('%j means %s (%s) and calls for %s', (answer, kind, code, remedy) => {
    const result = classified(answer);
    expect([result.failure.kind, result.failure.code, result.remedy]).toEqual([kind, `graph.${code}`, remedy]);
  });

  test('that throttles says how long to wait: as the answer says, else ten seconds, a minute for bandwidth', () => {
    const wait = (answer: Answer) => classified(answer).failure.retryAfterMs;
    expect(wait({ status: 429, retryAfterMs: 3_000 })).toBe(3_000);
    expect(wait({ status: 429 })).toBe(10_000);
    expect(wait({ status: 509 })).toBe(60_000);
    expect(wait({ status: 500 })).toBeUndefined();
  });

  test('names what Microsoft said, its request id, and the permission where it is named', () => {
    const { failure } = classified({
      status: 403,
      code: 'Forbidden',
      message:
        "Missing role permissions on the request. API requires one of 'Chat.Read.All, Chat.ReadWrite.All'. Roles on the request 'X'.",
    });
    expect(failure.kind).toBe('permission-missing');
    expect(failure.where).toEqual({
      request: 'GET /x',
      requestId: 'r-1',
      permission: 'Chat.Read.All, Chat.ReadWrite.All',
    });
    expect(failure.message).toContain('403 Forbidden: Missing role permissions');
  });

  test('is read in both spellings of its inner error, from empty bodies and from web pages', () => {
    const read = (body: string) => readGraphError(500, '', Buffer.from(body)).codes;
    expect(read('{"error":{"code":"a","innererror":{"code":"b","innerError":{"code":"c"}}}}')).toEqual(['a', 'b', 'c']);
    expect(read('')).toEqual([]);
    expect(read('<html>')).toEqual([]);
    expect(read('{"error":{"code":"a"')).toEqual([]);
    expect(read('{"error":null}')).toEqual([]);
  });
});
