import { beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { rows } from '../../src/database/statement.ts';
import { grantTasks, raiseFences, type GrantAnswer, type GrantWish } from '../../src/grants/grant.store.ts';
import { changeLane } from '../../src/lanes/lane.store.ts';
import type { Epoch } from '../../src/leadership/leader.store.ts';
import { settleAttempts } from '../../src/results/settle-attempts.ts';
import { stopRun } from '../../src/runs/stop-run.ts';
import { revokeTransporter } from '../../src/transporters/transporter.store.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';
import { backupResult, Installation } from '../../testing/installation.ts';

const postgres = postgresForTests();
let database: DataSource;
let installation: Installation;
let transporterId: string;
let epoch: Epoch;

beforeEach(async () => {
  database = await postgres.fresh();
  installation = await Installation.create(database);
  transporterId = await installation.transporter();
  epoch = await installation.epoch();
});

async function wishesFor(laneId: string): Promise<GrantWish[]> {
  const queued = await rows<{ taskId: string }>(
    database,
    `select id as "taskId" from tasks where lane_id = $1 and state = 'queued' order by id`,
    [laneId],
  );
  return queued.map(({ taskId }) => ({ taskId, laneId, transporterId, boot: 'boot-1' }));
}

const fencesOf = (answers: GrantAnswer[]) => answers.flatMap(({ granted }) => granted?.fence ?? []);
const slotsOf = (answers: GrantAnswer[]) => answers.flatMap(({ granted }) => granted?.slot ?? []);
const refusalsOf = (answers: GrantAnswer[]) =>
  answers.flatMap((answer) => (answer.granted === null ? [answer.refusal] : []));

describe('A batch of grants', () => {
  test('fills the lowest slots up to the limit and says what did not fit', async () => {
    const laneId = await installation.job({ mailboxes: 5, limit: 3 });
    await installation.start(laneId);
    const answers = await grantTasks(database, epoch, await wishesFor(laneId));
    expect(slotsOf(answers)).toEqual([0, 1, 2]);
    expect(refusalsOf(answers)).toEqual(['lane-full', 'lane-full']);
  });

  test('carries the task as the Transporter gets it, and leaves a row for the attempt', async () => {
    const [mailbox] = await installation.mailboxes(1);
    const laneId = await installation.job({ mailboxes: [mailbox as string] });
    const { runId } = await installation.start(laneId);
    const [grant] = await installation.grant({ epoch, laneId, transporterId, count: 1 });
    expect(grant).toMatchObject({ slot: 0, earlierAttempts: 0, transporterId, boot: 'boot-1' });
    expect(grant?.spec).toMatchObject({
      taskId: grant?.taskId,
      runId,
      laneId,
      repositoryId: installation.repositoryId,
      object: { id: mailbox, tenantId: installation.tenantId, kind: 'mailbox' },
      work: { type: 'backup', jobId: laneId, kinds: ['mail'], forceFull: false },
    });
    const attempts = await rows(database, 'select fence, task_id, slot, outcome from attempts');
    expect(attempts).toEqual([{ fence: grant?.fence, task_id: grant?.taskId, slot: 0, outcome: null }]);
  });

  test('has no upper end when the job has no limit', async () => {
    const laneId = await installation.job({ mailboxes: 40, limit: null });
    await installation.start(laneId);
    const answers = await grantTasks(database, epoch, await wishesFor(laneId));
    expect(slotsOf(answers)).toEqual(Array.from({ length: 40 }, (_, slot) => slot));
  });

  test('takes the slot that became free, and a fence that was never used', async () => {
    const laneId = await installation.job({ mailboxes: 5, limit: 3 });
    await installation.start(laneId);
    const first = await installation.grant({ epoch, laneId, transporterId, count: 3 });
    const middle = first[1];
    if (middle === undefined) throw new Error('Three were to be granted.');
    await settleAttempts(database, [{ by: 'holder', senderId: transporterId, result: backupResult(middle) }]);
    const next = await installation.grant({ epoch, laneId, transporterId, count: 2 });
    expect(next.map(({ slot }) => slot)).toEqual([1]);
    expect(next[0]?.fence).toBeGreaterThan(Math.max(...first.map(({ fence }) => fence)));
  });

  test('starts nothing in a lane whose limit was lowered, until the number has drained', async () => {
    const laneId = await installation.job({ mailboxes: 6, limit: 4 });
    await installation.start(laneId);
    const running = await installation.grant({ epoch, laneId, transporterId, count: 4 });
    await changeLane(database, laneId, { limit: 2 });
    expect(await installation.grant({ epoch, laneId, transporterId, count: 2 })).toEqual([]);
    const ends = running
      .slice(0, 3)
      .map((grant) => ({ by: 'holder' as const, senderId: transporterId, result: backupResult(grant) }));
    await settleAttempts(database, ends);
    const next = await installation.grant({ epoch, laneId, transporterId, count: 2 });
    expect(next.map(({ slot }) => slot)).toEqual([0]);
  });

  test('never lets two lanes work on the same mailbox', async () => {
    const [mailbox] = await installation.mailboxes(1);
    const first = await installation.job({ mailboxes: [mailbox as string] });
    const second = await installation.job({ mailboxes: [mailbox as string] });
    await installation.start(first);
    await installation.start(second);
    const answers = await grantTasks(database, epoch, [...(await wishesFor(first)), ...(await wishesFor(second))]);
    expect(fencesOf(answers)).toHaveLength(1);
    expect(refusalsOf(answers)).toEqual(['object-busy']);
  });

  test('grants nothing that is paused, cancelled, in back-off or for a revoked Transporter', async () => {
    const paused = await installation.job({ mailboxes: 1 });
    await installation.start(paused);
    await changeLane(database, paused, { paused: true });

    const cancelled = await installation.job({ mailboxes: 1 });
    const { runId } = await installation.start(cancelled);
    const cancelledWishes = await wishesFor(cancelled);
    await stopRun(database, runId);

    const waiting = await installation.job({ mailboxes: 1 });
    await installation.start(waiting);
    await rows(database, `update tasks set not_before = now() + interval '1 minute' where lane_id = $1`, [waiting]);

    const orphaned = await installation.job({ mailboxes: 1 });
    await installation.start(orphaned);
    const revoked = await installation.transporter();
    await revokeTransporter(database, revoked);
    const orphanedWishes = (await wishesFor(orphaned)).map((wish) => ({ ...wish, transporterId: revoked }));

    const answers = await grantTasks(database, epoch, [
      ...(await wishesFor(paused)),
      ...cancelledWishes,
      ...(await wishesFor(waiting)),
      ...orphanedWishes,
    ]);
    expect(refusalsOf(answers)).toEqual(['lane-paused', 'not-queued', 'not-yet', 'transporter-gone']);
  });

  test('is refused as a whole to a leader that was replaced', async () => {
    const laneId = await installation.job({ mailboxes: 2 });
    await installation.start(laneId);
    const newer = await installation.epoch();
    const error = await grantTasks(database, epoch, await wishesFor(laneId)).catch((thrown: unknown) => thrown);
    expect(isFailure(error, 'stale')).toBe(true);
    expect(await rows(database, `select id from tasks where state = 'running'`)).toEqual([]);
    expect(fencesOf(await grantTasks(database, newer, await wishesFor(laneId)))).toHaveLength(2);
  });

  test('keeps limit, slots and objects apart when two Directors grant at the same instant', async () => {
    const other = await postgres.another();
    const shared = await installation.mailboxes(30);
    const lanes = [];
    for (const limit of [1, 3, 7, 12]) lanes.push(await installation.job({ mailboxes: shared, limit }));
    for (const laneId of lanes) await installation.start(laneId);

    for (let round = 0; round < 8; round += 1) {
      const wishes = (await Promise.all(lanes.map(wishesFor))).flat();
      const batches = Array.from({ length: 6 }, (_, n) => wishes.filter((_wish, index) => index % 6 === n));
      const answers = await Promise.all(
        batches.map((batch, n) => grantTasks(n % 2 === 0 ? database : other, epoch, batch)),
      );
      const running = await rows<{ lane: string; at_work: number; limit: number; slots: number; highest: number }>(
        database,
        `select lane_id as lane, count(*)::integer as at_work, task_limit as limit,
                count(distinct slot)::integer as slots, max(slot) as highest
           from tasks join lanes on lanes.id = lane_id where state = 'running' group by lane_id, task_limit`,
      );
      for (const lane of running) {
        expect(lane.at_work).toBeLessThanOrEqual(lane.limit);
        expect(lane.slots).toBe(lane.at_work);
        expect(lane.highest).toBeLessThan(lane.limit);
      }
      const busy = await rows(
        database,
        `select exclusive_key from tasks where state = 'running' group by exclusive_key having count(*) > 1`,
      );
      expect(busy).toEqual([]);
      const granted = answers.flat().flatMap(({ granted: grant }) => grant ?? []);
      expect(new Set(granted.map(({ fence }) => fence)).size).toBe(granted.length);
      const ends = granted
        .filter((_grant, index) => index % 3 !== 0)
        .map((grant) => ({ by: 'holder' as const, senderId: transporterId, result: backupResult(grant) }));
      await settleAttempts(database, ends);
    }
  });

  test('goes on above every fence that was seen in leases or repositories', async () => {
    const laneId = await installation.job({ mailboxes: 2 });
    await installation.start(laneId);
    await raiseFences(database, 5_000);
    await raiseFences(database, 17);
    await raiseFences(database, Number.MAX_SAFE_INTEGER);
    const [grant] = await installation.grant({ epoch, laneId, transporterId, count: 1 });
    expect(grant?.fence).toBe(5_001);
  });
});
