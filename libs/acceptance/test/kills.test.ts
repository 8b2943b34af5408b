import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SeededRandom, testSeed } from '@backhaul/repository/testing';
import { compareBackup, withRepository } from '../src/compare/compare-backup.ts';
import { compareRestoredMail } from '../src/compare/restored-mail.ts';
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
 * it. TEST_SEED repeats the moments of an earlier run.
 */

const LEASE_SECONDS = 4;
const LONGEST_DOWN_MS = 6_000;
const LIMIT = 3;
const VICTIMS: VictimName[] = ['a Transporter', 'the Director', 'nats-server', 'PostgreSQL'];
const seed = testSeed();

const MESSAGE_WITH_REFERENCE = {
  subject: 'With a file that lies in the cloud',
  body: { contentType: 'text', content: 'See the attachment.' },
  attachments: [
    {
      '@odata.type': '#microsoft.graph.referenceAttachment',
      name: 'Budget.xlsx',
      sourceUrl: 'https://example.sharepoint.com/Budget.xlsx',
      providerType: 'oneDriveBusiness',
    },
  ],
};

/** Something done while work goes on that begins at `since` of the tenant's log; tells how far the work had come. */
type Disturbance = (since: number) => Promise<number>;

describe(`SIGKILL at moments drawn from seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  let system: SmallSystem;
  let job: PreparedJob;
  /** The backup and the restore that nobody disturbs. */
  let calmBackup: RunView;
  let calmRestore: RunView;

  beforeAll(async () => {
    system = await startSmallSystem({
      transporters: 2,
      slots: 2,
      leaseSeconds: LEASE_SECONDS,
      tenant: { mailboxes: 5, messages: 200, largeFolder: 60, bytes: 5_000_000, latencyMs: 40 },
    });
    job = await prepareJob(system, { transporterLoad: LIMIT });
    // A reference to a cloud file cannot be made anew: the restores have to tell of it, also when they begin again.
    await system.control.addMessage({ mailbox: (await largestMailbox()).externalId, message: MESSAGE_WITH_REFERENCE });
    calmBackup = (await fullBackup()).run;
  });
  afterAll(() => system?.stop());

  test.each(VICTIMS)('%s, during a backup', async (name) => {
    const before = await readChains(job);
    await system.control.change({ percent: 4, seed: 1 + random.below(1e6), renameFolder: true });
    const victim = victimOf(system, name, random);
    const moment = drawMoment(random, calmBackup.counts, LONGEST_DOWN_MS);

    const { run, mark } = await fullBackup((since) => strike(system, victim, moment, since));

    expect(run).toMatchObject({ outcome: 'succeeded', tasksEnded: job.objects.length });
    await expectTruth(mark);
    expectOnePointMore(before, await readChains(job), await pointsOfTasks(run));
    await expectPoliteness();
  });

  test('a restore that nobody disturbs is the measure for those that follow', async () => {
    const { run, source, target } = await restoreLargest('Undisturbed');
    calmRestore = run;

    expect(run).toMatchObject({ outcome: 'warning', counts: { itemsFailed: 0, itemsSkipped: 0 } });
    expect(run.counts.itemsDegraded).toBeGreaterThan(0);
    expect(compareRestoredMail(source, target).differences).toEqual([]);
  });

  test.each(VICTIMS)('%s, during a restore', async (name) => {
    const victim = victimOf(system, name, random);
    const moment = drawMoment(random, calmRestore.counts, LONGEST_DOWN_MS);

    const { run, source, target } = await restoreLargest(`Restored despite ${name}`, (since) =>
      strike(system, victim, moment, since),
    );

    expect({ outcome: run.outcome, items: itemCounts(run) }).toEqual({
      outcome: calmRestore.outcome,
      items: itemCounts(calmRestore),
    });
    const comparison = compareRestoredMail(source, target);
    expect(comparison.differences).toEqual([]);
    expect(comparison.items).toBe(run.counts.itemsTotal);
    await expectPoliteness();
  });

  test('after all of it the next backup finds nothing to do, and the repository is sound', async () => {
    const mark = await system.control.mark();
    const run = await followRun(system.api, (await system.api.runJob(job.jobId)).id, { withinMs: 60_000 });
    expect(run.outcome).toBe('succeeded');
    expect(run.counts).toMatchObject({ itemsNew: 0, itemsChanged: 0, itemsMoved: 0, itemsDeleted: 0, itemsFailed: 0 });
    await expectTruth(mark);
    const report = await withRepository(job, (repository) => repository.check({ data: true }));
    expect(report.damage).toEqual([]);
  });

  /** Every byte of every mailbox is read again, so that each backup is as long as the first. */
  async function fullBackup(disturb?: Disturbance) {
    const mark = await system.control.mark();
    const since = await requestsSoFar();
    const { id } = await system.api.runJob(job.jobId, { forceFull: true });
    return { run: await ended(id, since, disturb), mark };
  }

  async function restoreLargest(targetName: string, disturb?: Disturbance) {
    const { api, control } = system;
    const source = await largestMailbox();
    const user = await control.addUser({ displayName: targetName });
    await api.refreshInventory(job.tenantId);
    const targetObject = (await api.inventory(job.tenantId, 'mailbox')).find((one) => one.externalId === user.id);
    const [newest] = await api.points(source.id);
    if (targetObject === undefined || newest === undefined) throw new Error('Target or point is missing.');
    const since = await requestsSoFar();
    const { id } = await api.startRestore({ pointId: newest.id, targetObjectId: targetObject.id });
    return {
      run: await ended(id, since, disturb),
      source: await control.truth({ mailbox: source.externalId }),
      target: await control.truth({ mailbox: user.id }),
    };
  }

  /** The run when it has ended; the disturbance must have come before the work was over. */
  async function ended(runId: string, since: number, disturb: Disturbance = async () => 0): Promise<RunView> {
    const [run, requestsThen] = await Promise.all([
      followRun(system.api, runId, { withinMs: 120_000 }),
      disturb(since),
    ]);
    expect((await system.control.logSummary({ since })).requests).toBeGreaterThan(requestsThen);
    return run;
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
    expect(comparison.items).toBeGreaterThan(150);
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

function itemCounts({ counts }: RunView) {
  const { itemsTotal, itemsRestored, itemsDegraded, itemsSkipped, itemsFailed } = counts;
  return { itemsTotal, itemsRestored, itemsDegraded, itemsSkipped, itemsFailed };
}
