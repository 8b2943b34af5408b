import { randomBytes } from 'node:crypto';
import { Failure, isFailure, type Clock } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { chainName, readPoint, sequencesOf, withoutVoid, type StoredPoint } from './chain.ts';
import { lastCheckpoint } from './checkpoint.ts';
import { ContentWriter } from './content-writer.ts';
import type { ContentReader } from './content-reader.ts';
import type { Crew } from './crew.ts';
import { standing } from './fence-rules.ts';
import type { KeyRing } from './key-ring.ts';
import { loadIndex } from './load-index.ts';
import type { LocalIndex } from './local-index.ts';
import { LongStreams } from './long-streams.ts';
import { revokedName, writerName } from './names.ts';
import { openSession, type SessionContext } from './object-session.ts';
import { headBuffers, type PartStores } from './part-storage.ts';
import type { PointRecord } from './point.ts';
import type { ObjectSession, ObjectTask, RepositoryWriter } from './repository.ts';
import { sealJson } from './sealed-object.ts';
import { SplitQueue } from './split-queue.ts';

/** What a writer works with. */
export interface WriterParts {
  store: BlobStore;
  ring: KeyRing;
  index: LocalIndex;
  crew: Crew;
  reader: ContentReader;
  clock: Clock;
  toolVersion: string;
  packBytes?: number;
}

/** A collector takes a writer for dead that gave no sign of life for two hours. */
const SIGN_OF_LIFE_MS = 10 * 60_000;

/** Announces a writer, and only then loads the index that it deduplicates against. */
export async function openWriter(parts: WriterParts): Promise<RepositoryWriter> {
  const { store, ring, clock, toolVersion } = parts;
  const writerId = randomBytes(16).toString('hex');
  const name = writerName(writerId);
  const presence = { version: 1, startedAt: clock.now().toISOString(), toolVersion };
  await store.put(name, [sealJson(ring, name, presence)]);
  const writer = new Writer(parts, writerId);
  await writer.loadIndex().catch(async (error: unknown) => {
    await writer.close();
    throw error;
  });
  return writer;
}

class Writer implements RepositoryWriter {
  readonly #parts: WriterParts;
  readonly #context: SessionContext;
  readonly #ended = new AbortController();
  readonly #signs: Promise<void>;
  #isRevoked = false;

  constructor(parts: WriterParts, writerId: string) {
    this.#parts = parts;
    const { store, ring, clock, toolVersion, reader, crew } = parts;
    const content = new ContentWriter({ ...parts, writerId });
    const partStores: PartStores = {
      content,
      queue: new SplitQueue(crew),
      streams: new LongStreams(crew, content),
      heads: headBuffers(),
    };
    const requireNotRevoked = () => this.#requireNotRevoked();
    this.#context = { store, ring, clock, toolVersion, writerId, parts: partStores, reader, requireNotRevoked };
    this.#signs = this.#giveSigns();
  }

  async beginObject(task: ObjectTask): Promise<ObjectSession | { committed: PointRecord }> {
    const { store, ring } = this.#parts;
    if (this.#isRevoked) throw revoked(this.#context.writerId);
    await this.loadIndex();
    const chain = chainName(ring, task.chain);
    const sequences = await sequencesOf(store, chain);
    const points = await this.#pointsBack(chain, sequences, task.firstFence ?? 0);
    const start = standing(
      task,
      points.map((point) => point.record),
    );
    if (start.type === 'done') return { committed: points[start.by]!.record };
    if (start.type === 'stale') throw stale(points[0]!.record);
    const base = points[0] ?? null;
    const { taskId, fence } = task;
    const checkpoint = await lastCheckpoint(store, ring, { chain, taskId, fence }, base?.record.sequence ?? 0);
    return openSession(this.#context, { task, chain, sequence: (sequences.at(-1) ?? 0) + 1, base, checkpoint });
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#signs;
    await this.#parts.store.remove(writerName(this.#context.writerId));
  }

  /** @throws Failure `corrupt`: with a damaged index nothing more is written. */
  async loadIndex(): Promise<void> {
    const { store, ring, index } = this.#parts;
    const [damaged] = await loadIndex(store, ring, index);
    if (damaged !== undefined) throw damaged;
  }

  /** Valid points, newest first, as far back as one of this task can lie. */
  async #pointsBack(chain: string, sequences: number[], firstFence: number): Promise<StoredPoint[]> {
    const { store, ring } = this.#parts;
    const points: StoredPoint[] = [];
    for (const sequence of sequences.toReversed()) {
      const point = await readPoint(store, ring, chain, sequence);
      points.push(point);
      if (point.record.fence < firstFence) break;
    }
    const valid = new Set(withoutVoid(points.toReversed().map((point) => point.record)));
    return points.filter((point) => valid.has(point.record));
  }

  async #requireNotRevoked(): Promise<void> {
    const { writerId } = this.#context;
    if (this.#isRevoked || (await this.#parts.store.stat(revokedName(writerId))) !== null) throw revoked(writerId);
  }

  async #giveSigns(): Promise<void> {
    const { clock, store } = this.#parts;
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await clock.sleep(SIGN_OF_LIFE_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await store.touch(writerName(this.#context.writerId)).catch((error: unknown) => {
        // Whoever removed it believes that this writer is gone. Other failures pass; revocation covers a long silence.
        if (isFailure(error, 'not-found')) this.#isRevoked = true;
      });
    }
  }
}

function stale(head: PointRecord): Failure {
  return new Failure('stale', {
    code: 'repository.fence-stale',
    message: `Point ${head.sequence} of this object was made by a newer holder.`,
    retry: 'never',
    where: { sequence: String(head.sequence), fence: String(head.fence) },
  });
}

function revoked(writerId: string): Failure {
  return new Failure('stale', {
    code: 'repository.writer-revoked',
    message: 'This process was taken for dead by the collector; what it commits may not count.',
    retry: 'later',
    hint: 'Restart the process; its tasks are repeated.',
    where: { writer: writerId },
  });
}
