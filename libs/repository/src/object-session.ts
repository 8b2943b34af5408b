import { Failure, type Clock } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { chunkHasher, eachId, joinIds, type ChunkId } from './chunk-id.ts';
import { createPoint, type StoredPoint } from './chain.ts';
import { checkpointsOf, writeCheckpoint, type Checkpoint, type CheckpointPlace } from './checkpoint.ts';
import { chunkLengths, gearTable, type GearTable } from './chunker.ts';
import type { ContentReader } from './content-reader.ts';
import type { ContentWriter } from './content-writer.ts';
import { cutRun } from './cut-run.ts';
import type { Entry, EntryKey, FolderEntry, ItemEntry, PartContent, PartRef } from './entry.ts';
import { refusal } from './fence-rules.ts';
import type { KeyRing } from './key-ring.ts';
import { viewEntries, viewEntry } from './merged-view.ts';
import { Overlay } from './overlay.ts';
import { partRef, requireFolder, requireStorable } from './part-ref.ts';
import type { PointDraft, PointRecord } from './point.ts';
import { encodeRecipe, recipeIds, type Recipe } from './recipe.ts';
import type { CheckpointState, CommitOutcome, ObjectSession, ObjectTask } from './repository.ts';
import { SessionContent } from './session-content.ts';
import type { SplitPart } from './split-content.ts';
import type { SplitQueue } from './split-queue.ts';
import { decodeRun, encodeRun, isElsewhere, type PartRecipe } from './tree-node.ts';
import { keyBoundary, rewriteTree, type TreeSummary } from './tree-writer.ts';
import type { ReadNode } from './tree-reader.ts';

/** What all sessions of a writer share. */
export interface SessionContext {
  store: BlobStore;
  ring: KeyRing;
  clock: Clock;
  toolVersion: string;
  writerId: string;
  content: ContentWriter;
  queue: SplitQueue;
  reader: ContentReader;
  /** @throws Failure `stale` when this process may not write any longer. */
  requireNotRevoked: () => Promise<void>;
}

/** Where a session begins. */
export interface SessionStart {
  task: ObjectTask;
  /** The chain's name in the store. */
  chain: string;
  /** The number the point will get. */
  sequence: number;
  base: StoredPoint | null;
  checkpoint: Checkpoint | null;
}

/** Content in memory, of all sessions of a process, above which puts wait. */
const MAX_IN_FLIGHT = 32 * 1024 * 1024;
/** Changes are merged into a tree when they take this much memory. */
const MAX_OVERLAY_BYTES = 8 * 1024 * 1024;
/** Bytes of recipes within an item's entry. */
const MAX_RECIPE_BYTES = 16 * 1024;
const CHECKPOINT_AFTER_MS = 60_000;
const CHECKPOINT_AFTER_BYTES = 256 * 1024 * 1024;

export async function openSession(context: SessionContext, start: SessionStart): Promise<ObjectSession> {
  const overlay = new Overlay();
  for (const id of start.checkpoint?.run ?? []) overlay.apply(decodeRun(await context.reader.chunk(id)));
  return new Session(context, start, overlay);
}

class Session implements ObjectSession {
  readonly base: PointRecord | null;
  readonly resumed: CheckpointState | null;
  readonly #context: SessionContext;
  readonly #start: SessionStart;
  readonly #content: SessionContent;
  readonly #gear: GearTable;
  readonly #read: ReadNode;
  #root: ChunkId | null;
  #overlay: Overlay;
  /** While the overlay is being merged into a tree: what changes meanwhile. */
  #changedSince: Overlay | null = null;
  #merging: Promise<unknown> | null = null;
  readonly #puts = new Set<Promise<unknown>>();
  #contentBytes = 0;
  #isChanged = false;
  #lastCheckpoint: { atMs: number; contentBytes: number; number: number; name: string | null };

  constructor(context: SessionContext, start: SessionStart, overlay: Overlay) {
    this.#context = context;
    this.#start = start;
    this.#content = new SessionContent(context.content);
    this.#gear = gearTable(context.ring.chunker);
    this.#read = (id) => context.reader.node(id);
    this.base = start.base?.record ?? null;
    this.resumed = start.checkpoint?.state ?? null;
    this.#root = start.checkpoint === null ? (start.base?.root ?? null) : start.checkpoint.root;
    this.#overlay = overlay;
    this.#lastCheckpoint = { atMs: context.clock.monotonicMs(), contentBytes: 0, number: 0, name: null };
  }

