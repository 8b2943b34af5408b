import type { FailureKind, RetryAdvice } from '@backhaul/domain';

/**
 * What the pipeline may do about a failed request by itself.
 * `pause`: Microsoft asks for it; nothing of the same scope may be sent meanwhile. `repeat`: transient, after a growing
 * pause. `renew-token`: once, with another token. `none`: repeating cannot help.
 */
export type Remedy = 'pause' | 'repeat' | 'renew-token' | 'none';

/** One thing that an error answer of Graph can mean. */
export interface Meaning {
  kind: FailureKind;
  code: string;
  /** What a caller may do after the pipeline has done its part. */
  retry: RetryAdvice;
  remedy: Remedy;
  hint?: string;
  /** Only with `pause`: how long, when the answer does not say. */
  pauseMs?: number;
}

function meaning(kind: FailureKind, code: string, retry: RetryAdvice, remedy: Remedy, hint?: string): Meaning {
  return { kind, code: `graph.${code}`, retry, remedy, ...(hint === undefined ? {} : { hint }) };
}

/** Everything that error answers of Graph mean to us, by name. Which answer means what is the table in `classify`. */
export const MEANINGS = {
  // Waiting. Outlook throttles for at least ten seconds where it does not say how long.
  throttled: { ...meaning('throttled', 'throttled', 'later', 'pause'), pauseMs: 10_000 },
  bandwidthUsedUp: { ...meaning('throttled', 'throttled', 'later', 'pause'), pauseMs: 60_000 },

  // Change tracking.
  cursorExpired: meaning('expired', 'cursor-expired', 'now', 'none'),
  syncFolderNotFound: meaning('expired', 'sync-folder-not-found', 'now', 'none'),
  changeTrackingUnsupported: meaning('invalid-input', 'change-tracking-unsupported', 'never', 'none'),

  // A single item that Microsoft cannot deliver.
  itemUnreadable: meaning(
    'unreadable',
    'item-unreadable',
    'never',
    'none',
    'Microsoft itself cannot convert this item; open it in Outlook.',
  ),
  malware: meaning('unreadable', 'malware', 'never', 'none', 'Microsoft blocks this file as malware.'),

  // An object that cannot be protected, or not now.
  mailboxUnusable: meaning(
    'forbidden',
    'mailbox-unusable',
    'never',
    'none',
    'The mailbox is inactive, soft-deleted, unlicensed or on-premises.',
  ),
  licenceMissing: meaning(
    'forbidden',
    'licence-missing',
    'never',
    'none',
    'Check the subscriptions of the tenant and the licences of the user.',
  ),
  objectNotFound: meaning(
    'not-found',
    'object-not-found',
    'never',
    'none',
    'The user, group or site is gone, or the user has no mailbox.',
  ),
  // No single item that was deleted: there is no drive to look in.
  driveMissing: meaning(
    'forbidden',
    'drive-missing',
    'never',
    'none',
    'The user has no OneDrive (any more); it comes to be when the user opens it for the first time.',
  ),
  locked: meaning(
    'forbidden',
    'locked',
    'later',
    'none',
    'The site or drive is locked or archived; unlock it in the SharePoint admin center.',
  ),
  lockedForNow: meaning(
    'forbidden',
    'locked',
    'later',
    'repeat',
    'The item or site is locked; try again later or unlock it.',
  ),
  quota: meaning('quota', 'quota', 'later', 'none', 'Make room in the mailbox or drive, or raise its quota.'),

  // Rights.
  tokenRefused: meaning(
    'unauthenticated',
    'token-refused',
    'later',
    'renew-token',
    'Check the application in Entra, and that the user has a licence.',
  ),
  paymentRequired: meaning(
    'forbidden',
    'payment-required',
    'never',
    'none',
    'Set up billing for this metered Microsoft API.',
  ),
  permissionMissing: meaning(
    'permission-missing',
    'permission-missing',
    'never',
    'none',
    'Grant the permission to the application in Entra and give admin consent.',
  ),
  mailboxDenied: meaning(
    'forbidden',
    'mailbox-denied',
    'never',
    'none',
    'The mail permission is missing, or an application access policy leaves this mailbox out.',
  ),
  forbidden: meaning('forbidden', 'forbidden', 'never', 'none'),

  // The rest.
  itemNotFound: meaning('not-found', 'item-not-found', 'never', 'none'),
  exists: meaning('conflict', 'exists', 'never', 'none'),
  transientConflict: meaning('conflict', 'transient-conflict', 'now', 'repeat'),
  modifiedMeanwhile: meaning('precondition', 'modified-meanwhile', 'now', 'none'),
  wrongRange: meaning('precondition', 'wrong-range', 'now', 'none'),
  tooLarge: meaning('invalid-input', 'too-large', 'never', 'none'),
  notSupported: meaning('invalid-input', 'not-supported', 'never', 'none'),
  badRequest: meaning('invalid-input', 'bad-request', 'never', 'none'),
  timedOut: meaning('timed-out', 'timed-out', 'later', 'repeat'),
  unavailable: meaning('unavailable', 'unavailable', 'later', 'repeat'),
  redirected: meaning('unavailable', 'unexpected-redirect', 'never', 'none'),
  unexpected: meaning('unavailable', 'unexpected-status', 'later', 'none'),
} satisfies Record<string, Meaning>;
