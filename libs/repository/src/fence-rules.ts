import type { Fence } from '@backhaul/domain';

/** Who may go on with an object, decided from what is in its chain. Pure. */

export interface Holder {
  taskId: string;
  fence: Fence;
}

/** How a holder that starts finds the chain, newest point first. */
export type Standing = { type: 'go-on' } | { type: 'done'; by: number } | { type: 'stale' };

/**
 * `points` newest first. A point of this very task means that its work is done, whoever of its holders did it.
 * @returns `done` with the index of that point.
 */
export function standing(me: Holder, points: Holder[]): Standing {
  const mine = points.findIndex((point) => point.taskId === me.taskId);
  if (mine !== -1) return { type: 'done', by: mine };
  const head = points[0];
  return head !== undefined && head.fence >= me.fence ? { type: 'stale' } : { type: 'go-on' };
}

/** What a refused create means, by who is there: `moved` asks to begin again from the new head. */
export function refusal(me: Holder, occupant: Holder): 'mine' | 'stale' | 'moved' {
  if (occupant.taskId === me.taskId) return 'mine';
  return occupant.fence >= me.fence ? 'stale' : 'moved';
}
