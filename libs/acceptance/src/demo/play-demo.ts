import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { chainsOf, compareBackup, withRepository } from '../compare/compare-backup.ts';
import { compareRestored } from '../compare/compare-restored.ts';
import { sumComparisons, type Comparison } from '../compare/difference.ts';
import { itemsDone, runFigures, type RunFigures } from '../figures/run-figures.ts';
import { thisMachine } from '../figures/this-machine.ts';
import type { RunView } from '../system/director-client.ts';
import { followRun } from '../system/follow-run.ts';
import { prepareJob, type PreparedJob } from '../system/prepare-job.ts';
import type { System } from '../system/start-system.ts';
import type { DemoFigures } from './figures.ts';
import type { DemoOptions } from './options.ts';
import { showRun } from './run-display.ts';

/** What the demo found. */
export interface PlayedDemo {
  figures: DemoFigures;
  comparison: Comparison;
}

/**
 * The story: first backup, a change of the tenant, incremental backup, one without any change, a restore into another user's
 * mailbox; everything is compared with the tenant's own truth on the way.
 */
export async function playDemo(system: System, options: DemoOptions, out: NodeJS.WriteStream): Promise<PlayedDemo> {
  const { api, control } = system;
  const say = (text: string) => void out.write(`${text}\n`);
  const comparisons: Comparison[] = [];
  let compareSeconds = 0;
  const compare = async (what: string, work: () => Promise<Comparison>): Promise<void> => {
    const startedAt = performance.now();
    const comparison = await work();
    compareSeconds += (performance.now() - startedAt) / 1000;
    comparisons.push(comparison);
    const found = comparison.differences.length;
    say(
      `  compared ${what}: ${comparison.messages} messages, ${found === 0 ? 'no difference' : `${found} DIFFERENCES`}`,
    );
  };
  const follow = async (title: string, started: RunView): Promise<RunFigures> =>
    runFigures(await watch(system, title, started, out));

  say('Connecting the tenant, making a repository and a job');
  const job = await prepareJob(system);

  say(`First backup of ${job.objects.length} mailboxes`);
  const firstMark = await control.mark();
  const full = await follow('first backup', await api.runJob(job.jobId));
  await compare('the first points', () =>
    withRepository(job, (repository) => compareBackup(repository, control, job, firstMark)),
  );

  say(`Changing the tenant: ${options.change} % new, changed, moved and deleted messages, renamed folders`);
  const change = await control.change({ percent: options.change, seed: options.seed + 1, renameFolder: true });
  const incremental = await follow('after the change', await api.runJob(job.jobId));
  await compare('the second points', () =>
    withRepository(job, (repository) => compareBackup(repository, control, job, change.markAfter)),
  );

  say('Backup without any change');
  const unchanged = await follow('without a change', await api.runJob(job.jobId));

  say("Restoring one mailbox into another user's");
  const restore = await restoreElsewhere(system, job, follow, compare);

  const { bytes, objects } = await folderSize(job.repositoryFolder);
  const log = await control.logSummary();
  const sent = await control.sent();
  const comparison = sumComparisons(comparisons);
  const figures: DemoFigures = {
    machine: thisMachine(),
    versions: { postgres: system.postgres.version, nats: system.nats.version },
    tenant: {
      mailboxes: options.mailboxes,
      messages: options.messages,
      bytes: options.bytes,
      latencyMs: options.latency,
    },
    full,
    incremental: {
      ...incremental,
      changedMessages: change.new.length + change.changed.length + change.moved.length + change.deleted.length,
    },
    unchanged,
    restore,
    repository: { bytes, objects, contentBytes: full.bytesRead + incremental.bytesRead },
    politeness: {
      requests: log.requests,
      maxConcurrentPerMailbox: log.maxConcurrentPerMailbox,
      maxTasksAtOnce: log.maxTasksInFlight,
      requestsBeforeRetryAfter: log.early,
      throttled: log.byStatus['429'] ?? 0,
      mailsSent: sent.mails + sent.invitations,
    },
    processes: Object.fromEntries(
      [system.director, ...system.transporters, system.simulator].map((part) => [part.name, part.usage()]),
    ),
    comparison: {
      messages: comparison.messages,
      bytes: comparison.bytes,
      seconds: compareSeconds,
      differences: comparison.differences.length,
    },
  };
  return { figures, comparison };
}

/** Follows a run with live progress; a run that is not a full success ends the demo with its reasons. */
async function watch(system: System, title: string, started: RunView, out: NodeJS.WriteStream): Promise<RunView> {
  const display = showRun(out, () => performance.now());
  try {
    const run = await followRun(system.api, started.id, {
      observe: (view, running) =>
        display.update({
          title,
          tasksTotal: view.tasksTotal,
          tasksEnded: view.tasksEnded,
          items: itemsDone(view.counts),
          bytes: view.counts.bytesRead,
          running: running.map((task) => ({
            id: task.id,
            name: task.object.displayName,
            items: itemsDone(task.counts),
            expected: task.progress?.itemsExpected ?? 0,
            phase: task.progress?.phase ?? 'starting',
          })),
        }),
    });
    if (run.outcome !== 'succeeded' && run.outcome !== 'warning') throw new Error(await reasons(system, run));
    return run;
  } finally {
    display.stop();
  }
}

async function reasons(system: System, run: RunView): Promise<string> {
  const tasks = await system.api.tasks(run.id);
  const failed = tasks.filter((task) => task.state !== 'succeeded');
  const lines = failed.map(
    (task) => `  ${task.object.displayName}: ${task.state}, ${task.failure?.message ?? 'no reason'}`,
  );
  return [`The run ended as ${String(run.outcome)}:`, ...lines].join('\n');
}

async function restoreElsewhere(
  system: System,
  job: PreparedJob,
  follow: (title: string, started: RunView) => Promise<RunFigures>,
  compare: (what: string, work: () => Promise<Comparison>) => Promise<void>,
): Promise<RunFigures> {
  const { api, control } = system;
  const source = await mediumMailbox(system, job);
  const target = await control.addUser({ displayName: 'Restore Target', language: 'de' });
  await api.refreshInventory(job.tenantId);
  const targetObject = (await api.inventory(job.tenantId, 'mailbox')).find((object) => object.externalId === target.id);
  if (targetObject === undefined) throw new Error('The new user is not in the inventory.');
  const sequence = await withRepository(
    job,
    async (repository) => (await chainsOf(repository, job)).get(source.id)?.at(-1)?.sequence,
  );
  const pointId = `${job.jobId}.${source.id}.${String(sequence)}`;
  const figures = await follow('restore', await api.startRestore({ pointId, targetObjectId: targetObject.id }));
  await compare('the restored mailbox', async () =>
    compareRestored(await control.truth({ mailbox: source.externalId }), await control.truth({ mailbox: target.id })),
  );
  return figures;
}

/** Not the largest, so that the restore stays short; not an empty one either. */
async function mediumMailbox(system: System, job: PreparedJob): Promise<PreparedJob['objects'][number]> {
  const messages = new Map((await system.control.users()).map((user) => [user.id, user.messages]));
  const bySize = [...job.objects].sort(
    (one, other) => (messages.get(one.externalId) ?? 0) - (messages.get(other.externalId) ?? 0),
  );
  const chosen = bySize[Math.floor(bySize.length / 2)];
  if (chosen === undefined) throw new Error('The job protects no mailbox.');
  return chosen;
}

async function folderSize(folder: string): Promise<{ bytes: number; objects: number }> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), objects: files.length };
}
