import { Failure, type Clock } from '@backhaul/domain';

/** Failures that cost nothing yet: people mistype. */
const FREE_FAILURES = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** An address that has been quiet this long starts anew. */
const FORGET_AFTER_MS = 30 * 60_000;

interface Guesser {
  failures: number;
  lastAtMs: number;
  /** No guess is looked at before this instant. */
  blockedUntilMs: number;
}

/**
 * Slows down whoever guesses at tokens: after five failures an address waits 1 s, doubling up to 15 min. Bounded: with
 * too many addresses the one heard of longest ago is forgotten. Tokens have 256 random bits; this keeps guessing cheap for
 * us, it is not what makes it hopeless.
 */
export class GuessLimiter {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** In order of the last failure, oldest first. */
  readonly #guessers = new Map<string, Guesser>();

  /** @param capacity addresses remembered at most; default 10,000. */
  constructor(clock: Clock, capacity = 10_000) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** @throws Failure `throttled` while the address has to wait. */
  check(address: string): void {
    const waitMs = (this.#guessers.get(address)?.blockedUntilMs ?? 0) - this.#clock.monotonicMs();
    if (waitMs <= 0) return;
    throw new Failure('throttled', {
      code: 'access.too-many-failures',
      message: 'Too many wrong tokens came from this address.',
      hint: `Wait ${Math.ceil(waitMs / 1000)} s and use a valid token.`,
      retry: 'later',
      retryAfterMs: waitMs,
    });
  }

  /** Counts a wrong token. */
  failed(address: string): void {
    const now = this.#clock.monotonicMs();
    const known = this.#guessers.get(address);
    const failures = known === undefined || now - known.lastAtMs > FORGET_AFTER_MS ? 1 : known.failures + 1;
    this.#guessers.delete(address);
    this.#guessers.set(address, { failures, lastAtMs: now, blockedUntilMs: now + pauseMs(failures) });
    if (this.#guessers.size <= this.#capacity) return;
    const oldest = this.#guessers.keys().next().value;
    if (oldest !== undefined) this.#guessers.delete(oldest);
  }

  /** A valid token came from the address. */
  succeeded(address: string): void {
    this.#guessers.delete(address);
  }
}

/** How long an address waits after so many failures in a row. */
export function pauseMs(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - FREE_FAILURES), LONGEST_PAUSE_MS);
}
