import { Failure, type Clock } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { eachId, type ChunkId } from './chunk-id.ts';
import { createPoint, type StoredPoint } from './chain.ts';
import { readRun, type Checkpoint } from './checkpoint.ts';
import type { ContentReader } from './content-reader.ts';
import { cutRun } from './cut-run.ts';
import type {
  Entry,
  EntryKey,
  FolderEntry,
  FolderListing,
  ItemEntry,
  ItemListing,
  PartRef,
  PartToStore,
} from './entry.ts';
import { refusal } from './fence-rules.ts';
import type { KeyRing } from './key-ring.ts';
import { PartStorage, type PartStores } from './part-storage.ts';
import { isStreamed } from './part-to-store.ts';
import { requireFolder, requireStorable } from './part-ref.ts';
import type { PointDraft, PointRecord } from './point.ts';
import { PutsUnderWay } from './puts-under-way.ts';
import { isElsewhere, recipeIds, type PartRecipe } from './recipe.ts';
import type { CheckpointState, CommitOutcome, ObjectSession, ObjectTask } from './repository.ts';
import { SessionCheckpoints, type Progress } from './session-checkpoints.ts';
import { SessionContent } from './session-content.ts';
import { encodeRun, type ContainerChanges } from './tree-node.ts';
import { keyBoundary, type TreeSummary } from './tree-writer.ts';
import { WorkingTree, type NodeStore } from './working-tree.ts';

/** What all sessions of a writer share. */
export interface SessionContext {
  store: BlobStore;
  ring: KeyRing;
  clock: Clock;
  toolVersion: string;
  writerId: string;
  parts: PartStores;
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

/** A session that goes on from `start`; a checkpoint that cannot be read is as good as none. */
export async function openSession(context: SessionContext, start: SessionStart): Promise<ObjectSession> {
  const changes = start.checkpoint === null ? null : await readRun(context.reader, start.checkpoint);
  return changes === null
    ? new Session(context, { ...start, checkpoint: null }, [])
    : new Session(context, start, changes);
}

class Session implements ObjectSession {
  readonly base: PointRecord | null;
  readonly resumed: CheckpointState | null;
  readonly #context: SessionContext;
  readonly #start: SessionStart;
  readonly #content: SessionContent;
  readonly #tree: WorkingTree;
  readonly #checkpoints: SessionCheckpoints;
  readonly #parts: PartStorage;
  readonly #puts = new PutsUnderWay();
  /** Checkpoints wait for one another. */
  #lastCheckpoint: Promise<unknown> = Promise.resolve();
  #checkpointsUnderWay = 0;

  constructor(context: SessionContext, start: SessionStart, changes: ContainerChanges[]) {
    const { ring, reader } = context;
    const { task, chain, base, checkpoint } = start;
    this.#context = context;
    this.#start = start;
    this.#content = new SessionContent(context.parts.content, ring);
    this.#parts = new PartStorage(context.parts, this.#content);
    this.base = base?.record ?? null;
    this.resumed = checkpoint?.state ?? null;
    const nodes: NodeStore = {
      read: (id) => reader.node(id),
      write: (node) => this.#content.putMeta(node),
      boundary: keyBoundary(ring.chunker),
      makeDurable: () => this.#content.makeDurable(),
    };
    this.#tree = new WorkingTree(nodes, checkpoint === null ? (base?.root ?? null) : checkpoint.root, changes);
    this.#checkpoints = new SessionCheckpoints(context, { chain, taskId: task.taskId, fence: task.fence });
  }

