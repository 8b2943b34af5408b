import type { Clock } from '@backhaul/domain';
import type { DirectorDispatch, JsonWebKey, TransporterDispatch } from '../src/index.ts';

/** One implementation of dispatch, empty, as the suites use it. */
export interface DispatchUnderTest {
  director: DirectorDispatch;
  /** A process start of a Transporter. The same id with another boot is a restart. */
  transporter(transporterId: string, boot: string): Promise<TransporterDispatch>;
  /** The public sealing key that was enrolled for a Transporter. */
  sealingKeyOf: (transporterId: string) => Promise<JsonWebKey | null>;
  clock: Clock;
  leaseTimeMs: number;
  /** Lets time pass: moved where it can be moved, waited for where servers are real. */
  passTime(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Makes a new, empty one. */
export type OpenDispatch = () => Promise<DispatchUnderTest>;
