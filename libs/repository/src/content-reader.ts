import { isFailure } from '@backhaul/domain';
import { encodeLines } from './base64-lines.ts';
import type { BlobStore } from './blob-store.ts';
import { chunkHasher, eachId, idToHex, sha256, type ChunkId } from './chunk-id.ts';
import { corrupt } from './corrupt.ts';
import type { Crew } from './crew.ts';
import type { Entry, PartRef } from './entry.ts';
import type { KeyRing } from './key-ring.ts';
import type { ChunkPlace, LocalIndex } from './local-index.ts';
import { packName } from './names.ts';
import { packSeal } from './pack.ts';
import {
  decodeRecipe,
  isElsewhere,
  isRaw,
  recipeIds,
  type Base64Piece,
  type PartRecipe,
  type Recipe,
} from './recipe.ts';
import { SegmentCache } from './segment-cache.ts';
import { decodeNode, type TreeNode } from './tree-node.ts';
import { asBuffer, own, release, type OwnBytes } from './own-bytes.ts';

/** Plain segments kept: enough for the few that a mailbox is being read from, with the attachments shared by its messages. */
const CACHE_BYTES = 16 * 1024 * 1024;

/** Tree nodes kept decoded. */
const CACHED_NODES = 64;

/** Reads chunks and parts back. Nothing it returns is unproven: seals, then the part's hash. */
export class ContentReader {
  readonly #store: BlobStore;
  readonly #ring: KeyRing;
  readonly #index: LocalIndex;
  readonly #crew: Crew;
  readonly #reloadIndex: () => Promise<unknown>;
  readonly #idOf: (chunk: Uint8Array) => ChunkId;
  readonly #cache = new SegmentCache(CACHE_BYTES);
  /** In order of use, the latest last. */
  readonly #nodes = new Map<ChunkId, TreeNode>();

  /** `reloadIndex` is called once for a chunk that the index does not know; then it must be there. */
  constructor(parts: {
    store: BlobStore;
    ring: KeyRing;
    index: LocalIndex;
    crew: Crew;
    reloadIndex: () => Promise<unknown>;
  }) {
    this.#store = parts.store;
    this.#ring = parts.ring;
    this.#index = parts.index;
    this.#crew = parts.crew;
    this.#reloadIndex = parts.reloadIndex;
    this.#idOf = chunkHasher(parts.ring.chunkId);
  }

  /** A view of a chunk; not to be changed. @throws Failure `corrupt`. */
  async chunk(id: ChunkId): Promise<Buffer> {
    const place = await this.#locate(id);
    const key = `${place.pack.id}/${place.number}`;
    const segment = await this.#cache.get(key, place.segment.length, () => this.#readSegment(place));
    return segment.subarray(place.offset, place.offset + place.length);
  }

  /** {@link chunk}, its id recomputed: for what no other hash proves. @throws Failure `corrupt`. */
  async provenChunk(id: ChunkId): Promise<Buffer> {
    return this.#proven(id, await this.chunk(id));
  }