  get written(): { contentBytes: number; storedBytes: number } {
    return { contentBytes: this.#parts.contentBytes, storedBytes: this.#content.storedBytes };
  }

  get(key: EntryKey): Promise<Entry | null> {
    return this.#tree.get(key);
  }

  async folders(): Promise<FolderEntry[]> {
    const folders: FolderEntry[] = [];
    for await (const entry of this.#tree.entries('')) if (entry.type === 'folder') folders.push(entry);
    return folders;
  }

  async *items(containerId: string): AsyncIterable<ItemEntry> {
    for await (const entry of this.#tree.entries(containerId)) if (entry.type === 'item') yield entry;
  }

  putItem(listing: ItemListing, parts: PartToStore[]): Promise<ItemEntry> {
    requireFolder(listing);
    return this.#put(listing, parts, (stored) => {
      const size = stored.reduce((sum, part) => sum + part.length, 0);
      return { ...listing, size, parts: stored };
    });
  }

  putFolder(listing: FolderListing, parts: PartToStore[]): Promise<FolderEntry> {
    return this.#put(listing, parts, (stored) => ({ ...listing, parts: stored }));
  }

  putEntry(entry: Entry): void {
    requireStorable(entry, []);
    if (entry.type === 'item') requireFolder(entry);
    this.#tree.set(entry);
  }

  async readPart(part: PartRef): Promise<Uint8Array> {
    const { reader } = this.#context;
    const recipe = part.recipe as PartRecipe;
    if (isElsewhere(recipe)) await this.#makeReadable(eachId(recipe.recipeChunks));
    await this.#makeReadable(recipeIds(await reader.recipe(part)));
    return reader.part(part);
  }

  remove(key: EntryKey): void {
    this.#tree.remove(key);
  }

  async removeFolder(folderId: string): Promise<void> {
    const isWithin = (put: EntryKey) => put.containerId === folderId || (put.containerId === '' && put.id === folderId);
    await this.#puts.settled(isWithin);
    this.#tree.clear(folderId);
    this.#tree.remove({ containerId: '', id: folderId });
  }

  checkpointIsDue(): boolean {
    return this.#checkpointsUnderWay === 0 && this.#checkpoints.isDue(this.#progress());
  }

  checkpoint(state: CheckpointState): Promise<void> {
    this.#checkpointsUnderWay += 1;
    const written = this.#lastCheckpoint.then(() => this.#checkpoint(state));
    const done = () => void (this.#checkpointsUnderWay -= 1);
    this.#lastCheckpoint = written.then(done, done);
    return written;
  }

  async commit(draft: PointDraft, beforeCreate: () => void): Promise<CommitOutcome> {
    const { store, ring, clock, toolVersion, writerId } = this.#context;
    const { task, sequence } = this.#start;
    await this.#puts.settled();
    const tree = await this.#finalTree();
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
    await this.#checkpoints.removeAll();
    return { type: 'committed', point: record };
  }

  async abandon(): Promise<void> {
    await this.#puts.stop();
    await this.#tree.settled().catch(() => undefined);
    this.#content.sealOpen();
  }

  #put<E extends Entry>(key: EntryKey, parts: PartToStore[], entryOf: (stored: PartRef[]) => E): Promise<E> {
    requireStorable(key, parts);
    return this.#puts.track(key, parts.some(isStreamed), async (signal) => {
      const entry = entryOf(await this.#parts.store(parts, signal));
      this.#tree.set(entry);
      await this.#tree.mergeIfLarge();
      return entry;
    });
  }

  async #makeReadable(ids: Iterable<ChunkId>): Promise<void> {
    for (const id of ids) if (this.#content.isPending(id)) return this.#content.makeDurable();
  }

  async #checkpoint(state: CheckpointState): Promise<void> {
    // A stream may take hours; it counts once it has ended.
    await this.#puts.settled((put) => !put.isStreamed);
    await this.#tree.settled();
    const progress = this.#progress();
    const { root, changes } = this.#tree.now();
    const run = cutRun(changes).map((piece) => this.#content.putMeta(encodeRun(piece)));
    await this.#content.makeDurable();
    const checkpoint: Checkpoint = {
      taskId: this.#start.task.taskId,
      base: this.base?.sequence ?? 0,
      root,
      run,
      state,
      storedBytes: this.#storedByTask(),
      writer: this.#context.writerId,
    };
    await this.#checkpoints.write(checkpoint, progress);
  }

  /** The tree with all changes. What did not change costs nothing. */
  async #finalTree(): Promise<TreeSummary> {
    const { base } = this.#start;
    const root = base?.root ?? null;
    const unchanged = { root, items: base?.record.itemCount ?? 0, folders: base?.record.folderCount ?? 0 };
    return (await this.#tree.mergedUnless(root)) ?? unchanged;
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

  #storedByTask(): number {
    return this.#content.storedBytes + (this.#start.checkpoint?.storedBytes ?? 0);
  }

  #progress(): Progress {
    return { changes: this.#tree.changeCount, contentBytes: this.#parts.contentBytes };
  }
}
