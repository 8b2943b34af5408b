import { Worker } from 'node:worker_threads';
import { Failure, type FailureRecord } from '@backhaul/domain';
import type { OwnBytes } from './own-bytes.ts';
import { performer, type Job, type JobResults, type WorkKeys } from './work.ts';

/** Whoever does the costly work on bytes: some threads, or this one. */
export interface Crew {
  /** Does a job; its buffers belong to the crew from here on. @throws Failure `internal`. */
  do<J extends Job>(job: J): Promise<JobResults[J['type']]>;
  /** True while a job given now would start at once. */
  readonly isIdle: boolean;
  /** Has `listener` called each time the crew has become idle; whoever gathers work until then must be woken by it. */
  onIdle(listener: () => void): void;
  /** Ends the threads; jobs that are not done fail. */
  close(): Promise<void>;
}

export interface JobMessage {
  ticket: number;
  job: Job;
}
export type JobAnswer =
  { ticket: number; result: JobResults[keyof JobResults] } | { ticket: number; failure: FailureRecord };

/** A thread gets its next job while it still does one, so that it never waits for this side. */
const JOBS_PER_THREAD = 2;
/** Threads keep little in the heap: their content lives in buffers. Megabytes. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 };

/** `threads` 0 works in this thread. */
export function openCrew(keys: WorkKeys, threads: number): Crew {
  return threads === 0 ? inlineCrew(keys) : new ThreadCrew(keys, threads);
}

function inlineCrew(keys: WorkKeys): Crew {
  const perform = performer(keys);
  return {
    isIdle: true,
    // Never anything else than idle, so it never becomes so.
    onIdle: () => undefined,
    // Asynchronous even so: callers must not come to depend on results within the same turn.
    do: async (job) => Promise.resolve().then(() => perform(job).result),
    close: () => Promise.resolve(),
  };
}

interface Waiting {
  message: JobMessage;
  resolve: (result: never) => void;
  reject: (reason: unknown) => void;
}

interface Thread {
  worker: Worker;
  jobs: Map<number, Waiting>;
}

class ThreadCrew implements Crew {
  readonly #threads: Thread[];
  readonly #queue: Waiting[] = [];
  readonly #idleListeners: (() => void)[] = [];
  #tickets = 0;
  #ended: Failure | null = null;

  constructor(keys: WorkKeys, threads: number) {
    this.#threads = Array.from({ length: threads }, () => this.#start(keys));
  }

  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#threads.some((thread) => thread.jobs.size === 0);
  }

  onIdle(listener: () => void): void {
    this.#idleListeners.push(listener);
  }

  do<J extends Job>(job: J): Promise<JobResults[J['type']]> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#queue.push({ message: { ticket: (this.#tickets += 1), job }, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#end(crewEnded('The repository was closed.'));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(keys: WorkKeys): Thread {
    // The same kind of file as this one: sources run from sources, a build from the build.
    const file = new URL(`./crew-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const worker = new Worker(file, { workerData: keys, resourceLimits: THREAD_LIMITS });
    const thread: Thread = { worker, jobs: new Map() };
    worker.on('message', (answer: JobAnswer) => this.#settle(thread, answer));
    worker.on('error', (cause) => this.#end(crewEnded('A worker thread failed.', cause)));
    worker.unref();
    return thread;
  }

  #next(): void {
    const hasRoom = () => this.#threads.some(({ jobs }) => jobs.size < JOBS_PER_THREAD);
    for (let at = 0; at < this.#queue.length && hasRoom();) {
      const thread = this.#threadFor(this.#queue[at]!.message.job);
      if (thread.jobs.size < JOBS_PER_THREAD) this.#give(thread, this.#queue.splice(at, 1)[0]!);
      else at += 1;
    }
  }

  /** The windows of a stream go to one thread, which keeps its hash; all else to the one with least to do. */
  #threadFor(job: Job): Thread {
    if (job.type === 'cut') return this.#threads[job.stream % this.#threads.length]!;
    return this.#threads.reduce((a, b) => (b.jobs.size < a.jobs.size ? b : a));
  }

  #give(thread: Thread, waiting: Waiting): void {
    thread.jobs.set(waiting.message.ticket, waiting);
    // An unanswered job keeps the process alive; an idle thread does not.
    thread.worker.ref();
    thread.worker.postMessage(waiting.message, handOver(waiting.message.job));
  }

  #settle(thread: Thread, answer: JobAnswer): void {
    const waiting = thread.jobs.get(answer.ticket);
    if (waiting === undefined) return;
    thread.jobs.delete(answer.ticket);
    if (thread.jobs.size === 0) thread.worker.unref();
    this.#next();
    if ('failure' in answer) waiting.reject(new Failure(answer.failure.kind, answer.failure));
    else waiting.resolve(answer.result as never);
    if (this.isIdle) for (const listener of this.#idleListeners) listener();
  }

  #end(reason: Failure): void {
    this.#ended ??= reason;
    const lost = [...this.#queue.splice(0), ...this.#threads.flatMap(({ jobs }) => [...jobs.values()])];
    for (const { jobs } of this.#threads) jobs.clear();
    for (const { reject } of lost) reject(reason);
  }
}

function handOver(job: Job): ArrayBuffer[] {
  return [bytesOf(job).buffer];
}

function bytesOf(job: Job): OwnBytes {
  switch (job.type) {
    case 'split':
    case 'cut':
      return job.buffer;
    case 'seal':
      return job.plain;
    case 'open':
    case 'verify':
      return job.sealed;
  }
}

function crewEnded(message: string, cause?: unknown): Failure {
  return new Failure('internal', { code: 'repository.crew-ended', message, retry: 'later', cause });
}
