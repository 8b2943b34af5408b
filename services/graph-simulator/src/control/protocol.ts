/**
 * What travels over the control port, as JSON. The control port is no part of Microsoft Graph: it is how demo, tests and
 * benchmarks change the tenant, order faults, and ask for the truth and for what was requested.
 */

/** What the simulator prints, as one JSON line, when it accepts requests. */
export interface SimulatorReady {
  /** Root of Graph, e.g. `https://127.0.0.1:40001` (stands for `https://graph.microsoft.com`). */
  graphUrl: string;
  /** Root of the login host (stands for `https://login.microsoftonline.com`). */
  loginUrl: string;
  controlUrl: string;
  /** Bearer token of the control port. */
  controlToken: string;
  tenantId: string;
  /** The first application: it holds `User.Read.All`, `Group.Read.All`, `Sites.Read.All`, `Organization.Read.All`, `MailboxSettings.Read` and `Mail.ReadWrite`. */
  clientId: string;
  clientSecret: string;
  /** A certificate registered for the same application. */
  clientCertificate: ClientCertificate;
  /** PEM file of the authority that signed the server's certificate (for NODE_EXTRA_CA_CERTS or an explicit `ca`). */
  caPath: string;
  pid: number;
}

export interface ClientCertificate {
  /** PEM file with the certificate. */
  certificatePath: string;
  /** PEM file with the private key (PKCS #8). */
  keyPath: string;
  /** SHA-256 of the certificate in upper-case hex, as `@azure/msal-node` wants it. */
  thumbprintSha256: string;
}

// ---------------------------------------------------------------------------------------------- users

export type UserKind = 'user' | 'shared' | 'room' | 'guest' | 'no-mailbox';

/** `missing`: 404 ResourceNotFound; `inactive`: 404 MailboxNotEnabledForRESTAPI; `denied`: 403 ErrorAccessDenied (access policy); `over-quota`: readable, writes fail with ErrorQuotaExceeded. */
export type MailboxState = 'active' | 'missing' | 'inactive' | 'denied' | 'over-quota';

export interface SimulatedUser {
  id: string;
  userPrincipalName: string;
  displayName: string;
  kind: UserKind;
  accountEnabled: boolean;
  mailboxState: MailboxState;
  /** Messages in all folders, hidden ones included; 0 without a mailbox. */
  messages: number;
  folders: number;
}

export interface NewUser {
  /** Default: made from a counter. */
  displayName?: string;
  /** Default: made from the display name. */
  userPrincipalName?: string;
  /** Default `user`: an empty mailbox with the well-known folders. */
  kind?: UserKind;
  /** Language of the folder names, e.g. `en`, `de`, `fr`, `ja`; default `en`. */
  language?: string;
}

export interface UserPatch {
  displayName?: string;
  accountEnabled?: boolean;
  mailboxState?: MailboxState;
}

// ---------------------------------------------------------------------------------------------- changing the tenant

export type ChangeKind = 'new' | 'changed' | 'moved' | 'deleted';

export interface ChangeRequest {
  /** Share of each mailbox's messages that each kind touches, in percent (3 = three new, three changed … of a hundred). */
  percent: number;
  /** Default 1. The same seed on the same state makes the same change. */
  seed?: number;
  /** Default: all four. */
  kinds?: ChangeKind[];
  /** Renames one folder, that has messages or folders below it, in each mailbox touched. Default false. */
  renameFolder?: boolean;
  /** User ids or principal names; default: every mailbox with messages. */
  mailboxes?: string[];
}

export interface ChangeReport {
  /** Mark of the state before, and after, the change. */
  markBefore: number;
  markAfter: number;
  /** Ids are immutable ids. */
  new: ChangedMessage[];
  changed: ChangedMessage[];
  moved: ChangedMessage[];
  deleted: ChangedMessage[];
  renamedFolders: { mailbox: string; folderId: string; from: string; to: string }[];
}

