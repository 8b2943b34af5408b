import type { Fence, Secret, TaskProgress, TaskResult, TaskSpec } from '@backhaul/domain';

/**
 * The ports of dispatch. Each has an adapter for NATS (`nats/`) and a twin in memory (`memory/`) that pass the same suite.
 * The protocol over them (who may write what when) is in `claim-lease`, `hold-lease`, `lease-watch`; it is the same for
 * both. Which subjects, streams and headers carry them is known to `names` alone.
 */

/** A grant on its way to a Transporter: signed by the Director, without secrets. */
export interface Offer {
  spec: TaskSpec;
  fence: Fence;
  slot: number;
  /** Revision of the reservation in the slot's key; the claim is made against it. Never 0. */
  leaseRevision: number;
  /** How many attempts this task had before. */
  earlierAttempts: number;
  transporterId: string;
  /** Nonce of the Transporter's process start; a restarted one never sees offers made to its former self. */
  boot: string;
  /** W3C trace context of the grant. */
  traceparent?: string;
}

export interface OfferSender {
  /** Makes (or makes anew) the Transporter's inbox for this boot. Idempotent. */
  ensureInbox(transporterId: string, boot: string): Promise<void>;
  /** Publishes once per fence, however often it is called. */
  send(offer: Offer, priority: number): Promise<void>;
}

export interface OfferInbox {
  /**
   * The next offer whose signature and addressee are right, or null when none came within `waitMs`. Refused ones are
   * counted and dropped. Taking it removes it from the inbox.
   */
  next(waitMs: number, signal: AbortSignal): Promise<{ offer: Offer; receivedAtMs: number } | null>;
  readonly refused: number;
}

/** Where leases live: one key per slot of a lane, every write by compare-and-set on the revision. */
export interface LeaseStore {
  /** `expectedRevision` 0 means: there must be nothing. */
  write(key: LeaseKey, value: LeaseValue, expectedRevision: number): Promise<LeaseWrite>;
  /** From the store's leader, never a lagging copy; null when there is nothing. @throws Failure when it cannot be read. */
  read(key: LeaseKey): Promise<{ value: LeaseValue; revision: number } | null>;
  /** Every write from now on, own ones too, and the Director's markers. Rebuilt inside after a loss; `onRebuilt` then. */
  watch(handlers: LeaseWatchHandlers, signal: AbortSignal): Promise<void>;
  /** Writes a marker of the Director into the same stream; it comes by in every watch. */
  writeMarker(marker: string): Promise<void>;
}

export interface LeaseKey {
  laneId: string;
  slot: number;
}

export interface LeaseValue {
  /** `reserved` by the Director, `claimed` by the holder, `cancel` a cancel mark, `tombstone` a reservation taken back, `released` by a holder that did not begin. */
  state: 'reserved' | 'claimed' | 'cancel' | 'tombstone' | 'released';
  fence: Fence;
  taskId: string;
  transporterId: string;
  boot: string;
}

export type LeaseWrite = { written: true; revision: number } | { written: false };

export interface LeaseWatchHandlers {
  onWrite(key: LeaseKey, value: LeaseValue, revision: number): void;
  onMarker(marker: string): void;
  /** The watch had a gap: treat every running attempt as seen just now. */
  onRebuilt(): void;
}

export interface ResultSender {
  /** Resolves when the result is stored. Repeating it is harmless. */
  send(result: TaskResult, signal: AbortSignal): Promise<void>;
}

export interface ResultInbox {
  /**
   * Hands every result to `handler` with the sender's id as the transport vouches for it, and acknowledges it after the
   * handler resolved; a handler that throws gets it again. Runs until aborted.
   */
  consume(handler: (result: TaskResult, senderId: string) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** True when nothing waits and nothing is unacknowledged. */
  isDrained(): Promise<boolean>;
}

export interface ProgressSender {
  /** Coalesced to one per task and 2 s; may be lost; never throws. */
  send(progress: TaskProgress): void;
}

export interface ProgressInbox {
  consume(handler: (progress: TaskProgress, senderId: string) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** What a Transporter can take; sent every 2 s and on change. */
export interface Want {
  transporterId: string;
  boot: string;
  freeSlots: number;
  slots: number;
  /** Ids of repositories it reaches, or `any`. */
  repositories: string[] | 'any';
  draining: boolean;
  version: string;
  /** Tasks at work, so that the Director sees what a Transporter believes. */
  running: { taskId: string; fence: Fence }[];
}

export interface WantSender {
  send(want: Want): void;
}

export interface WantInbox {
  subscribe(handler: (want: Want) => void, signal: AbortSignal): Promise<void>;
}

/** Hints from the Director; a lost one does no harm. */
export type Control =
  | { type: 'cancel'; taskId: string; fence: Fence }
  | { type: 'yield'; taskId: string; fence: Fence; reason: string }
  | { type: 'drain' };

export interface ControlSender {
  send(transporterId: string, control: Control): void;
}

export interface ControlInbox {
  subscribe(handler: (control: Control) => void, signal: AbortSignal): Promise<void>;
}

/** Asked after the claim and again when a token runs out; answered from PostgreSQL (fence running, holder right). */
export interface LoanRequest {
  taskId: string;
  fence: Fence;
  boot: string;
}

/** What is lent for one running fence. Sealed to the Transporter's enrolled key on the way. */
export interface Loan {
  graph: {
    accessToken: string;
    /** ISO 8601, UTC. */
    expiresAt: string;
    /** e.g. `https://graph.microsoft.com`. */
    root: string;
    /** Further hosts that page links and uploads may lead to, e.g. `outlook.office.com`. */
    linkHosts: string[];
  };
  repository: {
    location: { type: 'disk'; folder: string };
    keys: { repositoryId: string; masterKey: string };
  };
  jobName: string;
  tenantName: string;
}

export type LoanAnswer = { granted: true; loan: Secret<Loan> } | { granted: false; reason: string };

export interface LendingClient {
  /** @throws Failure `timed-out`, `unreachable` when there is no answer: ask again while the lease lives. */
  ask(request: LoanRequest, signal: AbortSignal): Promise<LoanAnswer>;
}

export interface LendingDesk {
  /** Answers every request; the borrower's id is the one the transport vouches for. */
  serve(
    answer: (request: LoanRequest, borrowerId: string) => Promise<LoanAnswer>,
    sealingKeyOf: (borrowerId: string) => Promise<JsonWebKey | null>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** A public key as `jose` takes it. */
export type JsonWebKey = Record<string, unknown>;
