import { createHash } from 'node:crypto';
import { Failure } from '@backhaul/domain';
import type {
  ChainKey,
  CheckpointState,
  CommitOutcome,
  Entry,
  EntryKey,
  FolderEntry,
  ItemEntry,
  ObjectSession,
  ObjectTask,
  PartContent,
  PartRef,
  PartToStore,
  PointDraft,
  PointReader,
  PointRecord,
  RepositoryWriter,
} from '@backhaul/repository';

type Tree = Map<string, Entry>;
type Written = ObjectSession['written'];

/** Content is given back in pieces of this size. */
const PIECE_BYTES = 64 * 1024;

interface CommittedPoint {
  record: PointRecord;
  tree: Tree;
}

/**
 * The repository as the engine sees it, in memory: chains of points, checkpoints by task, content by hash. It keeps the
 * promises of the contract (reads see the base with the session's changes on top; one conditional create per point), not
 * the format.
 */
export class MemoryRepository {
  readonly #chains = new Map<string, CommittedPoint[]>();
  readonly #checkpoints = new Map<string, { state: CheckpointState; tree: Tree; base: number }>();
  readonly #content = new Map<string, Uint8Array>();
  /** A checkpoint is due after so many items were put since the last one. */
  checkpointEvery = Number.POSITIVE_INFINITY;
  /** Called before every operation that writes; throw from it to play a crash or a full disk. */
  beforeWrite: (operation: 'put' | 'checkpoint' | 'commit' | 'committed') => void = () => undefined;
  checkpointsMade = 0;

