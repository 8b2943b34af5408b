import { sha256, type ChunkId } from './chunk-id.ts';
import type { Entry, EntryKey } from './entry.ts';
import { compareKeys, compareText } from './entry-order.ts';
import { encodeInner, LeafEncoder, type Child, type ContainerChanges } from './tree-node.ts';
import { leafReference, leaves, type ReadNode } from './tree-reader.ts';

/**
 * Builds the tree of the next point out of the base's: only leaves that a change touches are read and written again. Where
 * nodes end depends on keys alone (FORMAT.md 9), so the same entries give the same tree whatever happened before.
 */
export interface TreeRewrite {
  read: ReadNode;
  /** Stores a node; gives its id. */
  write: (node: Buffer) => ChunkId | Promise<ChunkId>;
  boundary: Boundary;
}

export interface TreeSummary {
  root: ChunkId | null;
  items: number;
  folders: number;
}

/** The keyed hash that decides where nodes end. */
export type Boundary = (key: EntryKey) => number;

const MAX_LEAF_ENTRIES = 2048;
const MAX_LEAF_BYTES = 1024 * 1024;
const MAX_CHILDREN = 1024;
const LEAF_BITS = 7;
const INNER_BITS = 6;
const MAX_HASHED_LEVEL = 4;

export function keyBoundary(chunkerKey: Uint8Array): Boundary {
  return ({ containerId, id }) =>
    sha256(Buffer.concat([chunkerKey, Buffer.from(`${containerId}\0${id}`)])).readUInt32LE(0);
}

/** `changes` in order of containers, their entries and removals in order of ids. */
export async function rewriteTree(
  rewrite: TreeRewrite,
  base: ChunkId | null,
  changes: ContainerChanges[],
): Promise<TreeSummary> {
  const out = new LeafBuilder(rewrite);
  const steps = changes.flatMap(stepsOf);
  const cleared = new Set(changes.filter((change) => change.cleared).map((change) => change.containerId));
  const clearedInOrder = [...cleared].sort(compareText);
  let next = 0;
  let before: EntryKey | null = null;
  const all = await collect(leaves(rewrite.read, base));
  for (const [index, leaf] of all.entries()) {
    const isLast = index === all.length - 1;
    const until = isLast ? steps.length : next + countUpTo(steps, next, leaf.lastKey);
    const own = steps.slice(next, until);
    next = until;
    const touched = own.length > 0 || anyWithin(clearedInOrder, before, leaf.lastKey);
    before = leaf.lastKey;
    if (!touched && out.isAtBoundary) {
      out.reuse(leaf);
      continue;
    }
    const node = await rewrite.read(leaf.node);
    const entries = 'entries' in node ? node.entries.filter((entry) => !cleared.has(entry.containerId)) : [];
    for (const entry of merge(entries, own)) await out.add(entry);
  }
  for (const entry of merge([], steps.slice(next))) await out.add(entry);
  return buildLevels(rewrite, await out.finish());
}

/** One change of one entry; null removes it. */
interface Step {
  key: EntryKey;
  entry: Entry | null;
}

function stepsOf({ containerId, entries, removed }: ContainerChanges): Step[] {
  const steps: Step[] = [
    ...entries.map((entry) => ({ key: { containerId, id: entry.id }, entry })),
    ...removed.map((id) => ({ key: { containerId, id }, entry: null })),
  ];
  return removed.length === 0 ? steps : steps.sort((a, b) => compareKeys(a.key, b.key));
}

function countUpTo(steps: Step[], from: number, lastKey: EntryKey): number {
  let at = from;
  while (at < steps.length && compareKeys(steps[at]!.key, lastKey) <= 0) at += 1;
  return at - from;
}

/** Whether a cleared container may have entries after `before` and up to `lastKey`. */
function anyWithin(containers: string[], before: EntryKey | null, lastKey: EntryKey): boolean {
  return containers.some((id) => id <= lastKey.containerId && (before === null || id >= before.containerId));
}

function* merge(entries: Entry[], steps: Step[]): Generator<Entry> {
  let at = 0;
  for (const { key, entry } of steps) {
    while (at < entries.length && compareKeys(entries[at]!, key) < 0) yield entries[at++]!;
    if (at < entries.length && compareKeys(entries[at]!, key) === 0) at += 1;
    if (entry !== null) yield entry;
  }
  while (at < entries.length) yield entries[at++]!;
}

/** Cuts a stream of entries into leaves. */
class LeafBuilder {
  readonly #rewrite: TreeRewrite;
  readonly #leaves: Child[] = [];
  #pending: Entry[] = [];
  #encoder = new LeafEncoder();

  constructor(rewrite: TreeRewrite) {
    this.#rewrite = rewrite;
  }

  /** True where a leaf may begin. */
  get isAtBoundary(): boolean {
    return this.#pending.length === 0;
  }

  reuse(leaf: Child): void {
    this.#leaves.push(leaf);
  }

  async add(entry: Entry): Promise<void> {
    this.#pending.push(entry);
    this.#encoder.add(entry);
    const isFull = this.#pending.length === MAX_LEAF_ENTRIES || this.#encoder.length >= MAX_LEAF_BYTES;
    if (isFull || (this.#rewrite.boundary(entry) & (2 ** LEAF_BITS - 1)) === 0) await this.#end();
  }

  async finish(): Promise<Child[]> {
    if (this.#pending.length > 0) await this.#end();
    return this.#leaves;
  }

  async #end(): Promise<void> {
    const entries = this.#pending;
    const node = this.#encoder.finish();
    this.#pending = [];
    this.#encoder = new LeafEncoder();
    this.#leaves.push(leafReference(await this.#rewrite.write(node), entries));
  }
}

async function buildLevels(rewrite: TreeRewrite, leafLevel: Child[]): Promise<TreeSummary> {
  const items = leafLevel.reduce((sum, child) => sum + child.items, 0);
  const folders = leafLevel.reduce((sum, child) => sum + child.folders, 0);
  let nodes = leafLevel;
  for (let level = 1; nodes.length > 1; level += 1) {
    const above: Child[] = [];
    for (const children of cutLevel(rewrite.boundary, level, nodes)) {
      above.push(innerReference(await rewrite.write(encodeInner(level, children)), children));
    }
    nodes = above;
  }
  return { root: nodes[0]?.node ?? null, items, folders };
}

function* cutLevel(boundary: Boundary, level: number, nodes: Child[]): Generator<Child[]> {
  let pending: Child[] = [];
  for (const child of nodes) {
    pending.push(child);
    const bits = boundary(child.lastKey) >>> (LEAF_BITS + INNER_BITS * (level - 1));
    const ends = level <= MAX_HASHED_LEVEL && (bits & (2 ** INNER_BITS - 1)) === 0;
    // A node of one child would only repeat it, level after level.
    if ((ends && pending.length > 1) || pending.length === MAX_CHILDREN) {
      yield pending;
      pending = [];
    }
  }
  if (pending.length > 0) yield pending;
}

function innerReference(node: ChunkId, children: Child[]): Child {
  return {
    lastKey: children[children.length - 1]!.lastKey,
    node,
    items: children.reduce((sum, child) => sum + child.items, 0),
    folders: children.reduce((sum, child) => sum + child.folders, 0),
  };
}

async function collect(children: AsyncIterable<Child>): Promise<Child[]> {
  const all: Child[] = [];
  for await (const child of children) all.push(child);
  return all;
}
