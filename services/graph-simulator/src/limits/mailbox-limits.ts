import type { SimulatorSettings } from '../protocol/settings.ts';
import { GraphError } from '../http/graph-error.ts';

/** What of the limits is Outlook's. */
export type OutlookLimits = Omit<SimulatorSettings['limits'], 'resourceUnitsPerWindow' | 'resourceUnitWindowSeconds'>;

/** The window is counted in this many slices, so that it slides. */
const SLICES = 60;
const UPLOAD_WINDOW_SECONDS = 300;

interface Use {
  concurrent: number;
  requests: SlidingCount;
  uploaded: SlidingCount;
}

/** Outlook's limits: for each application and mailbox so many requests at once, in a window, and bytes uploaded. */
export class MailboxLimits {
  readonly #uses = new Map<string, Use>();

  /**
   * Counts a request in.
   * @param scope application and mailbox
   * @param uploadBytes what its body has, as announced
   * @param now milliseconds
   * @returns what has to be called when the request is over
   * @throws GraphError 429 with Retry-After when a limit is reached
   */
  enter(scope: string, uploadBytes: number, limits: OutlookLimits, now: number): () => void {
    const use = this.#use(scope, limits);
    const rate = use.requests;
    if (limits.requestsPerWindow > 0 && rate.sum(now) >= limits.requestsPerWindow) {
      throw throttled('RequestLimit', rate.secondsUntilBelow(limits.requestsPerWindow, now));
    }
    rate.add(1, now);
    if (limits.concurrentPerMailbox > 0 && use.concurrent >= limits.concurrentPerMailbox) {
      throw throttled('MailboxConcurrency', limits.retryAfterSeconds);
    }
    if (uploadBytes > 0 && limits.uploadBytesPer5Minutes > 0) {
      if (use.uploaded.sum(now) + uploadBytes > limits.uploadBytesPer5Minutes) {
        throw throttled(
          'UploadLimit',
          use.uploaded.secondsUntilBelow(limits.uploadBytesPer5Minutes - uploadBytes + 1, now),
        );
      }
      use.uploaded.add(uploadBytes, now);
    }
    use.concurrent++;
    let over = false;
    return () => {
      if (!over) use.concurrent--;
      over = true;
    };
  }

  #use(scope: string, limits: OutlookLimits): Use {
    let use = this.#uses.get(scope);
    if (use === undefined || use.requests.seconds !== limits.windowSeconds) {
      const requests = new SlidingCount(limits.windowSeconds);
      use = { concurrent: 0, uploaded: new SlidingCount(UPLOAD_WINDOW_SECONDS), ...use, requests };
      this.#uses.set(scope, use);
    }
    return use;
  }
}

/** A sum over the last so many seconds. */
class SlidingCount {
  readonly seconds: number;
  readonly #slices = new Float64Array(SLICES);
  #newest = 0;
  #sum = 0;

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  sum(now: number): number {
    this.#advance(now);
    return this.#sum;
  }

  add(amount: number, now: number): void {
    this.#advance(now);
    const at = this.#newest % SLICES;
    this.#slices[at]! += amount;
    this.#sum += amount;
  }

  /** Whole seconds, at least 1, until enough old slices have left for the sum to be below `bound`. */
  secondsUntilBelow(bound: number, now: number): number {
    this.#advance(now);
    let left = this.#sum;
    const slice = (this.seconds * 1000) / SLICES;
    for (let number = this.#newest - SLICES + 1; number <= this.#newest; number++) {
      left -= this.#slices[((number % SLICES) + SLICES) % SLICES]!;
      if (left < bound) return Math.max(1, Math.ceil(((number + SLICES) * slice - now) / 1000));
    }
    return this.seconds;
  }

  #advance(now: number): void {
    const number = Math.floor(now / ((this.seconds * 1000) / SLICES));
    const steps = Math.min(number - this.#newest, SLICES);
    for (let step = 1; step <= steps; step++) {
      const at = (this.#newest + step) % SLICES;
      this.#sum -= this.#slices[at]!;
      this.#slices[at] = 0;
    }
    if (steps > 0) this.#newest = number;
  }
}

function throttled(limit: string, retryAfter: number): GraphError {
  return new GraphError(429, 'ApplicationThrottled', `Application is over its ${limit} limit.`, {
    headers: { 'Retry-After': String(retryAfter) },
  });
}
