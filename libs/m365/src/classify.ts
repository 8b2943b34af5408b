import { Failure } from '@backhaul/domain';
import type { GraphError } from './graph-error.ts';
import { MEANINGS, type Meaning, type Remedy } from './meanings.ts';

export interface Classified {
  failure: Failure;
  remedy: Remedy;
}

/** Where the failed request went and what its answer said about waiting. */
export interface ErrorContext {
  /** Method and path without query. */
  request: string;
  /** From `Retry-After`; null when the answer had none. */
  retryAfterMs: number | null;
}

/** The one translation from Graph's error answers to failures. A 5xx with `Retry-After` is throttling, whatever it says. */
export function classify(error: GraphError, context: ErrorContext): Classified {
  const found = ROWS.find(([when]) => holds(when, error))?.[1] ?? MEANINGS.unexpected;
  const throttledBy5xx = found.remedy === 'repeat' && error.status >= 500 && context.retryAfterMs !== null;
  const meaning = throttledBy5xx ? MEANINGS.throttled : found;
  const pauseMs = meaning.remedy === 'pause' ? (context.retryAfterMs ?? meaning.pauseMs) : undefined;
  const failure = new Failure(meaning.kind, {
    code: meaning.code,
    message: `Microsoft answered ${said(error)}.`,
    retry: meaning.retry,
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    where: {
      request: context.request,
      ...named('requestId', error.requestId),
      ...named('permission', permission(error)),
    },
    ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }),
  });
  return { failure, remedy: meaning.remedy };
}

interface Condition {
  status?: readonly number[];
  /** Tried on each code of the error, outer and inner. */
  code?: RegExp;
  /** Only for conditions that nothing but the message tells. */
  message?: RegExp;
}

function holds(when: Condition, error: GraphError): boolean {
  if (when.status !== undefined && !when.status.includes(error.status)) return false;
  if (when.code !== undefined && !error.codes.some((code) => when.code?.test(code))) return false;
  return when.message === undefined || when.message.test(error.message);
}

/** First match wins: what a code or a message tells comes before what the status alone tells. */
const ROWS: readonly (readonly [Condition, Meaning])[] = [
  [{ status: [429] }, MEANINGS.throttled],
  [{ status: [509] }, MEANINGS.bandwidthUsedUp],
  [
    { code: /^(ApplicationThrottled|activityLimitReached|throttledRequest|TooManyRequests|ErrorServerBusy)$/ },
    MEANINGS.throttled,
  ],

  [{ status: [410] }, MEANINGS.cursorExpired],
  [{ code: /^(syncState(NotFound|Invalid)|fullSyncRequired)$/i }, MEANINGS.cursorExpired],
  [{ code: /^resync(Required|Changes(Apply|Upload)Differences)$/i }, MEANINGS.cursorExpired],
  [{ code: /^ErrorSyncFolderNotFound$/ }, MEANINGS.syncFolderNotFound],
  [{ message: /'DeltaToken' not supported|change tracking is not supported/i }, MEANINGS.changeTrackingUnsupported],

  [
    { code: /^Error(CorruptData|MimeContentConversionFailed|CannotOpenFileAttachment|InvalidRecipients)$/ },
    MEANINGS.itemUnreadable,
  ],
  [{ code: /^malwareDetected$/ }, MEANINGS.malware],

  [{ code: /^Mailbox(NotEnabled|NotSupported)ForRESTAPI$/ }, MEANINGS.mailboxUnusable],
  [
    { message: /subscription within the tenant has lapsed|Tenant does not have a SPO license/i },
    MEANINGS.licenceMissing,
  ],
  [
    { message: /mysite not found|retrieve user's mysite URL|Requested site could not be found/i },
    MEANINGS.driveMissing,
  ],
  [
    { status: [400, 404], code: /^(ResourceNotFound|Request_ResourceNotFound|ErrorInvalidUser)$/ },
    MEANINGS.objectNotFound,
  ],
  [{ code: /^(resourceLocked|lockedForArchive.*)$/ }, MEANINGS.locked],
  [{ message: /Access to this site has been blocked/i }, MEANINGS.locked],
  [{ code: /^(ErrorQuotaExceeded|quotaLimitReached|insufficientStorage)$/ }, MEANINGS.quota],

  [{ status: [401] }, MEANINGS.tokenRefused],
  [{ message: /Unable to initialize RPS/ }, MEANINGS.tokenRefused],
  [{ status: [402] }, MEANINGS.paymentRequired],
  [{ code: /^(Authorization_RequestDenied|ErrorInsufficientPermissionsInAccessToken)$/ }, MEANINGS.permissionMissing],
  [{ status: [403], message: /scp or roles claim|Missing role permissions/i }, MEANINGS.permissionMissing],
  [{ status: [403], code: /^ErrorAccessDenied$/ }, MEANINGS.mailboxDenied],
  [{ status: [403] }, MEANINGS.forbidden],

  [{ code: /^(ErrorMessageSizeExceeded|RequestEntityTooLarge)$/ }, MEANINGS.tooLarge],
  [{ status: [413] }, MEANINGS.tooLarge],
  [{ status: [404] }, MEANINGS.itemNotFound],
  [{ status: [405, 501] }, MEANINGS.notSupported],
  [{ status: [408] }, MEANINGS.timedOut],
  [{ status: [409], code: /^(ErrorMessageTransientError|resourceModified)$/ }, MEANINGS.transientConflict],
  [{ status: [409] }, MEANINGS.exists],
  [{ status: [412] }, MEANINGS.modifiedMeanwhile],
  [{ status: [416] }, MEANINGS.wrongRange],
  [{ status: [423] }, MEANINGS.lockedForNow],
  [{ status: [507] }, MEANINGS.quota],
  [{ status: [500, 502, 503, 504] }, MEANINGS.unavailable],
  [{ status: [301, 302, 303, 307, 308] }, MEANINGS.redirected],
  [{ status: [400] }, MEANINGS.badRequest],
];

const LONGEST_MESSAGE = 300;

function said(error: GraphError): string {
  const code = error.codes.length === 0 ? '' : ` ${error.codes.join('/')}`;
  const message = error.message.trim().replace(/\.+$/, '').slice(0, LONGEST_MESSAGE);
  return `${error.status}${code}${message === '' ? '' : `: ${message}`}`;
}

/** The permission that messages of the Teams service name. */
function permission(error: GraphError): string {
  return /requires one of '([^']+)'/.exec(error.message)?.[1] ?? '';
}

function named(key: string, value: string): Record<string, string> {
  return value === '' ? {} : { [key]: value };
}
