import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';

/**
 * An append-only file of JSON lines: everything that happened to the tenant since it was generated. A line is with the
 * operating system before the request that caused it is answered, so a killed process forgets nothing it has confirmed.
 */
export class Journal<Entry> {
  readonly #file: number;

  private constructor(file: number) {
    this.#file = file;
  }

  /** Reads what is there, in order, then opens the file for more. A last line without an end was never confirmed and is cut off. */
  static open<Entry>(path: string, onEntry: (entry: Entry) => void): Journal<Entry> {
    if (existsSync(path)) {
      const bytes = readFileSync(path);
      const end = bytes.lastIndexOf(10) + 1;
      if (end < bytes.length) truncateSync(path, end);
      for (let from = 0; from < end;) {
        const to = bytes.indexOf(10, from);
        onEntry(JSON.parse(bytes.toString('utf8', from, to)) as Entry);
        from = to + 1;
      }
    }
    return new Journal<Entry>(openSync(path, 'a', 0o600));
  }

  append(entry: Entry): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    let written = 0;
    while (written < line.length) written += writeSync(this.#file, line, written);
  }

  close(): void {
    closeSync(this.#file);
  }
}
