import type { QueuedTask, Transporter } from './words.ts';

/** What tasks ask of a Transporter. Tasks with the same key ask the same, so one answer serves them all. */
export interface Demand {
  key: string;
  repositoryId: string;
  alone: boolean;
  excludedTransporters: readonly string[];
  pool: string | undefined;
}

export function demandOf(task: QueuedTask): Demand {
  const alone = task.alone ?? false;
  const excludedTransporters = [...new Set(task.excludedTransporters)].sort();
  const key = JSON.stringify([task.repositoryId, alone, task.pool ?? null, excludedTransporters]);
  return { key, repositoryId: task.repositoryId, alone, excludedTransporters, pool: task.pool };
}

/** Why a Transporter never takes a task with this demand, however idle it is; undefined if it may. */
export function mismatch(transporter: Transporter, demand: Demand): Mismatch | undefined {
  if (transporter.draining) return 'draining';
  if (demand.pool !== undefined && !transporter.pools?.includes(demand.pool)) return 'other-pool';
  const { repositories } = transporter;
  if (repositories !== 'any' && !repositories.includes(demand.repositoryId)) return 'repository-out-of-reach';
  if (demand.excludedTransporters.includes(transporter.transporterId)) return 'excluded';
  return undefined;
}

export type Mismatch = 'draining' | 'other-pool' | 'repository-out-of-reach' | 'excluded';
