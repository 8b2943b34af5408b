import type { FaultEffect, FaultRule, FaultState } from '../protocol/faults.ts';
import { seededRandom, type Random } from '../generate/random.ts';

interface ActiveRule {
  state: FaultState;
  pattern: RegExp | null;
  random: Random;
}

/** What a rule looks at. */
export interface Arrival {
  method: string;
  /** Path with query. */
  path: string;
  mailbox: string | null;
  /** Entries of a page that are asked for; null when the request does not say. */
  pageSize: number | null;
  /** Whether it is one of the requests within a batch. */
  inBatch: boolean;
}

/** A fault that a request meets; `times` counts how often its rule was applied, this time included. */
export interface MetFault {
  id: string;
  effect: FaultEffect;
  times: number;
}

/** The fault rules in force, in the order of their making. */
export class FaultRules {
  #rules: ActiveRule[] = [];
  #made = 0;

  /** @throws Error that says what is wrong with the rule */
  add(rule: FaultRule): FaultState {
    const { match, effect } = checked(rule);
    const id = `fault-${++this.#made}`;
    const state: FaultState = { id, match, effect, matched: 0, applied: 0 };
    const pattern = match.pathRegex === undefined ? null : new RegExp(match.pathRegex, 'i');
    this.#rules.push({ state, pattern, random: seededRandom(match.seed ?? 1, 505) });
    return state;
  }

  list(): FaultState[] {
    return this.#rules.map(({ state }) => state);
  }

  /** Removes one rule, or all. */
  clear(id?: string): void {
    this.#rules = id === undefined ? [] : this.#rules.filter(({ state }) => state.id !== id);
  }

  /** The fault that this request meets, or null. */
  meet(arrival: Arrival): MetFault | null {
    for (const { state, pattern, random } of this.#rules) {
      const { match } = state;
      if ((match.inBatch ?? false) !== arrival.inBatch) continue;
      if (pattern === null ? !arrival.path.startsWith('/v1.0/') : !pattern.test(arrival.path)) continue;
      if (match.method !== undefined && match.method.toUpperCase() !== arrival.method) continue;
      if (match.mailbox !== undefined && match.mailbox !== arrival.mailbox) continue;
      if (match.pageSizeOver !== undefined && !((arrival.pageSize ?? 0) > match.pageSizeOver)) continue;
      state.matched++;
      if (match.nth !== undefined && state.matched !== match.nth) continue;
      if (match.times !== undefined && state.applied >= match.times) continue;
      if (match.probability !== undefined && !random.chance(match.probability)) continue;
      state.applied++;
      return { id: state.id, effect: state.effect, times: state.applied };
    }
    return null;
  }
}

const EFFECTS: readonly FaultEffect['kind'][] = [
  'status',
  'reset',
  'lost-answer',
  'truncate',
  'delay',
  'hang',
  'endless-next-link',
  'html',
  'foreign-link',
  'expire-token',
  'empty-page',
  'repeated-page',
  'raw-control-character',
  'unescaped',
  'duplicate-items',
];

function checked(rule: FaultRule): FaultRule {
  if (typeof rule.match !== 'object' || typeof rule.effect !== 'object')
    throw new Error('a fault needs match and effect');
  const { kind } = rule.effect;
  if (!EFFECTS.includes(kind)) throw new Error(`effect.kind must be one of ${EFFECTS.join(', ')}, not ${String(kind)}`);
  const { pathRegex, probability } = rule.match;
  if (pathRegex !== undefined) new RegExp(pathRegex);
  if (probability !== undefined && !(probability >= 0 && probability <= 1))
    throw new Error('match.probability must be from 0 to 1');
  if (rule.match.inBatch === true && kind !== 'status')
    throw new Error('a request within a batch can have no effect but status');
  if (rule.effect.kind === 'status' && !(rule.effect.status >= 400 && rule.effect.status <= 599)) {
    throw new Error('effect.status must be from 400 to 599');
  }
  return rule;
}
