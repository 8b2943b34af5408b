import type { Fence } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { idFromHex, idToHex, type ChunkId } from './chunk-id.ts';
import { corrupt } from './corrupt.ts';
import { createOnce } from './create-once.ts';
import { keyedName, type KeyRing } from './key-ring.ts';
import { chainPrefix, parseName, pointName } from './names.ts';
import type { ChainKey, PointRecord } from './point.ts';
import { openJson, sealJson } from './sealed-object.ts';

/** Point records of a chain as they are stored (FORMAT.md 10). */

export interface StoredPoint {
  record: PointRecord;
  root: ChunkId | null;
  /** The process that wrote it. */
  writer: string;
}

export function chainName(ring: KeyRing, chain: ChainKey): string {
  return keyedName(ring, 'chain', chain.jobId, chain.objectId);
}

export function sealPoint(ring: KeyRing, name: string, { record, root, writer }: StoredPoint): Buffer {
  return sealJson(ring, name, { version: 1, record, root: root === null ? null : idToHex(root), writer });
}

/** @throws Failure `corrupt`, `unsupported-format`. */
export function openPoint(ring: KeyRing, name: string, bytes: Uint8Array): StoredPoint {
  const value = openJson(ring, name, bytes) as { record: PointRecord; root: string | null; writer: string };
  const { record, root, writer } = value;
  if (name !== pointName(chainName(ring, record), record.sequence))
    throw corrupt(name, 'it is the point of another place');
  return { record, root: root === null ? null : idFromHex(root), writer };
}

/** @throws Failure `not-found`, `corrupt`. */
export async function readPoint(
  store: BlobStore,
  ring: KeyRing,
  chain: string,
  sequence: number,
): Promise<StoredPoint> {
  const name = pointName(chain, sequence);
  return openPoint(ring, name, await store.get(name));
}

/** Numbers of the chain's points, ascending. */
export async function sequencesOf(store: BlobStore, chain: string): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { name } of store.list(chainPrefix(chain))) {
    const parsed = parseName(name);
    if (parsed?.type === 'point') sequences.push(parsed.sequence);
  }
  return sequences;
}

/** A point with a lower fence than one before it was made by a holder that had lost its lease: it is void. */
export function withoutVoid<P extends { fence: Fence }>(pointsInOrder: P[]): P[] {
  let highest = -Infinity;
  return pointsInOrder.filter(({ fence }) => {
    if (fence < highest) return false;
    highest = fence;
    return true;
  });
}

/** What became of the try to create a point. */
export type Creation = { type: 'created' } | { type: 'occupied'; by: StoredPoint };

/**
 * Creates a point record, or reads who was first. After an unclear answer what is there decides.
 * @throws what the store throws when the record is not there afterwards.
 */
export async function createPoint(store: BlobStore, ring: KeyRing, point: StoredPoint): Promise<Creation> {
  const { record } = point;
  const name = pointName(chainName(ring, record), record.sequence);
  const occupant = await createOnce(store, name, sealPoint(ring, name, point));
  return occupant === null ? { type: 'created' } : { type: 'occupied', by: openPoint(ring, name, occupant) };
}
