import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import { openRepository, unlockRepository, type PointRecord, type Repository } from '@backhaul/repository';
import type { ControlClient, MailboxTruth } from '@backhaul/graph-simulator';
import type { ObjectView } from '../system/director-client.ts';
import type { PreparedJob } from '../system/prepare-job.ts';
import { comparePoint } from './compare-point.ts';
import { sumComparisons, type Comparison } from './difference.ts';
import { sentBodies } from './sent-bodies.ts';

/** Opens the job's repository with folder and password alone, as after the loss of every server, for as long as `use` runs. */
export async function withRepository<T>(job: PreparedJob, use: (repository: Repository) => Promise<T>): Promise<T> {
  const store = await openDiskStore(job.repositoryFolder);
  const cacheFolder = await mkdtemp(join(tmpdir(), 'backhaul-compare-'));
  const keys = await unlockRepository(store, new Secret(job.repositoryPassword));
  const repository = await openRepository(store, { keys, cacheFolder, workers: 0, toolVersion: 'comparison' });
  try {
    return await use(repository);
  } finally {
    await repository.close();
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** The points of each protected mailbox, oldest first, by object id. */
export async function chainsOf(repository: Repository, job: PreparedJob): Promise<Map<string, PointRecord[]>> {
  const chains = new Map<string, PointRecord[]>();
  for (const { id } of job.objects) {
    chains.set(id, await repository.points({ jobId: job.jobId, objectId: id }));
  }
  return chains;
}

/** Compares the newest point of every mailbox with the tenant as it was at a mark. */
export async function compareBackup(
  repository: Repository,
  control: ControlClient,
  job: PreparedJob,
  mark: number,
): Promise<Comparison> {
  const sent = await sentBodies(control);
  const comparisons: Comparison[] = [];
  for await (const { object, truth } of truths(control, job, mark)) {
    const chain = { jobId: job.jobId, objectId: object.id };
    const head = (await repository.points(chain)).at(-1);
    if (head === undefined) {
      const problem = 'has no recovery point';
      comparisons.push({
        messages: 0,
        folders: 0,
        bytes: 0,
        differences: [{ mailbox: truth.userPrincipalName, item: '', problem }],
      });
      continue;
    }
    const point = await repository.openPoint(chain, head.sequence);
    comparisons.push(await comparePoint(point, { truth, sentBodies: sent }));
  }
  return sumComparisons(comparisons);
}

/** The truth of each protected mailbox; while one is compared the tenant, a process of its own, already makes the next. */
async function* truths(
  control: ControlClient,
  job: PreparedJob,
  mark: number,
): AsyncGenerator<{ object: ObjectView; truth: MailboxTruth }> {
  const ask = async (object: ObjectView) => ({
    object,
    truth: await control.truth({ mailbox: object.externalId, mark }),
  });
  const [first, ...others] = job.objects;
  let next = first && ask(first);
  while (next !== undefined) {
    const current = await next;
    const following = others.shift();
    next = following && ask(following);
    // It is awaited later; until then its failure is not an unhandled one.
    next?.catch(() => undefined);
    yield current;
  }
}
