import { isFailure } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { idFromHex, idToHex, type ChunkId } from './chunk-id.ts';
import { keyedName, type KeyRing } from './key-ring.ts';
import { checkpointName, checkpointPrefix, parseName } from './names.ts';
import type { ContentReader } from './content-reader.ts';
import type { CheckpointState } from './repository.ts';
import { openJson, sealJson } from './sealed-object.ts';
import { decodeRun, type ContainerChanges } from './tree-node.ts';

/** Progress of an unfinished task (FORMAT.md 10): a tree, changes on top of it, and the caller's state. */
export interface Checkpoint {
  taskId: string;
  /** The point it goes on from; 0 for none. */
  base: number;
  root: ChunkId | null;
  /** Chunks of changes, to be applied in their order. */
  run: ChunkId[];
  state: CheckpointState;
  /** Bytes that the task added to the store so far. */
  storedBytes: number;
  writer: string;
}

/** Where a task's checkpoints lie. */
export interface CheckpointPlace {
  chain: string;
  taskId: string;
  fence: number;
}

/** Stores a checkpoint; `number` counts those of this fence. Returns its name. */
export async function writeCheckpoint(
  store: BlobStore,
  ring: KeyRing,
  place: CheckpointPlace,
  number: number,
  checkpoint: Checkpoint,
): Promise<string> {
  const { root, run, ...rest } = checkpoint;
  const name = checkpointName(place.chain, keyedName(ring, 'task', place.taskId), place.fence, number);
  const value = { version: 1, ...rest, root: root === null ? null : idToHex(root), run: run.map(idToHex) };
  await store.put(name, [sealJson(ring, name, value)]);
  return name;
}

/** @throws Failure `corrupt`, `unsupported-format`. */
export function openCheckpoint(ring: KeyRing, name: string, bytes: Uint8Array): Checkpoint {
  const value = openJson(ring, name, bytes) as Omit<Checkpoint, 'root' | 'run'> & {
    root: string | null;
    run: string[];
  };
  const { taskId, base, state, storedBytes, writer } = value;
  return {
    taskId,
    base,
    state,
    storedBytes,
    writer,
    root: value.root === null ? null : idFromHex(value.root),
    run: value.run.map(idFromHex),
  };
}

/** Names of the chain's checkpoints up to a fence; with `taskId` only those of that task. Ascending by fence and number. */
export async function checkpointsOf(
  store: BlobStore,
  ring: KeyRing,
  { chain, taskId, fence }: { chain: string; taskId?: string; fence: number },
): Promise<string[]> {
  const task = taskId === undefined ? null : keyedName(ring, 'task', taskId);
  const names: string[] = [];
  for await (const { name } of store.list(checkpointPrefix(chain))) {
    const parsed = parseName(name);
    if (parsed?.type !== 'checkpoint' || parsed.fence > fence) continue;
    if (task === null || parsed.task === task) names.push(name);
  }
  return names;
}

/** The task's last checkpoint, if it goes on from `base` and can be read: without it the work is only done again. */
export async function lastCheckpoint(
  store: BlobStore,
  ring: KeyRing,
  place: CheckpointPlace,
  base: number,
): Promise<Checkpoint | null> {
  const name = (await checkpointsOf(store, ring, place)).at(-1);
  if (name === undefined) return null;
  try {
    const checkpoint = openCheckpoint(ring, name, await store.get(name));
    return checkpoint.base === base ? checkpoint : null;
  } catch (error) {
    if (isFailure(error, 'corrupt', 'not-found')) return null;
    throw error;
  }
}

/** The changes a checkpoint keeps; null when they cannot be read, and then it is as good as none. */
export async function readRun(reader: ContentReader, { run }: Checkpoint): Promise<ContainerChanges[] | null> {
  const changes: ContainerChanges[] = [];
  try {
    for (const id of run) changes.push(...decodeRun(await reader.provenChunk(id)));
    return changes;
  } catch (error) {
    if (error instanceof RangeError || isFailure(error, 'corrupt')) return null;
    throw error;
  }
}
