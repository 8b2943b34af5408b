/**
 * The times of a lease, all as parts of the lease time. They are chosen so that a holder has stopped for certain before the
 * Director may give its slot to another: 0.85 of the lease time after the last renewal it sent, against the whole of it and
 * three seconds after the last one the Director saw.
 */
export const DEFAULT_LEASE_TIME_MS = 30_000;

/** A holder renews this often: 10 s by default. */
export function renewalIntervalMs(leaseTimeMs: number): number {
  return leaseTimeMs / 3;
}

/** A holder stops this long after it sent the last renewal that was acknowledged: 25.5 s by default. */
export function holdingTimeMs(leaseTimeMs: number): number {
  return leaseTimeMs * 0.85;
}

/** The Director waits this long after the last renewal it saw. */
export function silenceUntilLostMs(leaseTimeMs: number): number {
  return leaseTimeMs + 3_000;
}
