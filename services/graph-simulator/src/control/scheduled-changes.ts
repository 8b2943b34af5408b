import type { GraphContext } from '../graph/graph-context.ts';
import { changeTenant } from './change-tenant.ts';
import { applyEdit } from './edits.ts';
import type { AppliedChange, ChangeAtRequest } from '../protocol/changes.ts';

/** Changes that wait for the n-th Graph request from their order on. */
export class ScheduledChanges {
  readonly applied: AppliedChange[] = [];
  readonly #context: GraphContext;
  #waiting: { left: number; order: ChangeAtRequest }[] = [];

  constructor(context: GraphContext) {
    this.#context = context;
  }

  /** @throws Error for a number that is none, and an order without a change */
  add(order: ChangeAtRequest): void {
    if (!Number.isInteger(order.inRequests) || order.inRequests < 1)
      throw new Error('inRequests must be a whole number from 1 on');
    if (order.change === undefined && order.edits === undefined) throw new Error('give change, edits, or both');
    this.#waiting.push({ left: order.inRequests, order });
  }

  /** A Graph request has come and is not answered yet. @param n its number in the log */
  onRequest(n: number): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter((waiting) => --waiting.left === 0);
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    for (const { order } of due) this.applied.push(this.#apply(order, n));
  }

  /** What goes wrong is reported to whoever ordered it, not to the client whose request is next. */
  #apply({ change, edits = [] }: ChangeAtRequest, atRequest: number): AppliedChange {
    const applied: AppliedChange = { atRequest, change: null, edits: [], error: null };
    try {
      if (change !== undefined) applied.change = changeTenant(this.#context.tenant, change, this.#context.now());
      for (const edit of edits) applied.edits.push(applyEdit(this.#context, edit));
    } catch (error) {
      applied.error = error instanceof Error ? error.message : String(error);
    }
    return applied;
  }
}
