import { GraphError } from '../http/graph-error.ts';
import type { SimulatorSettings } from '../protocol/settings.ts';
import type { Admission } from './path-limits.ts';

/** From this share of the budget on, answers say what is left of it. */
const TELLS_FROM = 0.8;

interface Use {
  /** When the window began, in milliseconds. */
  began: number;
  used: number;
}

/** SharePoint's and OneDrive's limit: resource units per application, over all drives, in windows of a minute. */
export class SharePointLimits {
  readonly #uses = new Map<string, Use>();

  /**
   * Counts a request in; refused ones count too.
   * @param app client id
   * @param units what the request costs
   * @param now milliseconds
   * @throws GraphError 429 with Retry-After when the budget of the window is spent
   */
  enter(app: string, units: number, limits: SimulatorSettings['limits'], now: number): Required<Admission> {
    const { resourceUnitsPerWindow: budget, resourceUnitWindowSeconds: seconds } = limits;
    if (budget === 0) return { leave: () => undefined, headers: {} };
    const use = this.#window(app, seconds, now);
    use.used += units;
    const reset = Math.max(1, Math.ceil((use.began + seconds * 1000 - now) / 1000));
    const headers = {
      'RateLimit-Limit': String(budget),
      'RateLimit-Remaining': String(Math.max(0, budget - use.used)),
      'RateLimit-Reset': String(reset),
    };
    if (use.used > budget) {
      throw new GraphError(429, 'activityLimitReached', 'The request has been throttled', {
        headers: { ...headers, 'Retry-After': String(reset) },
        innerCode: 'throttledRequest',
      });
    }
    return { leave: () => undefined, headers: use.used >= TELLS_FROM * budget ? headers : {} };
  }

  #window(app: string, seconds: number, now: number): Use {
    const known = this.#uses.get(app);
    if (known !== undefined && now < known.began + seconds * 1000) return known;
    const use = { began: now, used: 0 };
    this.#uses.set(app, use);
    return use;
  }
}
