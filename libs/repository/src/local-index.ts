import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@backhaul/domain';
import { buildLocalSegment, type TableSource } from './build-local-segment.ts';
import type { ChunkId } from './chunk-id.ts';
import { LocalSegment } from './local-segment.ts';
import type { PackIdentity, SegmentRow } from './pack.ts';

/** Where a chunk lies. */
export interface ChunkPlace {
  pack: PackIdentity;
  /** Bytes of the whole pack. */
  packSize: number;
  /** Number of the segment in the pack. */
  number: number;
  segment: SegmentRow;
  /** In the plain segment. */
  offset: number;
  length: number;
}

const FILE = /^[0-9a-f]{32}\.index$/;

/**
 * Where every chunk of the repository lies, on local disk: a few immutable files, each about twice the size of the next, so
 * that memory stays at 12 bits per chunk plus a few MB. A cache: it may be deleted at any time.
 */
export class LocalIndex {
  readonly #folder: string;
  /** Largest first. */
  #segments: LocalSegment[];
  /** Index objects that are in. */
  readonly #names: Set<string>;
  /** Additions wait for one another; questions never wait. */
  #last: Promise<void> = Promise.resolve();

  private constructor(folder: string, segments: LocalSegment[]) {
    this.#folder = folder;
    this.#segments = segments;
    this.#names = new Set(segments.flatMap((segment) => segment.names));
  }

  /** Opens the folder, made when missing. Files that are not whole are deleted. @throws Failure `not-writable`. */
  static async open(folder: string): Promise<LocalIndex> {
    try {
      await mkdir(folder, { recursive: true });
      const files = await readdir(folder);
      const segments: LocalSegment[] = [];
      for (const file of files) {
        const path = join(folder, file);
        const segment = FILE.test(file) ? LocalSegment.open(path) : null;
        if (segment !== null) segments.push(segment);
        else if (file.includes('.index')) await rm(path, { force: true });
      }
      return new LocalIndex(folder, await withoutRepeated(segments));
    } catch (cause) {
      throw cacheFailure(folder, cause);
    }
  }

  /** How many chunks it knows; counts a chunk once for every file it is in. */
  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.header.chunks, 0);
  }

  includes(indexObject: string): boolean {
    return this.#names.has(indexObject);
  }

  has(id: ChunkId): boolean {
    return this.#segments.some((segment) => segment.find(id) !== null);
  }

  find(id: ChunkId): ChunkPlace | null {
    for (const file of this.#segments) {
      const row = file.find(id);
      if (row === null) continue;
      const { size, firstSegment, kind, id: packId, salt } = file.pack(row.pack);
      return {
        pack: { kind, id: packId, salt },
        packSize: size,
        number: row.segment,
        segment: file.segment(firstSegment + row.segment),
        offset: row.offset,
        length: row.length,
      };
    }
    return null;
  }

  /** Takes in index objects. @throws Failure `no-space`, `not-writable`, naming the cache folder. */
  add(tables: TableSource[]): Promise<void> {
    const added = this.#last.then(() => this.#add(tables));
    this.#last = added.catch(() => undefined);
    return added;
  }

  async close(): Promise<void> {
    await this.#last;
    for (const segment of this.#segments.splice(0)) segment.close();
  }

  async #add(tables: TableSource[]): Promise<void> {
    const fresh = tables.filter((table) => !table.names.every((name) => this.#names.has(name)));
    if (fresh.length === 0) return;
    const weight = (sources: TableSource[]) => sources.reduce((sum, source) => sum + source.header.chunks, 0);
    // Merge whatever is not at least twice as large as what comes after it.
    let keep = this.#segments.length;
    let size = weight(fresh);
    while (keep > 0 && this.#segments[keep - 1]!.header.chunks < 2 * size)
      size += this.#segments[(keep -= 1)]!.header.chunks;
    const merged = this.#segments.slice(keep);
    const path = join(this.#folder, `${randomBytes(16).toString('hex')}.index`);
    try {
      await buildLocalSegment(path, [...merged, ...fresh]);
      const built = LocalSegment.open(path);
      if (built === null) throw new Error(`${path} cannot be read back`);
      this.#segments = [...this.#segments.slice(0, keep), built];
      for (const { names } of fresh) for (const name of names) this.#names.add(name);
      for (const old of merged) {
        old.close();
        await rm(old.path, { force: true });
      }
    } catch (cause) {
      throw cacheFailure(this.#folder, cause);
    }
  }
}

/** After a crash between a merge and its clean-up both are there: drops files whose content others have. */
async function withoutRepeated(segments: LocalSegment[]): Promise<LocalSegment[]> {
  const kept: LocalSegment[] = [];
  const names = new Set<string>();
  for (const segment of segments.sort((a, b) => b.header.chunks - a.header.chunks)) {
    if (segment.names.every((name) => names.has(name))) {
      segment.close();
      await rm(segment.path, { force: true });
    } else {
      kept.push(segment);
      for (const name of segment.names) names.add(name);
    }
  }
  return kept;
}

function cacheFailure(folder: string, cause: unknown): Failure {
  const code = (cause as NodeJS.ErrnoException).code;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new Failure(full ? 'no-space' : 'not-writable', {
    code: full ? 'repository.cache-full' : 'repository.cache-unusable',
    message: `The index cache in ${folder} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    retry: 'later',
    hint: full
      ? 'Free space there, or choose another cache folder.'
      : 'Make the folder writable, or choose another cache folder.',
    where: { path: folder },
    cause,
  });
}
