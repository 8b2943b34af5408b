import { isFailure, type Failure } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { tableOf, type TableSource } from './build-local-segment.ts';
import { corrupt } from './corrupt.ts';
import type { KeyRing } from './key-ring.ts';
import type { LocalIndex } from './local-index.ts';
import { PREFIX } from './names.ts';
import { openObject } from './sealed-object.ts';

/** Bytes of index objects taken in at once. */
const BATCH_BYTES = 32 * 1024 * 1024;

/**
 * Brings the local index up to the repository's: one listing, then only what is new. A writer does this after it has
 * announced itself, never before.
 * @returns what could not be read; a writer must not go on then, a reader may.
 */
export async function loadIndex(store: BlobStore, ring: KeyRing, index: LocalIndex): Promise<Failure[]> {
  const damaged: Failure[] = [];
  let tables: TableSource[] = [];
  let bytes = 0;
  for await (const { name } of store.list(PREFIX.index)) {
    if (index.includes(name)) continue;
    const content = await readIndexObject(store, ring, name).catch((error: unknown) => {
      if (!isFailure(error, 'corrupt', 'unsupported-format')) throw error;
      damaged.push(error);
      return null;
    });
    if (content === null) continue;
    tables.push(content);
    bytes += content.header.chunks * 32;
    if (bytes < BATCH_BYTES) continue;
    await index.add(tables);
    [tables, bytes] = [[], 0];
  }
  await index.add(tables);
  return damaged;
}

async function readIndexObject(store: BlobStore, ring: KeyRing, name: string): Promise<TableSource> {
  const content = openObject(ring, name, await store.get(name));
  try {
    return tableOf(name, content);
  } catch (cause) {
    throw corrupt(name, 'it makes no sense as an index', cause);
  }
}