export interface ChangedMessage {
  /** User id. */
  mailbox: string;
  id: string;
}

/** One exact edit, for scenarios. Mailbox: user id or principal name. Message ids may be of either form. Folders: id or well-known name. */
export type Edit =
  | { do: 'add-folder'; mailbox: string; parent: string; displayName: string; hidden?: boolean }
  | { do: 'rename-folder'; mailbox: string; folder: string; displayName: string }
  | { do: 'move-folder'; mailbox: string; folder: string; to: string }
  | { do: 'delete-folder'; mailbox: string; folder: string }
  | { do: 'update-message'; mailbox: string; message: string; set: MessageEdit }
  | { do: 'move-message'; mailbox: string; message: string; to: string }
  | { do: 'delete-message'; mailbox: string; message: string };

export interface MessageEdit {
  subject?: string;
  isRead?: boolean;
  importance?: 'low' | 'normal' | 'high';
  categories?: string[];
  flag?: 'notFlagged' | 'flagged' | 'complete';
}

export interface EditResult {
  /** Id of the folder or (immutable) of the message the edit was about. */
  id: string;
}

/** A change that waits for the n-th Graph request from now (1 = the next one); it is applied before that request is answered. */
export interface ChangeAtRequest {
  inRequests: number;
  change?: ChangeRequest;
  edits?: Edit[];
}

export interface AppliedChange {
  /** Sequence number, in the log, of the request it was applied before. */
  atRequest: number;
  change: ChangeReport | null;
  edits: EditResult[];
  /** What went wrong, e.g. an edit of a message that was gone by then; null when all was done. */
  error: string | null;
}

/** A message as a test wants it: either Graph JSON (as for POST …/messages) or MIME. */
export interface NewMessage {
  mailbox: string;
  /** Folder id or well-known name; default `inbox`. */
  folder?: string;
  /** Graph JSON; attachments of all three kinds may be given inline; it is no draft unless `isDraft` says so, and `sentDateTime`/`receivedDateTime` are kept. */
  message?: Record<string, unknown>;
  /** A MIME text, base64 of its bytes. `$value` returns exactly these bytes. */
  mimeBase64?: string;
}

// ---------------------------------------------------------------------------------------------- truth

export interface TruthRequest {
  /** User id or principal name. */
  mailbox: string;
  /** A mark; default: now. */
  mark?: number;
  /** Default true: each message with its canonical form (bodies included); false: hashes only, much smaller. */
  forms?: boolean;
}

export interface MailboxTruth {
  mailbox: string;
  userPrincipalName: string;
  mark: number;
  /** Every folder but search folders, hidden ones included; parents come before children. */
  folders: FolderTruth[];
  messages: MessageTruth[];
}

export interface FolderTruth {
  id: string;
  /** `null` for the children of the root. */
  parentId: string | null;
  path: string[];
  hidden: boolean;
  wellKnownName: string | null;
}

export interface MessageTruth {
  /** Immutable id. */
  id: string;
  folderId: string;
  changeKey: string;
  isDraft: boolean;
  /** `null` for messages given as raw MIME: their bytes are the truth. */
  canonicalHash: string | null;
  canonical?: CanonicalMessage | null;
  /** SHA-256 of the raw MIME for messages given as raw MIME, else null. */
  mimeSha256: string | null;
  /** In the order in which the message holds them. */
  attachments: { kind: 'file' | 'item' | 'reference'; name: string; size: number; sha256: string | null }[];
}

/** See `docs/canonical-form.md`. */
export interface CanonicalMessage {
  folderPath: string[];
  internetMessageId: string;
  subject: string;
  from: CanonicalAddress | null;
  to: CanonicalAddress[];
  cc: CanonicalAddress[];
  bcc: CanonicalAddress[];
  replyTo: CanonicalAddress[];
  sentAt: string | null;
  receivedAt: string | null;
  isRead: boolean;
  importance: string;
  flag: string;
  categories: string[];
  body: { type: 'text' | 'html'; text: string };
  attachments: CanonicalAttachment[];
}

