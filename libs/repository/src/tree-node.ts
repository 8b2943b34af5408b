import { ID_LENGTH, idFromBytes, idToBytes, type ChunkId } from './chunk-id.ts';
import { unsupported } from './corrupt.ts';
import type { Entry, EntryKey, FolderEntry, ItemEntry, PartRef } from './entry.ts';
import { decodeRecipe, encodeRecipe, type Recipe } from './recipe.ts';
import { FieldWriter, readFields } from './wire-format.ts';

/** Nodes of a point's tree as bytes, both directions in one file (FORMAT.md 9). */

/** What a part's `recipe` is inside the repository: the recipe, or where a long one lies. */
export type PartRecipe = Recipe | RecipeElsewhere;

/** Base64 of the ids of the chunks that hold a long recipe. */
export interface RecipeElsewhere {
  recipeChunks: string;
}

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
const KIND_MESSAGE = 1;
const CONTAINER = 1;

export function isElsewhere(recipe: PartRecipe): recipe is RecipeElsewhere {
  return 'recipeChunks' in recipe;
}

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

function writeEntry(writer: FieldWriter, entry: Entry): void {
  if (entry.type === 'folder') writer.message(3, encodeFolder(entry));
  else writer.message(4, encodeItem(entry));
}

function encodeFolder(folder: FolderEntry): Buffer {
  const writer = new FieldWriter();
  writer.text(1, folder.id);
  writer.text(2, folder.parentId);
  writer.text(3, folder.name);
  if (folder.wellKnownName !== null) writer.textEvenEmpty(4, folder.wellKnownName);
  writer.bool(5, folder.hidden);
  return writer.view();
}

function decodeFolder(bytes: Buffer): FolderEntry {
  const folder: FolderEntry = {
    type: 'folder',
    containerId: '',
    id: '',
    parentId: '',
    name: '',
    wellKnownName: null,
    hidden: false,
  };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) folder.id = value.toString();
    else if (field === 2) folder.parentId = value.toString();
    else if (field === 3) folder.name = value.toString();
    else if (field === 4) folder.wellKnownName = value.toString();
    else if (field === 5) folder.hidden = number !== 0;
  }
  return folder;
}

function encodeItem(item: ItemEntry): Buffer {
  const writer = new FieldWriter(1024);
  writer.text(1, item.id);
  writer.number(2, KIND_MESSAGE);
  writer.text(3, item.changeKey);
  writer.text(4, item.subject);
  writer.text(5, item.from);
  writer.text(6, item.receivedAt);
  writer.number(7, item.size);
  writer.bool(8, item.isRead);
  writer.bool(9, item.hasAttachments);
  for (const part of item.parts) writer.message(10, encodePart(part));
  return writer.view();
}

function decodeItem(containerId: string, bytes: Buffer): ItemEntry {
  const item: ItemEntry = {
    type: 'item',
    containerId,
    id: '',
    kind: 'message',
    changeKey: '',
    subject: '',
    from: '',
    receivedAt: '',
    size: 0,
    isRead: false,
    hasAttachments: false,
    parts: [],
  };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) item.id = value.toString();
    else if (field === 2 && number !== KIND_MESSAGE) throw unsupported('tree', `items of kind ${number} are not known`);
    else if (field === 3) item.changeKey = value.toString();
    else if (field === 4) item.subject = value.toString();
    else if (field === 5) item.from = value.toString();
    else if (field === 6) item.receivedAt = value.toString();
    else if (field === 7) item.size = number;
    else if (field === 8) item.isRead = number !== 0;
    else if (field === 9) item.hasAttachments = number !== 0;
    else if (field === 10) item.parts.push(decodePart(value));
  }
  return item;
}

function encodePart(part: PartRef): Buffer {
  const writer = new FieldWriter(256);
  const recipe = part.recipe as PartRecipe;
  writer.text(1, part.name);
  writer.number(2, part.length);
  writer.bytes(3, Buffer.from(part.sha256, 'hex'));
  if (isElsewhere(recipe)) writer.bytes(5, Buffer.from(recipe.recipeChunks, 'base64'));
  else writer.message(4, encodeRecipe(recipe));
  return writer.view();
}

function decodePart(bytes: Buffer): PartRef {
  let recipe: PartRecipe = { chunks: '', pieces: [] };
  const part = { name: '', length: 0, sha256: '' };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) part.name = value.toString();
    else if (field === 2) part.length = number;
    else if (field === 3) part.sha256 = value.toString('hex');
    else if (field === 4) recipe = decodeRecipe(value);
    else if (field === 5) recipe = { recipeChunks: value.toString('base64') };
  }
  return { ...part, recipe };
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
