import { rmSync } from 'node:fs';
import { ContentFile } from '../tenant/content-file.ts';
import type { LogEntry, LogQuery } from '../protocol/log.ts';

/** Entries that go to the file together; between one and two times as many are held in memory. */
const PART = 2000;

/**
 * Every request that came in, in order; what is asked about them is computed when it is asked. Only the newest are held in
 * memory: the others lie in a file that begins anew with each start of the process.
 */
export class RequestLog {
  readonly #file: ContentFile;
  readonly #parts: { offset: number; size: number }[] = [];
  #newest: LogEntry[] = [];

  /** @param path of the file; what it holds from an earlier start is dropped */
  constructor(path: string) {
    rmSync(path, { force: true });
    this.#file = new ContentFile(path);
  }

  /** A request has arrived. */
  add(entry: Omit<LogEntry, 'n'>): LogEntry {
    if (this.#newest.length >= 2 * PART && this.#newest.length % PART === 0) this.#moveToFile();
    const numbered: LogEntry = { n: this.last + 1, ...entry };
    this.#newest.push(numbered);
    return numbered;
  }

  /** Number of the last request. */
  get last(): number {
    return this.#parts.length * PART + this.#newest.length;
  }

  /** What was asked for, to be read once; requests that arrive meanwhile are left out. */
  *entries({ since = 0, mailbox }: LogQuery): Generator<LogEntry> {
    const { last } = this;
    for (const entry of this.#after(since)) {
      if (entry.n > last) return;
      if (mailbox === undefined || mailbox === (entry.mailbox ?? entry.drive)) yield entry;
    }
  }

  close(): void {
    this.#file.close();
  }

  *#after(since: number): Generator<LogEntry> {
    for (let part = Math.floor(since / PART); part < this.#parts.length; part++) {
      const { offset, size } = this.#parts[part]!;
      const entries = JSON.parse(this.#file.read(offset, size).toString()) as LogEntry[];
      yield* entries.slice(Math.max(0, since - part * PART));
    }
    yield* this.#newest.slice(Math.max(0, since - this.#parts.length * PART));
  }

  /** The oldest, as far as they are over: what a request under way does is still to be written into its entry. */
  #moveToFile(): void {
    while (this.#newest.length >= 2 * PART) {
      const part = this.#newest.slice(0, PART);
      if (part.some(({ end }) => end === null)) return;
      this.#parts.push(this.#file.append(Buffer.from(JSON.stringify(part))));
      this.#newest = this.#newest.slice(PART);
    }
  }
}
