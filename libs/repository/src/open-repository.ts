import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Failure, isFailure, systemClock, type Clock } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { chainName, readPoint, sequencesOf, withoutVoid, type StoredPoint } from './chain.ts';
import { checkRepository } from './check.ts';
import { parseConfig, readConfigText } from './config.ts';
import { ContentReader } from './content-reader.ts';
import { unsupported } from './corrupt.ts';
import { openCrew, type Crew } from './crew.ts';
import { keyRing, type KeyRing } from './key-ring.ts';
import { loadIndex } from './load-index.ts';
import { LocalIndex } from './local-index.ts';
import { CONFIG_NAME, parseName, PREFIX } from './names.ts';
import type { ChainKey, PointRecord } from './point.ts';
import { pointReader } from './point-reader.ts';
import type {
  CheckProgress,
  CheckReport,
  OpenRepositoryOptions,
  PointReader,
  Repository,
  RepositoryWriter,
} from './repository.ts';
import { openWriter } from './repository-writer.ts';
import { verifyText } from './signed-text.ts';

const MAX_DEFAULT_WORKERS = 8;

/**
 * Opens a repository with its data keys. Reads `config` only; the index is loaded when it is needed first.
 * @throws Failure `wrong-key`; `unsupported-format`; `not-found`, code `repository.none`; `corrupt`; `not-writable` or
 * `no-space` for the cache folder.
 */
export async function openRepository(store: BlobStore, options: OpenRepositoryOptions): Promise<Repository> {
  const ring = keyRing(options.keys);
  const { repositoryId } = options.keys.reveal();
  await requireOurs(store, ring, repositoryId);
  const index = await LocalIndex.open(join(options.cacheFolder, repositoryId));
  const threads = options.workers ?? Math.min(availableParallelism(), MAX_DEFAULT_WORKERS);
  const crew = openCrew({ chunkId: ring.chunkId, chunker: ring.chunker }, threads);
  return new OpenedRepository({
    store,
    ring,
    index,
    crew,
    clock: options.clock ?? systemClock(),
    id: repositoryId,
    options,
  });
}

async function requireOurs(store: BlobStore, ring: KeyRing, repositoryId: string): Promise<void> {
  const text = await readConfigText(store);
  if (parseConfig(text).repositoryId !== repositoryId) throw wrongKeys(store);
  try {
    verifyText(ring, CONFIG_NAME, text);
  } catch (cause) {
    throw wrongKeys(store, cause);
  }
  for await (const { name } of store.list(PREFIX.collector)) throw unsupported(name, 'this program knows no collector');
  for await (const { name } of store.list(PREFIX.features)) throw unsupported(name, 'this program does not know it');
}

function wrongKeys(store: BlobStore, cause?: unknown): Failure {
  return new Failure('wrong-key', {
    code: 'repository.wrong-keys',
    message: `The keys are not those of the repository at ${store.description}.`,
    retry: 'never',
    hint: 'Check that the path and the connected repository belong together.',
    cause,
  });
}

interface Parts {
  store: BlobStore;
  ring: KeyRing;
  index: LocalIndex;
  crew: Crew;
  clock: Clock;
  id: string;
  options: OpenRepositoryOptions;
}

class OpenedRepository implements Repository {
  readonly id: string;
  readonly #parts: Parts;
  readonly #content: ContentReader;

  constructor(parts: Parts) {
    this.id = parts.id;
    this.#parts = parts;
    const { store, ring, index } = parts;
    // A damaged index object hides what it lists; the rest stays readable.
    this.#content = new ContentReader({ ...parts, reloadIndex: () => loadIndex(store, ring, index) });
  }

  async *chains(): AsyncIterable<PointRecord> {
    const newest = new Map<string, number[]>();
    for await (const { name } of this.#parts.store.list(PREFIX.points)) {
      const parsed = parseName(name);
      if (parsed?.type !== 'point') continue;
      const sequences = newest.get(parsed.chain);
      if (sequences === undefined) newest.set(parsed.chain, [parsed.sequence]);
      else sequences.push(parsed.sequence);
    }
    for (const [chain, sequences] of newest) {
      const points = await this.#readable(chain, sequences.slice(-2));
      const head = points.at(-1) ?? (await this.#readable(chain, sequences)).at(-1);
      if (head !== undefined) yield head.record;
    }
  }

  async points(chain: ChainKey): Promise<PointRecord[]> {
    const { store, ring } = this.#parts;
    const name = chainName(ring, chain);
    return (await this.#readable(name, await sequencesOf(store, name))).map((point) => point.record);
  }

  async openPoint(chain: ChainKey, sequence: number): Promise<PointReader> {
    const { store, ring } = this.#parts;
    const name = chainName(ring, chain);
    const point = await readPoint(store, ring, name, sequence).catch((error: unknown) => {
      throw isFailure(error, 'not-found') ? noSuchPoint(sequence, error) : error;
    });
    const before = await this.#readable(name, sequence > 1 ? [sequence - 1] : []);
    if (before.some(({ record }) => record.fence > point.record.fence)) throw noSuchPoint(sequence);
    return pointReader(point, this.#content);
  }

  openWriter(): Promise<RepositoryWriter> {
    const { toolVersion } = this.#parts.options;
    return openWriter({ ...this.#parts, reader: this.#content, toolVersion });
  }

  check(options: { data: boolean; onProgress?: (progress: CheckProgress) => void }): Promise<CheckReport> {
    return checkRepository({ ...this.#parts, cacheFolder: this.#parts.options.cacheFolder, ...options });
  }

  async close(): Promise<void> {
    await this.#parts.crew.close();
    await this.#parts.index.close();
  }

  /** Valid points among these. What cannot be read, or is of a later format, is left out; a check names it. */
  async #readable(chain: string, sequences: number[]): Promise<StoredPoint[]> {
    const points: StoredPoint[] = [];
    for (const sequence of sequences) {
      try {
        points.push(await readPoint(this.#parts.store, this.#parts.ring, chain, sequence));
      } catch (error) {
        if (!isFailure(error, 'corrupt', 'not-found', 'unsupported-format')) throw error;
      }
    }
    const valid = new Set(withoutVoid(points.map((point) => point.record)));
    return points.filter((point) => valid.has(point.record));
  }
}

function noSuchPoint(sequence: number, cause?: unknown): Failure {
  return new Failure('not-found', {
    code: 'repository.no-such-point',
    message: `There is no recovery point ${sequence} of this object.`,
    retry: 'never',
    where: { sequence: String(sequence) },
    cause,
  });
}
