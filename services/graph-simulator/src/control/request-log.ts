import type { LogEntry, LogPage, LogQuery, LogSummary } from './protocol.ts';

/** Older entries are dropped from memory. */
const KEPT = 400_000;

/** Every request that came in, in order; what is asked about them is computed when it is asked. */
export class RequestLog {
  #entries: LogEntry[] = [];
  #dropped = 0;

  /** A request has arrived. */
  add(entry: Omit<LogEntry, 'n'>): LogEntry {
    if (this.#entries.length >= 2 * KEPT) {
      this.#dropped += KEPT;
      this.#entries = this.#entries.slice(KEPT);
    }
    const numbered: LogEntry = { n: this.#dropped + this.#entries.length + 1, ...entry };
    this.#entries.push(numbered);
    return numbered;
  }

  /** Number of the last request. */
  get last(): number {
    return this.#dropped + this.#entries.length;
  }

  page({ since = 0, mailbox }: LogQuery): LogPage {
    const entries = this.#after(since).filter((entry) => mailbox === undefined || entry.mailbox === mailbox);
    return { entries, next: this.last };
  }

  summary(since = 0): LogSummary {
    const entries = this.#after(since);
    const byStatus: Record<string, number> = {};
    const tasks: LogSummary['tasks'] = {};
    let bytes = 0;
    let early = 0;
    let bodiesDelivered = 0;
    for (const entry of entries) {
      byStatus[entry.status] = (byStatus[entry.status] ?? 0) + 1;
      bytes += entry.bytes;
      if (entry.early) early++;
      if (entry.status === 200 && isMessageBody(entry)) bodiesDelivered++;
      if (entry.task !== null) countTask(tasks, entry.task, entry);
    }
    const refused = (entry: LogEntry): boolean => entry.status === 429;
    const mailboxes = mostAtOnce(
      entries.filter((entry) => entry.mailbox !== null && !refused(entry)),
      (entry) => `${entry.app} ${entry.mailbox}`,
    );
    const spans = Object.values(tasks).map(({ first, last }) => ({ start: first, end: last }));
    return {
      requests: entries.length,
      byStatus,
      bytes,
      maxConcurrentPerMailbox: mailboxes.most,
      busiestMailbox: mailboxes.key === null ? null : mailboxes.key.split(' ')[1]!,
      maxTasksInFlight: mostDifferentAtOnce(entries),
      maxTasksOverlapping: mostAtOnce(spans, () => '').most,
      early,
      tasks,
      bodiesDelivered,
    };
  }

  #after(since: number): LogEntry[] {
    return this.#entries.slice(Math.max(0, since - this.#dropped));
  }
}

function isMessageBody({ method, path }: LogEntry): boolean {
  return method === 'GET' && /\/messages[/(][^/]+\/\$value$/i.test(path);
}

function countTask(tasks: LogSummary['tasks'], tag: string, { start, end, mailbox }: LogEntry): void {
  const task = (tasks[tag] ??= { first: start, last: start, requests: 0, mailboxes: [] });
  task.requests++;
  task.last = Math.max(task.last, end ?? start);
  if (mailbox !== null && !task.mailboxes.includes(mailbox)) task.mailboxes.push(mailbox);
}

interface Span {
  start: number;
  end: number | null;
}

/** Starts and ends in order of time; of those at the same time, ends come first. */
function edges<Timed extends Span>(spans: readonly Timed[]): { at: number; step: 1 | -1; span: Timed }[] {
  return spans
    .flatMap((span) => [
      { at: span.start, step: 1 as const, span },
      { at: span.end ?? Infinity, step: -1 as const, span },
    ])
    .sort((a, b) => a.at - b.at || a.step - b.step);
}

/** The highest number of spans of one key that overlap. */
function mostAtOnce<Timed extends Span>(
  spans: readonly Timed[],
  keyOf: (span: Timed) => string,
): { most: number; key: string | null } {
  const open = new Map<string, number>();
  let most = 0;
  let busiest: string | null = null;
  for (const { step, span } of edges(spans)) {
    const key = keyOf(span);
    const count = (open.get(key) ?? 0) + step;
    open.set(key, count);
    if (count > most) {
      most = count;
      busiest = key;
    }
  }
  return { most, key: busiest };
}

/** The highest number of different tasks with a request under way. */
function mostDifferentAtOnce(entries: readonly LogEntry[]): number {
  const open = new Map<string, number>();
  let most = 0;
  for (const { step, span } of edges(entries.filter(({ task }) => task !== null))) {
    const count = (open.get(span.task!) ?? 0) + step;
    if (count === 0) open.delete(span.task!);
    else open.set(span.task!, count);
    most = Math.max(most, open.size);
  }
  return most;
}
