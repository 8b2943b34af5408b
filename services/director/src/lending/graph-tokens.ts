import type { Loan } from '@backhaul/dispatch';
import type { Clock } from '@backhaul/domain';

/**
 * Gives a Graph token for a tenant with where it is good for; from cache, or with `anew` straight from Microsoft Entra.
 * @throws Failure
 */
export type TokenSourceOf = (tenantId: string, options: { anew: boolean }) => Promise<Loan['graph']>;

/** A tenant's tokens are replaced at most this often, however many attempts report that one was refused. */
export const RENEWAL_PAUSE_MS = 5_000;

/**
 * The tokens that are lent. One that Microsoft refused is not lent again: it is replaced, once for all attempts that hold
 * it and report it at about the same time.
 */
export class GraphTokens {
  readonly #source: TokenSourceOf;
  readonly #clock: Clock;
  readonly #renewals = new Map<string, { atMs: number; token: Promise<Loan['graph']> }>();

  constructor(source: TokenSourceOf, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** A token for the tenant; with `wasRefused` another one than was lent until now. @throws Failure */
  token(tenantId: string, { wasRefused }: { wasRefused: boolean }): Promise<Loan['graph']> {
    return wasRefused ? this.#renewed(tenantId) : this.#source(tenantId, { anew: false });
  }

  #renewed(tenantId: string): Promise<Loan['graph']> {
    const nowMs = this.#clock.monotonicMs();
    const latest = this.#renewals.get(tenantId);
    if (latest !== undefined && nowMs - latest.atMs < RENEWAL_PAUSE_MS) return latest.token;
    const token = this.#source(tenantId, { anew: true });
    this.#renewals.set(tenantId, { atMs: nowMs, token });
    return token;
  }
}
