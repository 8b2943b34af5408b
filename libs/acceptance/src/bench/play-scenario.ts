import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareJob } from '../system/prepare-job.ts';
import { startSystem } from '../system/start-system.ts';
import { measureRun, type MeasuredRun } from './measure-run.ts';
import type { Scenario } from './scenarios.ts';

/** What a scenario gave, and what it ran on. */
export interface PlayedScenario {
  runs: MeasuredRun[];
  versions: { postgres: string; nats: string };
}

/** Starts a system, runs the job of the scenario, and ends the system again. */
export async function playScenario({ title, tenant, tasksAtOnce, runsAgain }: Scenario): Promise<PlayedScenario> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-bench-'));
  const system = await startSystem({ folder, tenant, transporters: 1, slots: tasksAtOnce, logLevel: 'warn' });
  try {
    const job = await prepareJob(system, { transporterLoad: tasksAtOnce });
    const runs = [await measureRun(system, `first backup: ${title}`, () => system.api.runJob(job.jobId))];
    if (runsAgain) {
      runs.push(await measureRun(system, `unchanged: ${title}`, () => system.api.runJob(job.jobId)));
    }
    return { runs, versions: { postgres: system.postgres.version, nats: system.nats.version } };
  } finally {
    await system.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
