import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogSummary } from '@backhaul/graph-simulator';
import { compareBackup, withRepository } from '../src/compare/compare-backup.ts';
import type { RunView, TaskView } from '../src/system/director-client.ts';
import { followRun } from '../src/system/follow-run.ts';
import { prepareJob, type PreparedJob } from '../src/system/prepare-job.ts';
import { readChains } from './support/read-chains.ts';
import { startSmallSystem, type SmallSystem } from './support/small-system.ts';
import { until } from './support/until.ts';

/*
 * Six mailboxes, three at work at once. The Director is killed in the midst of the first three and stays away for longer
 * than a lease lives without renewal.
 */

const LEASE_SECONDS = 4;
const LIMIT = 3;
/** A Transporter that was told to start in the Director's last moment makes its first request a little later. */
const START_GRACE_MS = 2_000;

describe('the Director is killed while tasks run, and comes back later', () => {
  let system: SmallSystem;
  let job: PreparedJob;
  let mark: number;
  let killedAt: number;
  /** What was asked of the tenant from the start of the run to the return of the Director. */
  let without: LogSummary;
  let requestsAtReturn: number;
  /** Tasks that were at work when the Director died, or had ended before. */
  let atWork: string[];
  let pointsAtReturn: string[];
  let run: RunView;
  let tasks: TaskView[];

  beforeAll(async () => {
    system = await startSmallSystem({
      transporters: 2,
      slots: 2,
      leaseSeconds: LEASE_SECONDS,
      tenant: { mailboxes: 6, messages: 360, latencyMs: 60 },
    });
    const { api, control, director } = system;
    job = await prepareJob(system, { transporterLoad: LIMIT });
    mark = await control.mark();
    const since = (await control.log()).next;
    const started = await api.runJob(job.jobId);
    await until('three tasks are in the midst of their mailboxes', async () => {
      const busy = Object.values((await control.logSummary({ since })).tasks).filter(({ requests }) => requests > 20);
      return busy.length >= LIMIT;
    });
    await director.kill();
    killedAt = Date.now();

    await until('every task that was at work has committed its point', async () => {
      const committed = await committedTasks(job);
      return Object.keys((await control.logSummary({ since })).tasks).every((taskId) => committed.includes(taskId));
    });
    await sleep((LEASE_SECONDS + 3) * 1000);
    without = await control.logSummary({ since });
    requestsAtReturn = since + without.requests;
    atWork = Object.keys(without.tasks);
    pointsAtReturn = await committedTasks(job);

    await director.restart();
    run = await followRun(api, started.id, { withinMs: 90_000 });
    tasks = await Promise.all((await api.tasks(run.id)).map(({ id }) => api.task(run.id, id)));
  });
  afterAll(() => system?.stop());

  test('the tasks at work go on to their ends, and nothing new starts', () => {
    const starts = Object.values(without.tasks).map(({ first }) => first - killedAt);
    expect(Math.max(...starts)).toBeLessThan(START_GRACE_MS);
    const ends = Object.values(without.tasks).map(({ last }) => last - killedAt);
    expect(ends.filter((after) => after > 0).length).toBeGreaterThanOrEqual(2);
    expect(pointsAtReturn.sort()).toEqual(atWork.sort());
    expect(tasks.length).toBeGreaterThan(atWork.length);
  });

  test('their results are applied after its return: no attempt was lost, nothing was read again', async () => {
    const finishedWithout = tasks.filter(({ id }) => atWork.includes(id));
    expect(finishedWithout.map(({ state, attempts, losses }) => ({ state, attempts, losses }))).toEqual(
      atWork.map(() => ({ state: 'succeeded', attempts: 1, losses: 0 })),
    );
    const afterReturn = await system.control.logSummary({ since: requestsAtReturn });
    expect(Object.keys(afterReturn.tasks).filter((taskId) => atWork.includes(taskId))).toEqual([]);
  });

  test('the run ends with success for every mailbox', () => {
    expect(run).toMatchObject({ outcome: 'succeeded', tasksTotal: 6, tasksEnded: 6 });
  });

  test('each task has made one point, in the repository as in the API', async () => {
    const chains = await readChains(job);
    for (const { id, object, pointId } of tasks) {
      const chain = chains.get(object.id);
      expect(chain).toMatchObject([{ sequence: 1, base: 0, status: 'complete', taskId: id }]);
      const listed = await system.api.points(object.id);
      expect(listed.map((point) => point.id)).toEqual([pointId]);
      expect(pointId).toBe(`${job.jobId}.${object.id}.1`);
    }
  });

  test('every mailbox equals the truth', async () => {
    const comparison = await withRepository(job, (repository) => compareBackup(repository, system.control, job, mark));
    expect(comparison.differences).toEqual([]);
    expect(comparison.items).toBe(360);
  });
});

async function committedTasks(job: PreparedJob): Promise<string[]> {
  return [...(await readChains(job)).values()].flat().map(({ taskId }) => taskId);
}
