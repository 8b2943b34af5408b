import type { LogEntry, LogSummary } from '../protocol/log.ts';

/** What a log says as a whole. @param entries in the order of arrival, read once */
export function summarize(entries: Iterable<LogEntry>): LogSummary {
  const byStatus: Record<string, number> = {};
  const tasks: LogSummary['tasks'] = {};
  const onMailboxes: KeyedSpan[] = [];
  const ofTasks: KeyedSpan[] = [];
  let requests = 0;
  let bytes = 0;
  let early = 0;
  let bodiesDelivered = 0;
  let downloads = 0;
  for (const entry of entries) {
    const { start, end, status, app, mailbox, task } = entry;
    requests++;
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    bytes += entry.bytes;
    if (entry.early) early++;
    if (status === 200 && isMessageBody(entry)) bodiesDelivered++;
    if ((status === 200 || status === 206) && isDownload(entry)) downloads++;
    if (mailbox !== null && status !== 429) onMailboxes.push({ start, end, key: `${app} ${mailbox}` });
    if (task === null) continue;
    countTask(tasks, task, entry);
    ofTasks.push({ start, end, key: task });
  }
  const busiest = mostAtOnce(onMailboxes);
  const wholeTasks = Object.values(tasks).map(({ first, last }) => ({ start: first, end: last, key: '' }));
  return {
    requests,
    byStatus,
    bytes,
    maxConcurrentPerMailbox: busiest.most,
    busiestMailbox: busiest.key === null ? null : busiest.key.split(' ')[1]!,
    maxTasksInFlight: mostKeysAtOnce(ofTasks),
    maxTasksOverlapping: mostAtOnce(wholeTasks).most,
    early,
    tasks,
    bodiesDelivered,
    downloads,
  };
}

function isMessageBody({ method, path }: LogEntry): boolean {
  return method === 'GET' && /\/messages[/(][^/]+\/\$value$/i.test(path);
}

function isDownload({ method, path }: LogEntry): boolean {
  return method === 'GET' && path.startsWith('/download/');
}

function countTask(tasks: LogSummary['tasks'], tag: string, { start, end, mailbox, drive }: LogEntry): void {
  const task = (tasks[tag] ??= { first: start, last: start, requests: 0, mailboxes: [] });
  task.requests++;
  task.last = Math.max(task.last, end ?? start);
  const owner = mailbox ?? drive;
  if (owner !== null && !task.mailboxes.includes(owner)) task.mailboxes.push(owner);
}

/** A time in which something with this key went on; without an end it still does. */
interface KeyedSpan {
  start: number;
  end: number | null;
  key: string;
}

/** Starts and ends in order of time; of those at the same time, ends come first. */
function edges(spans: readonly KeyedSpan[]): { at: number; step: 1 | -1; key: string }[] {
  return spans
    .flatMap(({ start, end, key }) => [
      { at: start, step: 1 as const, key },
      { at: end ?? Infinity, step: -1 as const, key },
    ])
    .sort((a, b) => a.at - b.at || a.step - b.step);
}

/** The highest number of spans of one key that overlap. */
function mostAtOnce(spans: readonly KeyedSpan[]): { most: number; key: string | null } {
  const open = new Map<string, number>();
  let most = 0;
  let busiest: string | null = null;
  for (const { step, key } of edges(spans)) {
    const count = (open.get(key) ?? 0) + step;
    open.set(key, count);
    if (count > most) {
      most = count;
      busiest = key;
    }
  }
  return { most, key: busiest };
}

/** The highest number of different keys that have an open span at one instant. */
function mostKeysAtOnce(spans: readonly KeyedSpan[]): number {
  const open = new Map<string, number>();
  let most = 0;
  for (const { step, key } of edges(spans)) {
    const count = (open.get(key) ?? 0) + step;
    if (count === 0) open.delete(key);
    else open.set(key, count);
    most = Math.max(most, open.size);
  }
  return most;
}
