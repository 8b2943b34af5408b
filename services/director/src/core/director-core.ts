import type { DirectorDispatch, Loan } from '@backhaul/dispatch';
import type { Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import type { TokenSourceOf } from '../lending/graph-tokens.ts';
import type { WaitingReason } from '../runs/run-views.ts';

/** Where what happens is told; pino and Nest's logger fit. `details` never holds a secret. */
export interface CoreLogger {
  info(details: Record<string, unknown>, message: string): void;
  warn(details: Record<string, unknown>, message: string): void;
  error(details: Record<string, unknown>, message: string): void;
}

export interface DirectorCoreOptions {
  database: DataSource;
  dispatch: DirectorDispatch;
  clock: Clock;
  logger: CoreLogger;
  /** This process's id in the leader row: a UUID, new at every start. */
  directorId: string;
  /** How long a lease lives without renewal; the same value as in the LEASES stream. Default 30,000. */
  leaseTimeMs?: number;
  /** Waiting raises a job's priority by one level per this many milliseconds; 0 switches it off. Default one hour. */
  ageingMs?: number;
  /** A leader whose heartbeat is older than this, by the database's clock, is replaced. Default 5,000. */
  leaderSilenceMs?: number;
  tokenSourceOf: TokenSourceOf;
  /** Where the repository lies and its data keys. @throws Failure */
  repositoryAccessOf(repositoryId: string): Promise<Loan['repository']>;
}

/** What is counted since the process started; the API's health page and the metrics show it. */
export interface CoreCounters {
  granted: number;
  accepted: number;
  /** Results of fences or senders that are not on record; they changed nothing. */
  stale: number;
  lost: number;
  unclaimed: number;
  loansRefused: number;
}

/** The running core of a Director. */
export interface DirectorCore {
  /** True while this process dispatches. */
  isLeader(): boolean;
  /** Why a queued task waits, from the dispatcher's own structure; null when another Director dispatches. */
  whyWaiting(taskId: string): WaitingReason | null;
  readonly counters: Readonly<CoreCounters>;
  /** Stops granting, lets what is being accepted finish, gives up leadership. Idempotent; never throws. */
  close(): Promise<void>;
}
