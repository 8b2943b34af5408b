import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogSummary } from '@backhaul/graph-simulator';
import { compareBackup, withRepository } from '../src/compare/compare-backup.ts';
import type { RunView, TaskView } from '../src/system/director-client.ts';
import { followRun } from '../src/system/follow-run.ts';
import { prepareJob, type PreparedJob } from '../src/system/prepare-job.ts';
import { startSmallSystem, type SmallSystem } from './support/small-system.ts';

/*
 * A job of 40 mailboxes may have 3 tasks at work, while 4 Transporters with 2 slots each could do 8 at once. The tenant
 * slows callers down now and then, as Microsoft does. Everything is counted from the tenant's own log of requests.
 */

const MAILBOXES = 40;
const LIMIT = 3;

describe('40 mailboxes of one job with a limit of 3 tasks, on 4 Transporters with 2 slots each', () => {
  let system: SmallSystem;
  let job: PreparedJob;
  let run: RunView;
  let tasks: TaskView[];
  let log: LogSummary;

  beforeAll(async () => {
    system = await startSmallSystem({
      transporters: 4,
      slots: 2,
      tenant: { mailboxes: MAILBOXES, messages: 240, largeFolder: 20, bytes: 3_000_000 },
    });
    job = await prepareJob(system, { transporterLoad: LIMIT });
    await system.control.addFault({
      match: { pathRegex: '/users/[^/]+/', probability: 0.04, seed: 7 },
      effect: { kind: 'status', status: 429, retryAfterSeconds: 1 },
    });
    const before = (await system.control.log()).next;
    run = await followRun(system.api, (await system.api.runJob(job.jobId)).id, { withinMs: 150_000 });
    tasks = await system.api.tasks(run.id);
    log = await system.control.logSummary({ since: before });
  });
  afterAll(() => system?.stop());

  test('every mailbox is one task and succeeds at its first attempt', () => {
    expect(run).toMatchObject({ outcome: 'succeeded', tasksTotal: MAILBOXES, tasksEnded: MAILBOXES });
    expect(tasks.map(({ state, attempts }) => ({ state, attempts }))).toEqual(
      Array.from({ length: MAILBOXES }, () => ({ state: 'succeeded', attempts: 1 })),
    );
    expect(Object.keys(log.tasks).sort()).toEqual(tasks.map(({ id }) => id).sort());
  });

  test('never more than 3 tasks have a request under way, and all 3 places are used', () => {
    expect(log.maxTasksInFlight).toBe(LIMIT);
  });

  test('never more than 3 tasks are between their first and their last request', () => {
    expect(log.maxTasksOverlapping).toBe(LIMIT);
  });

  test('the places are held by different Transporters, the idle ones first', () => {
    expect(new Set(tasks.map(({ transporter }) => transporter?.name)).size).toBeGreaterThanOrEqual(LIMIT);
  });

  test('never more than 4 requests are under way on one mailbox', () => {
    expect(log.maxConcurrentPerMailbox).toBeLessThanOrEqual(4);
  });

  test('the tenant refused requests, and none came before its Retry-After was over', () => {
    expect(log.byStatus['429']).toBeGreaterThan(10);
    expect(log.early).toBe(0);
  });

  test('every mailbox equals the truth, and nothing was sent', async () => {
    const mark = await system.control.mark();
    const comparison = await withRepository(job, (repository) => compareBackup(repository, system.control, job, mark));
    expect(comparison.differences).toEqual([]);
    expect(comparison.items).toBe(240);
    expect(await system.control.sent()).toEqual({ mails: 0, invitations: 0 });
  });
});