export interface CanonicalAddress {
  name: string;
  address: string;
}

export type CanonicalAttachment =
  | {
      kind: 'file';
      name: string;
      contentType: string;
      contentId: string;
      isInline: boolean;
      sha256: string;
    }
  | { kind: 'item'; name: string; item: CanonicalItem }
  | { kind: 'reference'; name: string };

export type CanonicalItem = Omit<
  CanonicalMessage,
  'folderPath' | 'isRead' | 'flag' | 'categories' | 'importance' | 'receivedAt' | 'bcc'
>;

// ---------------------------------------------------------------------------------------------- log

export interface LogEntry {
  /** 1, 2, 3 … in the order of arrival; starts again at 1 with each start of the process. */
  n: number;
  /** Milliseconds since 1970, with fractions. */
  start: number;
  /** When the answer was sent or the connection broke; null while under way. */
  end: number | null;
  method: string;
  /** Path with query, as it came. */
  path: string;
  /** User id of the mailbox in the path, else null. */
  mailbox: string | null;
  /** Client id in the token, else null. */
  app: string | null;
  /** 0 when the connection was cut before a status was sent. */
  status: number;
  requestBytes: number;
  /** Bytes of body sent. */
  bytes: number;
  /** SHA-256 (lower-case hex) of the body sent; null while under way. */
  sha256: string | null;
  clientRequestId: string | null;
  /** What stands before the first dot of `client-request-id`; null when there is no dot. */
  task: string | null;
  /** True when it came before a Retry-After of its scope (application and mailbox, else application) was over. */
  early: boolean;
  /** Seconds of Retry-After sent with the answer, else null. */
  retryAfter: number | null;
  /** Id of the fault rule that changed the answer, else null. */
  fault: string | null;
}

export interface LogPage {
  entries: LogEntry[];
  /** Give it as `since` to get what came later. */
  next: number;
}

export interface LogQuery {
  /** Only entries with a greater `n`; default 0. */
  since?: number;
  /** Only entries of this user id. */
  mailbox?: string;
}

export interface LogSummary {
  requests: number;
  byStatus: Record<string, number>;
  bytes: number;
  /** Highest number of requests under way at once on one mailbox (of one application); refused ones are not counted. */
  maxConcurrentPerMailbox: number;
  /** The mailbox where that was. */
  busiestMailbox: string | null;
  /** Highest number of different task tags that had a request under way at one instant. */
  maxTasksInFlight: number;
  /** Highest number of tasks whose time from first to last request overlaps at one instant. */
  maxTasksOverlapping: number;
  /** Requests that came before a Retry-After of their scope was over. */
  early: number;
  /** Time of the first and last request of each task tag. */
  tasks: Record<string, { first: number; last: number; requests: number; mailboxes: string[] }>;
  /** `$value` answers with status 200, i.e. message bodies delivered. */
  bodiesDelivered: number;
}

// ---------------------------------------------------------------------------------------------- faults

export interface FaultRule {
  match: FaultMatch;
  effect: FaultEffect;
}

export interface FaultMatch {
  /** Regular expression tried against the path with query, case-insensitively; default: all Graph requests. Login and upload paths can be named too. */
  pathRegex?: string;
  method?: string;
  /** User id in the path. */
  mailbox?: string;
  /** Only the n-th matching request (1 = the first). */
  nth?: number;
  /** Chance of 0–1 for each matching request, drawn from `seed`. */
  probability?: number;
  seed?: number;
  /** At most this often; default: no bound (1 when `nth` is given). */
  times?: number;
}

