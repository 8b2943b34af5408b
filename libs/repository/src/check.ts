import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isFailure } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { tableOf } from './build-local-segment.ts';
import { openPoint, withoutVoid, type StoredPoint } from './chain.ts';
import { checkPack, sameContents } from './check-packs.ts';
import { TreeChecker } from './check-trees.ts';
import { openCheckpoint } from './checkpoint.ts';
import { parseConfig } from './config.ts';
import { ContentReader } from './content-reader.ts';
import { corrupt } from './corrupt.ts';
import type { Crew } from './crew.ts';
import { decodeIndex, encodeIndex, type WrittenPack } from './index-table.ts';
import type { KeyRing } from './key-ring.ts';
import { readSlot } from './key-slot.ts';
import { LocalIndex } from './local-index.ts';
import { parseName, packName, pointName, type PackKind } from './names.ts';
import type { CheckProgress, CheckReport } from './repository.ts';
import { openJson, openObject } from './sealed-object.ts';
import { verifyText } from './signed-text.ts';
import { decodeRun } from './tree-node.ts';

export interface CheckParts {
  store: BlobStore;
  ring: KeyRing;
  crew: Crew;
  cacheFolder: string;
  /** Read and prove all content too. */
  data: boolean;
  onProgress?: (progress: CheckProgress) => void;
}

/**
 * Checks a repository: every object opens; packs are what their footers and the index say; every chunk that a point needs is
 * there. Trusts no cache: the index is built anew from what was proven. Finds damage; changes nothing.
 */