  /** Bytes of a chunk. @throws Failure `corrupt` when it is in no index. */
  async lengthOf(id: ChunkId): Promise<number> {
    return (await this.#locate(id)).length;
  }

  /** {@link provenChunk} in memory of the caller's own, for what is not wanted again soon: nothing large is kept of it. */
  async passingChunk(id: ChunkId): Promise<Buffer> {
    const place = await this.#locate(id);
    const isAlone = place.length === place.segment.length;
    return isAlone ? this.#proven(id, await this.#readSegment(place)) : Buffer.from(await this.provenChunk(id));
  }

  /** A tree node; shared, so it is frozen. @throws Failure `corrupt`, `unsupported-format`. */
  async node(id: ChunkId): Promise<TreeNode> {
    const known = this.#nodes.get(id);
    const node = known ?? decodeTreeNode(await this.provenChunk(id));
    this.#nodes.delete(id);
    this.#nodes.set(id, node);
    if (this.#nodes.size > CACHED_NODES) this.#nodes.delete(this.#nodes.keys().next().value!);
    return node;
  }

  /** Chunks joined. `joined` are ids as recipes keep them. */
  async chunks(joined: string): Promise<Buffer> {
    const found: Buffer[] = [];
    for (const id of eachId(joined)) found.push(await this.chunk(id));
    return found.length === 1 ? found[0]! : Buffer.concat(found);
  }

  /** The part's bytes, verified. @throws Failure `corrupt`. */
  async part(part: PartRef): Promise<Uint8Array> {
    const { chunks, pieces } = await this.recipe(part);
    const raw = await this.chunks(chunks);
    const whole = pieces.length === 0 ? Buffer.from(raw) : await this.#assemble(part, raw, pieces);
    if (whole.length !== part.length || sha256(whole).toString('hex') !== part.sha256) {
      throw corrupt('content', `part ${part.name} is not what was backed up`);
    }
    return whole;
  }

  /** How a part is put together; reads it when it lies elsewhere. @throws Failure `corrupt`. */
  async recipe(part: PartRef): Promise<Recipe> {
    const recipe = part.recipe as PartRecipe;
    if (!isElsewhere(recipe)) return recipe;
    const chunks: Buffer[] = [];
    for (const id of eachId(recipe.recipeChunks)) chunks.push(await this.provenChunk(id));
    const bytes = Buffer.concat(chunks);
    try {
      return decodeRecipe(bytes);
    } catch (cause) {
      throw corrupt('content', `the recipe of part ${part.name} makes no sense`, cause);
    }
  }

  /** Something to sort by, so that what lies together is read together. */
  placeOf(part: PartRef): string {
    const recipe = part.recipe as PartRecipe;
    const first = isElsewhere(recipe) ? eachId(recipe.recipeChunks).next() : recipeIds(recipe).next();
    const place = first.done === true ? null : this.#index.find(first.value);
    return place === null ? '' : `${place.pack.id}/${String(place.number).padStart(8, '0')}`;
  }

  #proven(id: ChunkId, chunk: Buffer): Buffer {
    if (this.#idOf(chunk) !== id) throw corrupt('content', `chunk ${idToHex(id)} is not what its id says`);
    return chunk;
  }

  async #assemble(part: PartRef, raw: Buffer, pieces: Recipe['pieces']): Promise<Buffer> {
    const out = Buffer.allocUnsafeSlow(part.length);
    let at = 0;
    let rawAt = 0;
    for (const piece of pieces) {
      const bytes = isRaw(piece) ? raw.subarray(rawAt, rawAt + piece.rawLength) : await this.#encode(piece);
      if (at + bytes.length > out.length) throw corrupt('content', `part ${part.name} is longer than stated`);
      at += bytes.copy(out, at);
      if (isRaw(piece)) rawAt += piece.rawLength;
      else release(bytes);
    }
    return out.subarray(0, at);
  }

  async #encode(piece: Base64Piece): Promise<Buffer> {
    return encodeLines(await this.chunks(piece.chunks), piece);
  }

  async #locate(id: ChunkId): Promise<ChunkPlace> {
    const known = this.#index.find(id);
    if (known !== null) return known;
    await this.#reloadIndex();
    const found = this.#index.find(id);
    if (found === null) throw corrupt('index', `chunk ${idToHex(id)} is in no readable index`);
    return found;
  }

  async #readSegment({ pack, number, segment }: ChunkPlace): Promise<Buffer> {
    const name = packName(pack.kind, pack.id);
    const stored = await this.#readRange(name, segment.offset, segment.storedLength);
    const seal = { ...packSeal(this.#ring, pack), number };
    const job = { type: 'open', seal, sealed: stored, codec: segment.codec, length: segment.length } as const;
    const { plain } = await this.#crew.do(job);
    if (plain === null) throw corrupt(name, `segment ${number} is not what was written`);
    return asBuffer(plain);
  }

  async #readRange(name: string, offset: number, length: number): Promise<OwnBytes> {
    try {
      return own(await this.#store.get(name, { offset, length }));
    } catch (error) {
      throw isFailure(error, 'not-found') ? corrupt(name, 'the pack is missing', error) : error;
    }
  }
}

function decodeTreeNode(bytes: Buffer): TreeNode {
  try {
    const node = decodeNode(bytes);
    if ('entries' in node) node.entries.forEach(freezeEntry);
    return node;
  } catch (cause) {
    throw isFailure(cause) ? cause : corrupt('tree', 'a node makes no sense', cause);
  }
}

function freezeEntry(entry: Entry): void {
  Object.freeze(entry.parts);
  Object.freeze(entry);
}
