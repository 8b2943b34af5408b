import { inspect } from 'node:util';

/**
 * A value that must not be printed. Every implicit way out (`String`, `JSON`, `util.inspect`, template literals) gives
 * `[redacted]`; only {@link Secret.reveal} gives the value, and it is easy to search for.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it as late as possible and keep the result nowhere. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
