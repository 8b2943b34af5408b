import { chainsOf, withRepository } from '../../src/compare/compare-backup.ts';
import type { PreparedJob } from '../../src/system/prepare-job.ts';

/** A recovery point as far as the order of a chain is concerned. */
export interface ChainLink {
  sequence: number;
  base: number;
  status: string;
  taskId: string;
  fence: number;
}

/** The chain of every mailbox of the job, read from the repository alone. */
export function readChains(job: PreparedJob): Promise<Map<string, ChainLink[]>> {
  return withRepository(job, async (repository) => {
    const chains = await chainsOf(repository, job);
    return new Map(
      [...chains].map(([objectId, points]) => [
        objectId,
        points.map(({ sequence, base, status, taskId, fence }) => ({ sequence, base, status, taskId, fence })),
      ]),
    );
  });
}
