import { BufferPool } from './buffer-pool.ts';
import type { Crew } from './crew.ts';
import type { SplitPart } from './split-content.ts';
import { asBuffer, type OwnBytes } from './own-bytes.ts';

/** Called with a put's parts once they are split, in the order of the puts. `buffer` is on loan for the call only. */
export type OnSplit = (parts: SplitPart[], buffer: Buffer) => void;

/** A part whose bytes are all there. */
export interface WholePart {
  content: Uint8Array;
  /** Look for attachments to store decoded. */
  mime: boolean;
}

/** Parts are handed to the crew in batches of this size; larger puts alone. A message per small item would cost more than hashing it. */
const BATCH_BYTES = 1024 * 1024;
/** Batch buffers kept for reuse. */
const SPARE_BUFFERS = 4;

/** Gathers puts of all sessions into batches and has the crew split them. */
export class SplitQueue {
  readonly #crew: Crew;
  readonly #buffers = new BufferPool(BATCH_BYTES, SPARE_BUFFERS);
  #batch: Batch | null = null;
  #isScheduled = false;
  #last: Promise<void> = Promise.resolve();

  constructor(crew: Crew) {
    this.#crew = crew;
    // The crew may have been busy with other work than batches when the last put came in.
    crew.onIdle(() => this.kick());
  }

  /** Copies the parts; resolves after `onSplit`, with what it was told of them. */
  put(parts: WholePart[], onSplit: OnSplit): Promise<SplitPart[]> {
    const bytes = parts.reduce((sum, part) => sum + part.content.length, 0);
    if (this.#batch !== null && this.#batch.length + bytes > this.#batch.buffer.length) this.#dispatch();
    const batch = (this.#batch ??= this.#newBatch(bytes));
    const from = batch.parts.length;
    for (const { content, mime } of parts) {
      batch.buffer.set(content, batch.length);
      batch.parts.push({ offset: batch.length, length: content.length, mime });
      batch.length += content.length;
    }
    return new Promise((resolve, reject) => {
      batch.puts.push({ from, to: batch.parts.length, onSplit, resolve, reject });
      if (batch.length >= BATCH_BYTES) this.#dispatch();
      else this.kick();
    });
  }

  /** Hands out the batch begun when the crew has nothing to do; called whenever that may be so. */
  kick(): void {
    if (this.#batch === null || this.#isScheduled || !this.#crew.isIdle) return;
    this.#isScheduled = true;
    // Puts of the same turn still join.
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#batch !== null) this.#dispatch();
    });
  }

  #newBatch(bytes: number): Batch {
    return { buffer: this.#buffers.take(bytes), length: 0, parts: [], puts: [] };
  }

  #dispatch(): void {
    const batch = this.#batch!;
    this.#batch = null;
    const split = this.#crew.do({ type: 'split', buffer: batch.buffer, parts: batch.parts });
    // Several threads may finish out of order; sessions see their puts in order.
    this.#last = this.#last.then(async () => {
      try {
        const { buffer, parts } = await split;
        this.#deliver(batch, parts, asBuffer(buffer));
        this.#buffers.giveBack(buffer);
      } catch (error) {
        for (const { reject } of batch.puts) reject(error);
      }
      this.kick();
    });
    // Handled above, once it is this batch's turn.
    split.catch(() => undefined);
  }

  #deliver(batch: Batch, parts: SplitPart[], buffer: Buffer): void {
    for (const { from, to, onSplit, resolve, reject } of batch.puts) {
      try {
        const own = parts.slice(from, to);
        onSplit(own, buffer);
        resolve(own);
      } catch (error) {
        reject(error);
      }
    }
  }
}

interface Batch {
  buffer: OwnBytes;
  length: number;
  parts: { offset: number; length: number; mime: boolean }[];
  puts: WaitingPut[];
}

interface WaitingPut {
  /** Its rows of the batch's parts. */
  from: number;
  to: number;
  onSplit: OnSplit;
  resolve: (parts: SplitPart[]) => void;
  reject: (reason: unknown) => void;
}
