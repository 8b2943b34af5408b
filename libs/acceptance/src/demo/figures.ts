import type { Comparison } from '../compare/difference.ts';
import type { RunFigures } from '../figures/run-figures.ts';
import type { Machine } from '../figures/this-machine.ts';
import type { ProcessUsage } from '../system/child-process.ts';

/** What the demo measures; all of it on this machine, in this run. */
export interface DemoFigures {
  machine: Machine;
  versions: { postgres: string; nats: string };
  tenant: {
    mailboxes: number;
    messages: number;
    contacts: number;
    events: number;
    drives: number;
    files: number;
    bytes: number;
    latencyMs: number;
  };
  full: RunFigures;
  incremental: RunFigures & { changedItems: number };
  unchanged: RunFigures;
  restoredMailbox: RunFigures;
  restoredDrive: RunFigures;
  repository: { bytes: number; objects: number; contentBytes: number };
  politeness: {
    requests: number;
    maxConcurrentPerMailbox: number;
    maxTasksAtOnce: number;
    requestsBeforeRetryAfter: number;
    throttled: number;
    mailsSent: number;
  };
  processes: Record<string, ProcessUsage>;
  comparison: { items: number; bytes: number; seconds: number; differences: number };
}

/** The report as people read it. */
export function figuresText(figures: DemoFigures): string {
  const { tenant, repository, politeness, comparison } = figures;
  const run = (name: string, one: RunFigures) =>
    `  ${name.padEnd(22)} ${one.seconds.toFixed(1).padStart(6)} s  ${count(one.items).padStart(6)} items ` +
    `${megabytes(one.bytesRead).padStart(9)} read ${megabytes(one.bytesStored).padStart(9)} stored ` +
    `${count(one.requests).padStart(6)} requests  ${one.itemsPerSecond.toFixed(0).padStart(4)} items/s ` +
    `${one.megabytesPerSecond.toFixed(1).padStart(5)} MB/s`;
  return [
    '',
    `Tenant: ${tenant.mailboxes} mailboxes with ${count(tenant.messages)} messages, ${count(tenant.contacts)} contacts, ` +
      `${count(tenant.events)} events; ${tenant.drives} OneDrives with ${count(tenant.files)} files; ` +
      `${megabytes(tenant.bytes)} in all, ${tenant.latencyMs} ms latency`,
    run('first backup', figures.full),
    run('after a change', figures.incremental),
    run('without a change', figures.unchanged),
    run('mailbox restored', figures.restoredMailbox),
    run('OneDrive restored', figures.restoredDrive),
    `  repository             ${megabytes(repository.bytes)} in ${count(repository.objects)} objects ` +
      `(${((100 * repository.bytes) / Math.max(1, repository.contentBytes)).toFixed(0)} % of the content read)`,
    `  politeness             at most ${politeness.maxTasksAtOnce} tasks at once, ` +
      `${politeness.maxConcurrentPerMailbox} requests at once on a mailbox, ${politeness.throttled} refused by the tenant, ` +
      `${politeness.requestsBeforeRetryAfter} before a Retry-After was over, ${politeness.mailsSent} mails, invitations and sharing mails sent`,
    ...Object.entries(figures.processes).map(
      ([name, usage]) =>
        `  ${name.padEnd(22)} ${usage.cpuSeconds.toFixed(1)} CPU s, at most ${megabytes(usage.peakMemory)} of memory`,
    ),
    `  compared               ${count(comparison.items)} items, ${megabytes(comparison.bytes)} in ` +
      `${comparison.seconds.toFixed(1)} s: ${comparison.differences === 0 ? 'no difference' : `${comparison.differences} DIFFERENCES`}`,
    '',
  ].join('\n');
}

/** The first differences, one a line. */
export function differencesText(comparison: Comparison, most = 20): string {
  const lines = comparison.differences.slice(0, most).map((one) => `  ${one.object} ${one.item}: ${one.problem}`);
  const left = comparison.differences.length - lines.length;
  return [...lines, ...(left > 0 ? [`  … and ${left} more`] : [])].join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
