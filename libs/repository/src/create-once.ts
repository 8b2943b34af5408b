import { isFailure } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { corrupt } from './corrupt.ts';

/**
 * Creates an object unless there is one of this name, also when the store's answer is lost: then what is there decides.
 * @returns null when `content` is there and durable, else the content of whoever was first.
 * @throws what the store throws when the object is not there afterwards.
 */
export async function createOnce(store: BlobStore, name: string, content: Buffer): Promise<Uint8Array | null> {
  let unclear: unknown = null;
  try {
    if ((await store.create(name, content)) === 'created') return null;
  } catch (error) {
    unclear = error;
  }
  const there = await store.get(name).catch((error: unknown) => {
    // What the create said tells more than what reading back did.
    if (unclear !== null) throw unclear as Error;
    if (isFailure(error, 'not-found')) throw corrupt(name, 'it exists and cannot be found', error);
    throw error;
  });
  if (!content.equals(there)) return there;
  // It is visible, but nobody said that it is durable. It cannot be created a second time; `exists` vouches for it.
  if (unclear !== null) await store.create(name, content);
  return null;
}