  get written(): { contentBytes: number; storedBytes: number } {
    return { contentBytes: this.#contentBytes, storedBytes: this.#content.storedBytes };
  }

  get(key: EntryKey): Promise<Entry | null> {
    return viewEntry(this.#view(), key);
  }

  async folders(): Promise<FolderEntry[]> {
    const folders: FolderEntry[] = [];
    for await (const entry of viewEntries(this.#view(), '')) if (entry.type === 'folder') folders.push(entry);
    return folders;
  }

  async *items(containerId: string): AsyncIterable<ItemEntry> {
    for await (const entry of viewEntries(this.#view(), containerId)) if (entry.type === 'item') yield entry;
  }

  putItem(entry: Omit<ItemEntry, 'parts' | 'size'>, parts: PartContent[]): Promise<ItemEntry> {
    requireStorable(entry, parts);
    requireFolder(entry);
    const put = this.#putItem(entry, parts);
    this.#puts.add(put);
    const done = () => this.#puts.delete(put);
    put.then(done, done);
    return put;
  }

  putEntry(entry: Entry): void {
    requireStorable(entry, []);
    if (entry.type === 'item') requireFolder(entry);
    this.#change((overlay) => overlay.set(entry));
  }

  async readPart(part: PartRef): Promise<Uint8Array> {
    const { reader } = this.#context;
    const recipe = part.recipe as PartRecipe;
    if (isElsewhere(recipe)) await this.#makeReadable(eachId(recipe.recipeChunks));
    await this.#makeReadable(recipeIds(await reader.recipe(part)));
    return reader.part(part);
  }

  remove(key: EntryKey): void {
    this.#change((overlay) => overlay.remove(key));
  }

  async removeFolder(folderId: string): Promise<void> {
    await this.#settlePuts();
    this.#change((overlay) => {
      overlay.clear(folderId);
      overlay.remove({ containerId: '', id: folderId });
    });
  }

  checkpointIsDue(): boolean {
    if (!this.#isChanged) return false;
    const { atMs, contentBytes } = this.#lastCheckpoint;
    const isOld = this.#context.clock.monotonicMs() - atMs >= CHECKPOINT_AFTER_MS;
    return isOld || this.#contentBytes - contentBytes >= CHECKPOINT_AFTER_BYTES;
  }

  async checkpoint(state: CheckpointState): Promise<void> {
    const { store, ring, clock, writerId } = this.#context;
    await this.#settlePuts();
    await this.#merging;
    const contentBytes = this.#contentBytes;
    const run = cutRun(this.#overlay.changes()).map((piece) => this.#putMeta(encodeRun(piece)));
    const root = this.#root;
    this.#isChanged = false;
    await this.#content.makeDurable();
    const number = this.#lastCheckpoint.number + 1;
    const { taskId } = this.#start.task;
    const storedBytes = this.#storedByTask();
    const checkpoint = { taskId, base: this.base?.sequence ?? 0, root, run, state, storedBytes, writer: writerId };
    const previous = this.#lastCheckpoint.name;
    const name = await writeCheckpoint(store, ring, this.#place(), number, checkpoint);
    this.#lastCheckpoint = { atMs: clock.monotonicMs(), contentBytes, number, name };
    if (previous !== null) await store.remove(previous);
  }

  async commit(draft: PointDraft, beforeCreate: () => void): Promise<CommitOutcome> {
    const { store, ring, clock, toolVersion, writerId } = this.#context;
    const { task, sequence } = this.#start;
    await this.#settlePuts();
    const tree = await this.#mergedTree();
    await this.#content.makeDurable();
    const record: PointRecord = {
      ...draft,
      ...task.chain,
      sequence,
      base: this.base?.sequence ?? 0,
      taskId: task.taskId,
      runId: task.runId,
      fence: task.fence,
      object: task.object,
      jobName: task.jobName,
      tenantName: task.tenantName,
      committedAt: clock.now().toISOString(),
      toolVersion,
      itemCount: tree.items,
      folderCount: tree.folders,
      bytesNew: this.#storedByTask(),
    };
    beforeCreate();
    const creation = await createPoint(store, ring, { record, root: tree.root, writer: writerId });
    if (creation.type === 'occupied') return this.#refused(creation.by.record);
    await this.#context.requireNotRevoked();
    await this.#removeCheckpoints();
    return { type: 'committed', point: record };
  }

  async abandon(): Promise<void> {
    await this.#settlePuts();
    await this.#merging?.catch(() => undefined);
    this.#content.sealOpen();
  }

  async #putItem(entry: Omit<ItemEntry, 'parts' | 'size'>, parts: PartContent[]): Promise<ItemEntry> {
    const { content, queue } = this.#context;
    const size = parts.reduce((sum, part) => sum + part.content.length, 0);
    await content.reserve(size, MAX_IN_FLIGHT);
    let item: ItemEntry | undefined;
    try {
      await queue.put(parts, (split, buffer) => {
        const refs = split.map((part, index) => partRef(parts[index]!.name, this.#storeChunks(part, buffer)));
        const stored = { ...entry, size, parts: this.#outsourceRecipes(refs) };
        this.#change((overlay) => overlay.set(stored));
        this.#contentBytes += size;
        item = stored;
      });
    } finally {
      content.addInFlight(-size);
      queue.kick();
    }
    if (this.#overlay.bytes > MAX_OVERLAY_BYTES) await this.#merge();
    return item!;
  }

  #storeChunks(part: SplitPart, buffer: Buffer): SplitPart {
    for (const { id, offset, length, dense } of part.chunks) {
      this.#content.put('data', id, buffer.subarray(offset, offset + length), dense);
    }
    return part;
  }

  /** Keeps entries small: recipes beyond an item's allowance go into chunks of their own. */
  #outsourceRecipes(parts: PartRef[]): PartRef[] {
    let left = MAX_RECIPE_BYTES;
    return parts.map((part) => {
      const recipe = encodeRecipe(part.recipe as Recipe);
      if (recipe.length <= left) {
        left -= recipe.length;
        return part;
      }
      return { ...part, recipe: { recipeChunks: joinIds(this.#putLongMeta(recipe)) } };
    });
  }

  async #makeReadable(ids: Iterable<ChunkId>): Promise<void> {
    for (const id of ids) if (this.#content.isPending(id)) return this.#content.makeDurable();
  }

  /** Stores a tree node or a piece of a run; at most 4 MiB. */
  #putMeta(bytes: Buffer): ChunkId {
    const id = chunkHasher(this.#context.ring.chunkId)(bytes);
    this.#content.put('meta', id, bytes);
    return id;
  }

  #putLongMeta(bytes: Buffer): ChunkId[] {
    let at = 0;
    return chunkLengths(this.#gear, bytes).map((length) => this.#putMeta(bytes.subarray(at, (at += length))));
  }

  #change(change: (overlay: Overlay) => void): void {
    this.#isChanged = true;
    change(this.#overlay);
    if (this.#changedSince !== null) change(this.#changedSince);
  }

  /** Merges the overlay into a tree now; one at a time. */
  async #merge(): Promise<void> {
    if (this.#merging === null) {
      this.#merging = this.#mergeOnce().finally(() => (this.#merging = null));
    }
    await this.#merging;
  }

  async #mergeOnce(): Promise<TreeSummary> {
    this.#changedSince = new Overlay();
    try {
      const { ring } = this.#context;
      const rewrite = {
        read: this.#read,
        write: (node: Buffer) => this.#putMeta(node),
        boundary: keyBoundary(ring.chunker),
      };
      const tree = await rewriteTree(rewrite, this.#root, this.#overlay.changes());
      // Its nodes are read back from the store from now on.
      await this.#content.makeDurable();
      this.#root = tree.root;
      this.#overlay = this.#changedSince;
      return tree;
    } finally {
      this.#changedSince = null;
    }
  }

  /** The tree with all changes. What did not change costs nothing. */
  async #mergedTree(): Promise<TreeSummary> {
    await this.#merging;
    const { base } = this.#start;
    if (base !== null && this.#overlay.isEmpty && this.#root === base.root) {
      return { root: base.root, items: base.record.itemCount, folders: base.record.folderCount };
    }
    return this.#mergeOnce();
  }

  #refused(occupant: PointRecord): CommitOutcome {
    const meaning = refusal(this.#start.task, occupant);
    if (meaning === 'mine') return { type: 'adopted', point: occupant };
    if (meaning === 'stale') return { type: 'stale', occupant };
    throw new Failure('conflict', {
      code: 'repository.base-moved',
      message: `Another task committed point ${occupant.sequence} of this object first.`,
      retry: 'now',
      hint: 'Begin the object again from that point.',
      where: { sequence: String(occupant.sequence), taskId: occupant.taskId },
    });
  }

  /** They are of no use any more; what cannot be removed now goes with the next point or the collector. */
  async #removeCheckpoints(): Promise<void> {
    const { store, ring } = this.#context;
    try {
      const { chain, fence } = this.#place();
      for (const name of await checkpointsOf(store, ring, { chain, fence })) await store.remove(name);
    } catch {
      // The point is committed; nothing may turn that into a failure.
    }
  }

  async #settlePuts(): Promise<void> {
    await Promise.allSettled([...this.#puts]);
  }

  #storedByTask(): number {
    return this.#content.storedBytes + (this.#start.checkpoint?.storedBytes ?? 0);
  }

  #place(): CheckpointPlace {
    const { chain, task } = this.#start;
    return { chain, taskId: task.taskId, fence: task.fence };
  }

  #view() {
    return { read: this.#read, root: this.#root, overlay: this.#overlay };
  }
}
