import { ID_LENGTH, idFromBytes, idToBytes, type ChunkId } from './chunk-id.ts';
import type { Entry, EntryKey } from './entry.ts';
import { decodeFolder, decodeItem, writeEntry } from './entry-bytes.ts';
import { FieldWriter, readFields } from './wire-format.ts';

/** Nodes of a point's tree as bytes, both directions in one file (FORMAT.md 9). */

/** A reference from an inner node to the node below. */
export interface Child {
  /** The last key below. */
  lastKey: EntryKey;
  /** The node's chunk id. */
  node: ChunkId;
  items: number;
  folders: number;
}

export type TreeNode = { level: 0; entries: Entry[] } | { level: number; children: Child[] };

/** Changes to a container, as a run keeps them. */
export interface ContainerChanges {
  containerId: string;
  /** What the base has of the container is gone. */
  cleared: boolean;
  /** In order of their ids. */
  entries: Entry[];
  /** In order. */
  removed: string[];
}

const RUN_LEVEL = 255;
const CONTAINER = 1;

/** Encodes a leaf entry by entry, in order. */
export class LeafEncoder {
  readonly #leaf = new FieldWriter(1024);
  readonly #container = new FieldWriter(1024);
  #open: string | null = null;

  constructor() {
    this.#leaf.byte(0);
  }

  /** Bytes so far, give or take the head of a container. */
  get length(): number {
    return this.#leaf.length + this.#container.length;
  }

  add(entry: Entry): void {
    if (entry.containerId !== this.#open) {
      this.#endContainer();
      this.#container.text(1, entry.containerId);
      this.#open = entry.containerId;
    }
    writeEntry(this.#container, entry);
  }

  finish(): Buffer {
    this.#endContainer();
    return this.#leaf.finish();
  }

  #endContainer(): void {
    if (this.#open !== null) this.#leaf.message(CONTAINER, this.#container.view());
    this.#container.clear();
    this.#open = null;
  }
}

export function encodeInner(level: number, children: Child[]): Buffer {
  const writer = new FieldWriter(32 * 1024);
  const child = new FieldWriter(512);
  writer.byte(level);
  for (const { lastKey, node, items, folders } of children) {
    child.clear();
    child.text(1, lastKey.containerId);
    child.text(2, lastKey.id);
    child.bytes(3, idToBytes(node));
    child.number(4, items);
    child.number(5, folders);
    writer.message(1, child.view());
  }
  return writer.finish();
}

export function encodeRun(containers: ContainerChanges[]): Buffer {
  const writer = new FieldWriter(64 * 1024);
  writer.byte(RUN_LEVEL);
  for (const { containerId, cleared, entries, removed } of containers) {
    const container = new FieldWriter(64 * 1024);
    container.text(1, containerId);
    container.bool(2, cleared);
    for (const entry of entries) writeEntry(container, entry);
    for (const id of removed) container.textEvenEmpty(5, id);
    writer.message(CONTAINER, container.view());
  }
  return writer.finish();
}

/** @throws RangeError when the bytes are no node; Failure `unsupported-format` for items of an unknown kind. */
export function decodeNode(bytes: Buffer): TreeNode {
  const level = bytes[0];
  if (level === undefined || level === RUN_LEVEL) throw new RangeError('no node');
  const body = bytes.subarray(1);
  if (level > 0)
    return { level, children: [...readFields(body)].filter((f) => f.field === 1).map((f) => decodeChild(f.bytes)) };
  return { level: 0, entries: decodeContainers(body).flatMap((container) => container.entries) };
}

/** @throws RangeError when the bytes are no run; Failure `unsupported-format` for items of an unknown kind. */
export function decodeRun(bytes: Buffer): ContainerChanges[] {
  if (bytes[0] !== RUN_LEVEL) throw new RangeError('no run');
  return decodeContainers(bytes.subarray(1));
}

/** One entry alone, for keeping many of them small in memory. */
export function encodeEntry(entry: Entry): Buffer {
  const leaf = new LeafEncoder();
  leaf.add(entry);
  return leaf.finish();
}

/** The entry of {@link encodeEntry}. */
export function decodeEntry(bytes: Buffer): Entry {
  return (decodeNode(bytes) as { entries: Entry[] }).entries[0]!;
}

function decodeChild(bytes: Buffer): Child {
  const child: Child = { lastKey: { containerId: '', id: '' }, node: '', items: 0, folders: 0 };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) child.lastKey.containerId = value.toString();
    else if (field === 2) child.lastKey.id = value.toString();
    else if (field === 3) child.node = value.length === ID_LENGTH ? idFromBytes(value) : '';
    else if (field === 4) child.items = number;
    else if (field === 5) child.folders = number;
  }
  if (child.node === '') throw new RangeError('a child has no node id');
  return child;
}

function decodeContainers(bytes: Buffer): ContainerChanges[] {
  return [...readFields(bytes)].filter((f) => f.field === CONTAINER).map((f) => decodeContainer(f.bytes));
}

function decodeContainer(bytes: Buffer): ContainerChanges {
  const container: ContainerChanges = { containerId: '', cleared: false, entries: [], removed: [] };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) container.containerId = value.toString();
    else if (field === 2) container.cleared = number !== 0;
    else if (field === 3) container.entries.push(decodeFolder(value));
    else if (field === 4) container.entries.push(decodeItem(container.containerId, value));
    else if (field === 5) container.removed.push(value.toString());
  }
  return container;
}
