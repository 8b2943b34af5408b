import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SeededRandom } from '@backhaul/repository/testing';
import { compareBackup, withRepository } from '../src/compare/compare-backup.ts';
import { compareRestored } from '../src/compare/compare-restored.ts';
import type { ObjectView, RunView } from '../src/system/director-client.ts';
import { followRun } from '../src/system/follow-run.ts';
import { prepareJob, type PreparedJob } from '../src/system/prepare-job.ts';
import { readChains, type ChainLink } from './support/read-chains.ts';
import { startSmallSystem, type SmallSystem } from './support/small-system.ts';
import { drawMoment, strike } from './support/strike.ts';
import { victimOf, type VictimName } from './support/victims.ts';

/*
 * Each part of the system is killed in the midst of a backup and in the midst of a restore, and started again a random time
 * later, which is now shorter and now longer than a lease lives without renewal. What remains has to be the same as without
 * it. BACKHAUL_TEST_SEED repeats the moments of an earlier run.
 */

const LEASE_SECONDS = 4;
const LONGEST_DOWN_MS = 6_000;
const LIMIT = 3;
const VICTIMS: VictimName[] = ['a Transporter', 'the Director', 'nats-server', 'PostgreSQL'];
const seed = Number(process.env['BACKHAUL_TEST_SEED'] ?? Math.floor(Math.random() * 1e9));

