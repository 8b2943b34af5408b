interface Pause {
  /** When the refusal was sent, and when the pause that it asked for ends; milliseconds. */
  from: number;
  until: number;
}

/** Knows who was told to wait, and notices requests that do not. */
export class RetryAfterWatch {
  readonly #pauses = new Map<string, Pause>();

  /** An answer with Retry-After went out. @param scope application and mailbox, or application */
  told(scope: string, seconds: number, now: number): void {
    const until = now + seconds * 1000;
    const known = this.#pauses.get(scope);
    // The pause that began first counts: a request has to obey each of them.
    if (known === undefined || known.until <= now) this.#pauses.set(scope, { from: now, until });
    else if (until > known.until) known.until = until;
  }

  /**
   * Whether a request of this scope comes too early.
   * @param graceMs a request that arrives this soon after the refusal may have been on its way
   */
  isEarly(scope: string, graceMs: number, now: number): boolean {
    const pause = this.#pauses.get(scope);
    return pause !== undefined && now > pause.from + graceMs && now < pause.until;
  }
}
