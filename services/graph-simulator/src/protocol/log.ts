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
  /** User id of the owner of the drive in the path, else null. */
  drive: string | null;
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
  /** True when it came before a Retry-After of its scope (application and mailbox; application and all drives; else application) was over. */
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
  /** Only entries of this user's mailbox or drive; user id. */
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
  /** Time of the first and last request of each task tag, and whose mailboxes and drives it was about. */
  tasks: Record<string, { first: number; last: number; requests: number; mailboxes: string[] }>;
  /** `$value` answers with status 200, i.e. message bodies delivered. */
  bodiesDelivered: number;
  /** Answers of download addresses with status 200 or 206, i.e. files and ranges of files delivered. */
  downloads: number;
}