describe(`SIGKILL at moments drawn from seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  let system: SmallSystem;
  let job: PreparedJob;
  /** What an undisturbed backup and restore ask of the tenant. */
  let backupWork: { requests: number };
  let restoreWork: { requests: number };

  beforeAll(async () => {
    system = await startSmallSystem({
      transporters: 2,
      slots: 2,
      leaseSeconds: LEASE_SECONDS,
      tenant: { mailboxes: 5, messages: 200, largeFolder: 60, bytes: 5_000_000, latencyMs: 40 },
    });
    job = await prepareJob(system, { transporterLoad: LIMIT });
    const backup = await fullBackup();
    backupWork = { requests: backup.run.counts.requests };
    const restore = await restoreLargest('Undisturbed');
    restoreWork = { requests: restore.run.counts.requests };
  });
  afterAll(() => system?.stop());

  test.each(VICTIMS)('%s, during a backup', async (name) => {
    const before = await readChains(job);
    await system.control.change({ percent: 4, seed: 1 + random.below(1e6), renameFolder: true });
    const victim = victimOf(system, name, random);
    const moment = drawMoment(random, backupWork, LONGEST_DOWN_MS);

    const { run, mark } = await fullBackup((since) => strike(system, victim, moment, since));

    expect(run).toMatchObject({ outcome: 'succeeded', tasksEnded: job.objects.length });
    await expectTruth(mark);
    expectOnePointMore(before, await readChains(job), await pointsOfTasks(run));
    await expectPoliteness();
  });

  test.each(VICTIMS)('%s, during a restore', async (name) => {
    const victim = victimOf(system, name, random);
    const moment = drawMoment(random, restoreWork, LONGEST_DOWN_MS);

    const { run, source, target } = await restoreLargest(`Restored despite ${name}`, (since) =>
      strike(system, victim, moment, since),
    );

    expect(run.outcome).toBe('succeeded');
    const comparison = compareRestored(source, target);
    expect(comparison.differences).toEqual([]);
    expect(comparison.messages).toBeGreaterThan(50);
    await expectPoliteness();
  });

  test('after all of it the next backup finds nothing to do, and the repository is sound', async () => {
    const mark = await system.control.mark();
    const run = await followRun(system.api, (await system.api.runJob(job.jobId)).id, { withinMs: 60_000 });
    expect(run.outcome).toBe('succeeded');
    expect(run.counts).toMatchObject({ itemsNew: 0, itemsChanged: 0, itemsMoved: 0, itemsDeleted: 0, itemsFailed: 0 });
    await expectTruth(mark);
    const report = await withRepository(job, (repository) => repository.check({ data: true }));
    expect(report.problems).toEqual([]);
  });

  /** Every byte of every mailbox is read again, so that each backup is as long as the first. */
  async function fullBackup(disturb: (since: number) => Promise<void> = async () => undefined) {
    const mark = await system.control.mark();
    const since = await requestsSoFar();
    const { id } = await system.api.runJob(job.jobId, { forceFull: true });
    const [run] = await Promise.all([followRun(system.api, id, { withinMs: 120_000 }), disturb(since)]);
    return { run, mark };
  }

  async function restoreLargest(targetName: string, disturb: (since: number) => Promise<void> = async () => undefined) {
    const { api, control } = system;
    const source = await largestMailbox();
    const user = await control.addUser({ displayName: targetName });
    await api.refreshInventory(job.tenantId);
    const targetObject = (await api.inventory(job.tenantId, 'mailbox')).find((one) => one.externalId === user.id);
    const pointId = (await api.points(source.id)).map((point) => point.id).at(-1);
    if (targetObject === undefined || pointId === undefined) throw new Error('Target or point is missing.');
    const since = await requestsSoFar();
    const { id } = await api.startRestore({ pointId, targetObjectId: targetObject.id });
    const [run] = await Promise.all([followRun(api, id, { withinMs: 120_000 }), disturb(since)]);
    return {
      run,
      source: await control.truth({ mailbox: source.externalId }),
      target: await control.truth({ mailbox: user.id }),
    };
  }

  async function largestMailbox(): Promise<ObjectView> {
    const messages = new Map((await system.control.users()).map((user) => [user.id, user.messages]));
    const sizeOf = (object: ObjectView) => messages.get(object.externalId) ?? 0;
    const largest = [...job.objects].sort((one, other) => sizeOf(other) - sizeOf(one))[0];
    if (largest === undefined) throw new Error('The job protects no mailbox.');
    return largest;
  }

  async function requestsSoFar(): Promise<number> {
    return (await system.control.log({ since: Number.MAX_SAFE_INTEGER })).next;
  }

  async function expectTruth(mark: number): Promise<void> {
    const comparison = await withRepository(job, (repository) => compareBackup(repository, system.control, job, mark));
    expect(comparison.differences).toEqual([]);
    expect(comparison.messages).toBeGreaterThan(150);
  }

  /** Object id → the task that the run had for it, and the point that the task reports. */
  async function pointsOfTasks(run: RunView): Promise<Map<string, { taskId: string; pointId: string | null }>> {
    const tasks = await Promise.all((await system.api.tasks(run.id)).map(({ id }) => system.api.task(run.id, id)));
    return new Map(tasks.map((task) => [task.object.id, { taskId: task.id, pointId: task.pointId ?? null }]));
  }

  function expectOnePointMore(
    before: Map<string, ChainLink[]>,
    after: Map<string, ChainLink[]>,
    tasks: Map<string, { taskId: string; pointId: string | null }>,
  ): void {
    for (const [objectId, chain] of after) {
      const earlier = before.get(objectId) ?? [];
      const sequence = earlier.length + 1;
      const task = tasks.get(objectId);
      expect(chain.slice(0, -1)).toEqual(earlier);
      expect(chain.at(-1)).toMatchObject({
        sequence,
        base: sequence - 1,
        status: 'complete',
        taskId: task?.taskId,
      });
      expect(task?.pointId).toBe(`${job.jobId}.${objectId}.${sequence}`);
      const fences = chain.map(({ fence }) => fence);
      expect(fences).toEqual([...fences].sort((one, other) => one - other));
    }
  }

  async function expectPoliteness(): Promise<void> {
    const log = await system.control.logSummary();
    expect(log.maxTasksInFlight).toBeLessThanOrEqual(LIMIT);
    expect(log.maxConcurrentPerMailbox).toBeLessThanOrEqual(4);
    expect(log.early).toBe(0);
    expect(await system.control.sent()).toEqual({ mails: 0, invitations: 0 });
  }
});
