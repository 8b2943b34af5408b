import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeReport } from '@backhaul/graph-simulator';
import { compareBackup, withRepository } from '../compare/compare-backup.ts';
import type { Comparison } from '../compare/difference.ts';
import { thisMachine } from '../figures/this-machine.ts';
import type { RunView } from '../system/director-client.ts';
import { prepareJob, type PreparedJob } from '../system/prepare-job.ts';
import type { System } from '../system/start-system.ts';
import { Comparing } from './comparing.ts';
import type { DemoFigures } from './figures.ts';
import type { DemoOptions } from './options.ts';
import { restoreDriveElsewhere, restoreMailboxElsewhere } from './restore-elsewhere.ts';
import { watchRun } from './watch-run.ts';

/** What the demo found. */
export interface PlayedDemo {
  figures: DemoFigures;
  comparison: Comparison;
}

/**
 * The story: first backup, a change of the tenant, incremental backup, one without any change, a mailbox restored into
 * another user's and a OneDrive into another one; everything is compared with the tenant's own truth on the way.
 */
export async function playDemo(system: System, options: DemoOptions, out: NodeJS.WriteStream): Promise<PlayedDemo> {
  const { api, control } = system;
  const say = (text: string) => void out.write(`${text}\n`);
  const comparing = new Comparing(say);
  const proven = new Set<string>();
  const follow = (title: string, started: RunView) => watchRun(system, title, started, out);
  const comparePoints = (what: string, job: PreparedJob, mark: number) =>
    comparing.compare(what, () =>
      withRepository(job, (repository) => compareBackup(repository, control, job, mark, proven)),
    );

  say('Connecting the tenant, making a repository and a job');
  const job = await prepareJob(system);

  say(`First backup of ${job.objects.length} mailboxes and OneDrives`);
  const firstMark = await control.mark();
  const full = await follow('first backup', await api.runJob(job.jobId));
  await comparePoints('the first points', job, firstMark);

  say(`Changing the tenant: ${options.change} % new, changed, moved and deleted items, renamed folders`);
  const change = await control.change({
    percent: options.change,
    seed: options.seed + 1,
    parts: ['mail', 'contacts', 'calendar', 'files'],
    renameFolder: true,
  });
  const incremental = await follow('after the change', await api.runJob(job.jobId));
  await comparePoints('the second points', job, change.markAfter);

  say('Backup without any change');
  const unchanged = await follow('without a change', await api.runJob(job.jobId));

  say("Restoring one mailbox into another user's");
  const mailbox = await restoreMailboxElsewhere(system, job);
  const restoredMailbox = await follow('mailbox', mailbox.run);
  await comparing.compare('the restored mailbox', mailbox.compare);

  say('Restoring one OneDrive into a folder of another');
  const drive = await restoreDriveElsewhere(system, job);
  const restoredDrive = await follow('OneDrive', drive.run);
  await comparing.compare('the restored OneDrive', drive.compare);

  const runs = {
    full,
    incremental: { ...incremental, changedItems: countChanges(change) },
    unchanged,
    restoredMailbox,
    restoredDrive,
  };
  return { figures: await gatherFigures(system, options, job, runs, comparing), comparison: comparing.all };
}

type RunsOfDemo = Pick<DemoFigures, 'full' | 'incremental' | 'unchanged' | 'restoredMailbox' | 'restoredDrive'>;

async function gatherFigures(
  system: System,
  options: DemoOptions,
  job: PreparedJob,
  runs: RunsOfDemo,
  comparing: Comparing,
): Promise<DemoFigures> {
  const { mailboxes, messages, contacts, events, drives, files, latency } = options;
  const { items, bytes, differences } = comparing.all;
  return {
    machine: thisMachine(),
    versions: { postgres: system.postgres.version, nats: system.nats.version },
    tenant: {
      mailboxes,
      messages,
      contacts,
      events,
      drives,
      files,
      bytes: options.bytes + options.fileBytes + options.largeFile,
      latencyMs: latency,
    },
    ...runs,
    repository: {
      ...(await folderSize(job.repositoryFolder)),
      contentBytes: runs.full.bytesRead + runs.incremental.bytesRead,
    },
    politeness: await politeness(system),
    processes: Object.fromEntries(
      [system.director, ...system.transporters, system.simulator].map((part) => [part.name, part.usage()]),
    ),
    comparison: { items, bytes, seconds: comparing.seconds, differences: differences.length },
  };
}

async function politeness({ control }: System): Promise<DemoFigures['politeness']> {
  const log = await control.logSummary();
  const sent = await control.sent();
  return {
    requests: log.requests,
    maxConcurrentPerMailbox: log.maxConcurrentPerMailbox,
    maxTasksAtOnce: log.maxTasksInFlight,
    requestsBeforeRetryAfter: log.early,
    throttled: log.byStatus['429'] ?? 0,
    mailsSent: sent.mails + sent.invitations,
  };
}

function countChanges(change: ChangeReport): number {
  return [change, change.contacts, change.calendar, change.files].reduce(
    (sum, part) => sum + part.new.length + part.changed.length + part.moved.length + part.deleted.length,
    0,
  );
}

async function folderSize(folder: string): Promise<{ bytes: number; objects: number }> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), objects: files.length };
}
