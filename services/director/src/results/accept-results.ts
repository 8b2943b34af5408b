import type { TaskResult } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { Batcher } from '../database/batcher.ts';
import { sqlState } from '../database/statement.ts';
import { settleAttempts, type Settlement } from './settle-attempts.ts';

const BATCH = 64;

/** Takes results one by one, settles them in batches, and never chokes on one that the database refuses. */
export class ResultAcceptance {
  readonly #database: DataSource;
  readonly #batches = new Batcher((inputs: ReportedResult[]) => this.#settle(inputs), BATCH);

  constructor(database: DataSource) {
    this.#database = database;
  }

  /**
   * Settles one result. @throws when the database cannot be asked: give the result again. A result that the database
   * refuses for what it holds is `stale`, because giving it again could not help.
   */
  accept(result: TaskResult, senderId: string): Promise<Settlement> {
    return this.#batches.add({ by: 'holder', result, senderId });
  }

  async #settle(inputs: ReportedResult[]): Promise<Settlement[]> {
    try {
      return await settleAttempts(this.#database, inputs);
    } catch (error) {
      if (!isRefusedData(error)) throw error;
      if (inputs.length === 1) return inputs.map(({ result }) => ({ verdict: 'stale', ...fenceOf(result) }));
    }
    const settlements: Settlement[] = [];
    for (const input of inputs) settlements.push(...(await this.#settle([input])));
    return settlements;
  }
}

type ReportedResult = { by: 'holder'; result: TaskResult; senderId: string };

function fenceOf({ taskId, fence }: TaskResult): { taskId: string; fence: number } {
  return { taskId, fence };
}

/** Classes 22 (data exception) and 23 (integrity constraint): the values are at fault, not the database. */
function isRefusedData(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && (state.startsWith('22') || state.startsWith('23'));
}