export async function checkRepository(parts: CheckParts): Promise<CheckReport> {
  const folder = join(parts.cacheFolder, `check-${randomBytes(8).toString('hex')}`);
  const index = await LocalIndex.open(folder);
  try {
    return await new Check(parts, index).run();
  } finally {
    await index.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Check {
  readonly #parts: CheckParts;
  /** The good chunks. */
  readonly #index: LocalIndex;
  readonly #trees: TreeChecker;
  readonly #reader: ContentReader;
  readonly #report: CheckReport = { points: 0, packs: 0, chunks: 0, bytes: 0, damage: [], affectedPoints: [] };
  /** Packs in the store that were not looked at yet. */
  readonly #packs = new Map<string, { kind: PackKind; size: number }>();
  readonly #done = new Set<string>();
  #progress: CheckProgress = { done: 0, total: 0 };

  constructor(parts: CheckParts, index: LocalIndex) {
    this.#parts = parts;
    this.#index = index;
    this.#reader = new ContentReader({ ...parts, index, reloadIndex: () => Promise.resolve() });
    this.#trees = new TreeChecker(index, this.#reader);
  }

  async run(): Promise<CheckReport> {
    const names = await this.#list();
    this.#progress = {
      done: 0,
      total: names.small.length + names.index.length + names.points.length + this.#packs.size,
    };
    for (const name of names.small) await this.#try(name, () => this.#checkSmall(name));
    for (const name of names.index) await this.#try(name, () => this.#checkIndex(name));
    await this.#checkLeftOverPacks();
    await this.#checkPoints(names.points);
    for (const name of names.checkpoints) await this.#try(name, () => this.#checkCheckpoint(name));
    return this.#report;
  }

  async #list() {
    const names = { small: [] as string[], index: [] as string[], points: [] as string[], checkpoints: [] as string[] };
    for await (const { name, size } of this.#parts.store.list('')) {
      const parsed = parseName(name);
      this.#report.bytes += size;
      if (parsed === null) this.#damage(name, 'no object of a repository has such a name');
      else if (parsed.type === 'pack') this.#packs.set(name, { kind: parsed.kind, size });
      else if (parsed.type === 'index') names.index.push(name);
      else if (parsed.type === 'point') names.points.push(name);
      else if (parsed.type === 'checkpoint') names.checkpoints.push(name);
      else names.small.push(name);
    }
    if (!names.small.includes('config')) this.#damage('config', 'it is missing');
    return names;
  }

  async #checkSmall(name: string): Promise<void> {
    const { store, ring } = this.#parts;
    const bytes = await store.get(name);
    if (name.startsWith('writers/') || name.startsWith('revoked/')) {
      openJson(ring, name, bytes);
      return;
    }
    if (name === 'config') parseConfig(bytes);
    else readSlot(name, bytes);
    verifyText(ring, name, bytes);
  }

  async #checkIndex(name: string): Promise<void> {
    const { store, ring } = this.#parts;
    const content = openObject(ring, name, await store.get(name));
    let packs: WrittenPack[];
    try {
      packs = decodeIndex(content);
    } catch (cause) {
      throw corrupt(name, 'it makes no sense as an index', cause);
    }
    const good: WrittenPack[] = [];
    for (const listed of packs) {
      const packObject = packName(listed.identity.kind, listed.identity.id);
      if (this.#done.has(packObject)) continue;
      const there = this.#packs.get(packObject);
      if (there === undefined) {
        this.#done.add(packObject);
        this.#damage(packObject, 'the pack is missing');
        continue;
      }
      const pack = await this.#checkPack(packObject, there, listed);
      if (pack === null) continue;
      if (sameContents(listed, pack.whole)) good.push(pack.good);
      else this.#damage(name, `it tells something else of ${packObject} than the pack itself`);
    }
    await this.#index.add([tableOf(name, encodeIndex(good))]);
  }

  /** The pack as a whole, and with its good chunks only; null when nothing can be used. */
  async #checkPack(name: string, { kind, size }: { kind: PackKind; size: number }, listed: WrittenPack | null = null) {
    this.#done.add(name);
    const id = name.slice(name.lastIndexOf('/') + 1);
    const verdict = await checkPack(this.#parts, { kind, id, size }, listed, this.#parts.data);
    for (const problem of verdict.problems) this.#damage(name, problem.replace(`${name}: `, ''));
    this.#report.packs += 1;
    this.#advance();
    if (verdict.pack === null) return null;
    const whole = verdict.pack;
    this.#report.chunks += whole.segments.reduce((sum, segment) => sum + segment.chunks.length, 0);
    const segments = whole.segments.map((segment) => ({
      ...segment,
      chunks: placed(segment.chunks, verdict.badChunks),
    }));
    return { whole, good: { ...whole, segments } };
  }

  /** Packs that no index lists: left by a crash, or being listed right now. Nothing refers to them, but they must be whole. */
  async #checkLeftOverPacks(): Promise<void> {
    for (const [name, pack] of this.#packs)
      if (!this.#done.has(name)) await this.#try(name, () => this.#checkPack(name, pack));
  }

  async #checkPoints(names: string[]): Promise<void> {
    let chain: StoredPoint[] = [];
    let chainId = '';
    let expected = 1;
    for (const name of names) {
      const parsed = parseName(name) as { chain: string; sequence: number };
      if (parsed.chain !== chainId) {
        this.#reportVoid(chainId, chain);
        [chain, chainId, expected] = [[], parsed.chain, 1];
      }
      for (; expected < parsed.sequence; expected += 1)
        this.#damage(pointName(chainId, expected), 'the point is missing');
      expected += 1;
      await this.#try(name, async () => {
        chain.push(await this.#checkPoint(name));
      });
    }
    this.#reportVoid(chainId, chain);
  }

  async #checkPoint(name: string): Promise<StoredPoint> {
    const { store, ring } = this.#parts;
    const point = openPoint(ring, name, await store.get(name));
    this.#report.points += 1;
    const missing = await this.#trees.missing(point.root);
    if (missing > 0) {
      const { jobId, objectId, sequence } = point.record;
      this.#damage(name, `${missing} of the chunks it needs are missing or damaged`);
      this.#report.affectedPoints.push({ chain: { jobId, objectId }, sequence });
    }
    return point;
  }

  #reportVoid(chainId: string, chain: StoredPoint[]): void {
    const valid = new Set(withoutVoid(chain.map(({ record }) => record)));
    for (const { record } of chain) {
      if (!valid.has(record))
        this.#damage(pointName(chainId, record.sequence), 'its fence is lower than that of a point before it');
    }
  }

  async #checkCheckpoint(name: string): Promise<void> {
    const { store, ring } = this.#parts;
    const { root, run } = openCheckpoint(ring, name, await store.get(name));
    let missing = await this.#trees.missing(root);
    for (const id of run) {
      const changes = decodeRun(await this.#reader.provenChunk(id));
      missing += await this.#trees.missingOf(changes.flatMap(({ entries }) => entries));
    }
    if (missing > 0) this.#damage(name, `${missing} of the chunks it needs are missing or damaged`);
  }

  /** What does not open is damage; everything else goes on. */
  async #try(name: string, look: () => Promise<unknown>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!isFailure(error, 'corrupt', 'not-found', 'unsupported-format')) throw error;
      // Writers and checkpoints come and go while a check runs.
      const mayVanish = name.startsWith('writers/') || name.startsWith('checkpoints/');
      if (!(mayVanish && error.kind === 'not-found')) this.#damage(name, error.message.replace(`${name}: `, ''));
    }
    this.#advance();
  }

  #damage(name: string, problem: string): void {
    this.#report.damage.push({ name, problem });
  }

  #advance(): void {
    this.#progress = { ...this.#progress, done: this.#progress.done + 1 };
    this.#parts.onProgress?.(this.#progress);
  }
}

/** Chunks with their offsets, without the bad ones. */
function placed(chunks: { id: string; length: number }[], bad: Set<string>) {
  let offset = 0;
  return chunks
    .map(({ id, length }) => {
      const chunk = { id, length, offset };
      offset += length;
      return chunk;
    })
    .filter(({ id }) => !bad.has(id));
}