export type FaultEffect =
  /** An error answer. Without `code` the documented code for the status is used. `body: 'empty'` sends none, `'html'` a proxy's page. */
  | {
      kind: 'status';
      status: number;
      retryAfterSeconds?: number;
      code?: string;
      message?: string;
      body?: 'json' | 'empty' | 'html';
    }
  /** The connection is cut after this many bytes of the true body (default: half of it); the request has taken effect. */
  | { kind: 'reset'; afterBytes?: number }
  /** The answer is lost: the request takes effect, then the connection is cut before a status is sent. */
  | { kind: 'lost-answer' }
  /** 200 with only the first part of the JSON. */
  | { kind: 'truncate'; keepBytes?: number }
  /** The answer waits. */
  | { kind: 'delay'; ms: number }
  /** No byte ever comes; ends when the client gives up. */
  | { kind: 'hang' }
  /** `same-link`: nextLink is the request's own address; `new-link`: a new link each time, with the identical page. */
  | { kind: 'endless-next-link'; variant: 'same-link' | 'new-link' }
  /** A page of HTML with status 200 or another one (default 200), as a captive proxy sends it. */
  | { kind: 'html'; status?: number }
  /** Links in the answer (nextLink, deltaLink, uploadUrl, Location) lead to another host, default `https://evil.example`. */
  | { kind: 'foreign-link'; host?: string }
  /** 401 InvalidAuthenticationToken, and the token is dead from now on. */
  | { kind: 'expire-token' }
  /** An empty page whose nextLink leads to the true one. */
  | { kind: 'empty-page' }
  /** The entries of the page come twice in it. */
  | { kind: 'duplicate-items' };

export interface FaultState extends FaultRule {
  id: string;
  matched: number;
  applied: number;
}

// ---------------------------------------------------------------------------------------------- settings

export interface SimulatorSettings {
  /** Added to every Graph request, in ms. Default 0. */
  latencyMs: number;
  limits: {
    /** Requests at once per application and mailbox. Default 4; 0 = no limit. */
    concurrentPerMailbox: number;
    /** Requests per application and mailbox in the window. Default 10,000; 0 = no limit. */
    requestsPerWindow: number;
    /** Default 600. */
    windowSeconds: number;
    /** Bytes uploaded (POST, PUT, PATCH) per application and mailbox in 5 minutes. Default 0 = no limit (Microsoft: 150 MB). */
    uploadBytesPer5Minutes: number;
    /** Retry-After of an answer to too many concurrent requests, in seconds. Default 2. */
    retryAfterSeconds: number;
  };
  /** A request is early only when it comes later than this after the refusal was sent: it may have been on its way. Default 250. */
  earlyGraceMs: number;
  /** Life of new access tokens. Default 3599. */
  tokenLifetimeSeconds: number;
  /** How many of the newest change-tracking links of a folder are remembered. Default 0 = all. */
  deltaGenerations: number;
}

/** Any part of {@link SimulatorSettings}. */
export type SettingsPatch = Partial<Omit<SimulatorSettings, 'limits'>> & {
  limits?: Partial<SimulatorSettings['limits']>;
};

// ---------------------------------------------------------------------------------------------- applications

export interface SimulatedApplication {
  clientId: string;
  displayName: string;
  roles: string[];
  enabled: boolean;
}

export interface NewApplication {
  displayName?: string;
  /** Application permissions, e.g. `Mail.Read`. */
  roles: string[];
}

export interface ApplicationPatch {
  roles?: string[];
  enabled?: boolean;
  /** Makes a new secret; the old ones stay valid unless `expireSecrets` is set too. */
  addSecret?: boolean;
  /** All secrets made so far count as expired (AADSTS7000222). */
  expireSecrets?: boolean;
}

/** `clientSecret` is there only when one was made. */
export interface ApplicationResult extends SimulatedApplication {
  clientSecret?: string;
}

/** How many mails and invitations the tenant has sent because of requests: a backup or restore must leave both at 0. */
export interface SentCount {
  mails: number;
  invitations: number;
}
