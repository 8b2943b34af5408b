import type { Secret, TaskProgress, TaskResult } from '@backhaul/domain';
import type { Control, LeaseValue, Loan, LoanRequest, TaskMessage, Want } from '@backhaul/wire';

export type { Control, LeaseValue, Loan, LoanRequest, Want } from '@backhaul/wire';

/**
 * The ports of dispatch. Each has an adapter for NATS (`nats/`) and a twin in memory (`memory/`) that pass the same suite.
 * The protocol over them (who may write what when) is in `claim-lease`, `hold-lease`, `lease-watch`; it is the same for
 * both. Which subjects, streams and headers carry them is known to `names` alone.
 */

/** A grant on its way to a Transporter: signed by the Director, without secrets. */
export interface Offer extends TaskMessage {
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

/** The keys of leases, one per slot of a lane, every write by compare-and-set on the revision. What a Transporter sees. */
export interface LeaseKeys {
  /**
   * `expectedRevision` 0 means: there must be nothing.
   * @throws Failure `timed-out` or `unreachable` when the answer is unclear: the write may have happened, read it back.
   */
  write(key: LeaseKey, value: LeaseValue, expectedRevision: number): Promise<LeaseWrite>;
  /** From the store's leader, never a lagging copy; null when there is nothing. @throws Failure when it cannot be read. */
  read(key: LeaseKey): Promise<{ value: LeaseValue; revision: number } | null>;
}

/** Where leases live, as the Director sees it. */
export interface LeaseStore extends LeaseKeys {
  /**
   * First what is there, then every write, own ones too, and the Director's markers. Rebuilt inside after a loss that the
   * store can see (reconnect, store replaced); `onRebuilt` then. Resolves when `signal` is aborted.
   */
  watch(handlers: LeaseWatchHandlers, signal: AbortSignal): Promise<void>;
  /** Writes a marker of the Director into the same stream; it comes by in every watch. @throws Failure. */
  writeMarker(marker: string): Promise<void>;
}

export interface LeaseKey {
  laneId: string;
  slot: number;
}

/** Stands for what is in a key and was not written by us: of no fence that runs, so that it can be overwritten. */
export const FOREIGN_LEASE_VALUE: LeaseValue = Object.freeze({
  state: 'released',
  fence: 0,
  taskId: '',
  transporterId: '',
  boot: '',
});

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
  /** How many messages were dropped because they were malformed or did not come from whom they claim. */
  readonly refused: number;
}

export interface ProgressSender {
  /** Coalesced to one per task and 2 s; may be lost; never throws. */
  send(progress: TaskProgress): void;
}

export interface ProgressInbox {
  /** Runs until aborted. What `handler` throws loses that one event. */
  consume(handler: (progress: TaskProgress, senderId: string) => Promise<void>, signal: AbortSignal): Promise<void>;
  readonly refused: number;
}

export interface WantSender {
  send(want: Want): void;
}

export interface WantInbox {
  /** Hands on every want whose sender is the Transporter it names. Runs until aborted. */
  subscribe(handler: (want: Want) => void, signal: AbortSignal): Promise<void>;
  readonly refused: number;
}

export interface ControlSender {
  send(transporterId: string, control: Control): void;
}

export interface ControlInbox {
  /** Runs until aborted. */
  subscribe(handler: (control: Control) => void, signal: AbortSignal): Promise<void>;
  readonly refused: number;
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
  readonly refused: number;
}

/** A public key as `jose` takes it. */
export type JsonWebKey = Record<string, unknown>;

/** Everything a Director needs of dispatch. */
export interface DirectorDispatch {
  offers: OfferSender;
  leases: LeaseStore;
  results: ResultInbox;
  progress: ProgressInbox;
  wants: WantInbox;
  control: ControlSender;
  lending: LendingDesk;
}

/** Everything one process start of a Transporter needs of dispatch. */
export interface TransporterDispatch {
  offers: OfferInbox;
  leases: LeaseKeys;
  results: ResultSender;
  progress: ProgressSender;
  wants: WantSender;
  control: ControlInbox;
  lending: LendingClient;
}