  /** A writer as the Transporter holds one. */
  openWriter(): RepositoryWriter {
    return { beginObject: (task) => this.#begin(task), close: async () => undefined };
  }

  /** The points of a chain, oldest first. */
  points(chain: ChainKey): PointRecord[] {
    return (this.#chains.get(chainName(chain)) ?? []).map(({ record }) => record);
  }

  /** The newest point of a chain, or the one with this number. @throws when there is none. */
  openPoint(chain: ChainKey, sequence?: number): PointReader {
    const points = this.#chains.get(chainName(chain)) ?? [];
    const point = sequence === undefined ? points.at(-1) : points.find(({ record }) => record.sequence === sequence);
    if (point === undefined)
      throw new Failure('not-found', { code: 'point.not-found', message: 'No such point.', retry: 'never' });
    const { record, tree } = point;
    return {
      record,
      folders: async () => foldersOf(tree),
      items: (containerId, fromId) => itemsOf(tree, containerId, fromId),
      get: async (key) => tree.get(entryName(key)) ?? null,
      readPart: async (part) => this.#read(part),
      streamPart: (part, offset) => this.#stream(part, offset ?? 0),
      inStorageOrder: (items) => items,
    };
  }

  /** Commits an empty point as somebody else would, behind the back of a session that is open. */
  commitElsewhere(task: ObjectTask): void {
    const head = this.#chains.get(chainName(task.chain))?.at(-1)?.record ?? null;
    const draft: PointDraft = {
      status: 'complete',
      kinds: ['mail'],
      containers: [],
      skipped: [],
      startedAt: '2026-01-01T00:00:00.000Z',
      bytesTotal: 0,
    };
    this.#commit(task, head, draft, new Map(), 0);
  }

  async #begin(task: ObjectTask): Promise<ObjectSession | { committed: PointRecord }> {
    const points = this.#chains.get(chainName(task.chain)) ?? [];
    const done = points.find(({ record }) => record.taskId === task.taskId);
    if (done !== undefined) return { committed: done.record };
    return this.#session(task, points.at(-1) ?? null);
  }

  #session(task: ObjectTask, base: CommittedPoint | null): ObjectSession {
    const found = this.#checkpoints.get(task.taskId);
    const resumed = found !== undefined && found.base === (base?.record.sequence ?? 0) ? found : null;
    const tree: Tree = new Map(resumed?.tree ?? base?.tree);
    const written = { contentBytes: 0, storedBytes: 0 };
    const stopped = new AbortController();
    let putsSinceCheckpoint = 0;
    return {
      base: base?.record ?? null,
      resumed: resumed === null ? null : structuredClone(resumed.state),
      get: async (key) => tree.get(entryName(key)) ?? null,
      folders: async () => foldersOf(tree),
      items: (containerId) => itemsOf(tree, containerId),
      putItem: async (listing, parts) => {
        const stored = await this.#storeAll(parts, written, stopped.signal);
        const item: ItemEntry = { ...listing, size: stored.reduce((sum, part) => sum + part.length, 0), parts: stored };
        tree.set(entryName(item), item);
        putsSinceCheckpoint += 1;
        return item;
      },
      putFolder: async (listing, parts) => {
        const folder: FolderEntry = { ...listing, parts: await this.#storeAll(parts, written, stopped.signal) };
        tree.set(entryName(folder), folder);
        return folder;
      },
      putEntry: (entry) => void tree.set(entryName(entry), structuredClone(entry)),
      readPart: async (part) => this.#read(part),
      remove: (key) => void tree.delete(entryName(key)),
      removeFolder: async (folderId) => {
        for (const entry of [...tree.values()]) if (entry.containerId === folderId) tree.delete(entryName(entry));
        tree.delete(entryName({ containerId: '', id: folderId }));
      },
      written,
      checkpoint: async (state) => {
        this.beforeWrite('checkpoint');
        this.#checkpoints.set(task.taskId, {
          state: structuredClone(state),
          tree: new Map(tree),
          base: base?.record.sequence ?? 0,
        });
        this.checkpointsMade += 1;
        putsSinceCheckpoint = 0;
      },
      checkpointIsDue: () => putsSinceCheckpoint >= this.checkpointEvery,
      commit: async (draft, beforeCreate) => {
        this.beforeWrite('commit');
        beforeCreate();
        const outcome = this.#commit(task, base?.record ?? null, draft, tree, written.storedBytes);
        this.beforeWrite('committed');
        return outcome;
      },
      abandon: async () => stopped.abort(),
    };
  }

  #commit(task: ObjectTask, base: PointRecord | null, draft: PointDraft, tree: Tree, bytesNew: number): CommitOutcome {
    const points = this.#chains.get(chainName(task.chain)) ?? [];
    const head = points.at(-1)?.record;
    if (head !== undefined && head.sequence > (base?.sequence ?? 0)) {
      return head.taskId === task.taskId ? { type: 'adopted', point: head } : { type: 'stale', occupant: head };
    }
    const record: PointRecord = {
      ...structuredClone(draft),
      ...task.chain,
      sequence: (head?.sequence ?? 0) + 1,
      base: base?.sequence ?? 0,
      taskId: task.taskId,
      runId: task.runId,
      fence: task.fence,
      object: task.object,
      jobName: task.jobName,
      tenantName: task.tenantName,
      committedAt: draft.startedAt,
      toolVersion: 'memory',
      itemCount: [...tree.values()].filter((entry) => entry.type === 'item').length,
      folderCount: foldersOf(tree).length,
      bytesNew,
    };
    this.#chains.set(chainName(task.chain), [...points, { record, tree: new Map(tree) }]);
    this.#checkpoints.delete(task.taskId);
    return { type: 'committed', point: record };
  }

  async #storeAll(parts: PartToStore[], written: Written, stopped: AbortSignal): Promise<PartRef[]> {
    this.beforeWrite('put');
    const stored: PartRef[] = [];
    for (const part of parts) stored.push('kept' in part ? part.kept : await this.#store(part, written, stopped));
    return stored;
  }

  async #store({ name, content }: PartContent, written: Written, stopped: AbortSignal): Promise<PartRef> {
    const bytes = content instanceof Uint8Array ? content : await gathered(content, stopped);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    written.contentBytes += bytes.length;
    if (!this.#content.has(sha256)) {
      this.#content.set(sha256, Uint8Array.from(bytes));
      written.storedBytes += bytes.length;
    }
    return { name, length: bytes.length, sha256, recipe: sha256 };
  }

  async *#stream(part: PartRef, offset: number): AsyncGenerator<Uint8Array> {
    const content = this.#read(part);
    for (let from = offset; from < content.length; from += PIECE_BYTES)
      yield content.subarray(from, from + PIECE_BYTES);
  }

  #read(part: PartRef): Uint8Array {
    const content = this.#content.get(part.sha256);
    if (content === undefined)
      throw new Failure('corrupt', { code: 'part.missing', message: 'No such content.', retry: 'never' });
    return content;
  }
}

function chainName(chain: ChainKey): string {
  return JSON.stringify([chain.jobId, chain.objectId]);
}

function entryName(key: EntryKey): string {
  return JSON.stringify([key.containerId, key.id]);
}

/** The bytes of a stream; an abandoned session asks it for no more. */
async function gathered(stream: AsyncIterable<Uint8Array>, stopped: AbortSignal): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) {
    stopped.throwIfAborted();
    pieces.push(Uint8Array.from(piece));
  }
  return Buffer.concat(pieces);
}

function foldersOf(tree: Tree): FolderEntry[] {
  return [...tree.values()].filter((entry) => entry.type === 'folder');
}

async function* itemsOf(tree: Tree, containerId: string, fromId = ''): AsyncGenerator<ItemEntry> {
  const items = [...tree.values()].filter(
    (entry) => entry.type === 'item' && entry.containerId === containerId && entry.id >= fromId,
  );
  for (const entry of items.sort((a, b) => (a.id < b.id ? -1 : 1))) if (entry.type === 'item') yield entry;
}
