import type { BlobStore } from './blob-store.ts';
import type { KeyRing } from './key-ring.ts';
import { packName, type PackKind } from './names.ts';
import {
  HEADER_LENGTH,
  openFooter,
  readHeader,
  readTrailer,
  TRAILER_LENGTH,
  type FooterSegment,
  type PackIdentity,
} from './pack.ts';
import { asBuffer } from './own-bytes.ts';

/** A footer is usually shorter than this, so that one read of the pack's end gets it. */
const TAIL_LENGTH = 64 * 1024;

/** What a pack says of itself. @throws Failure `not-found`, `corrupt`, `unsupported-format`. */
export async function readPackFooter(
  store: BlobStore,
  ring: KeyRing,
  kind: PackKind,
  id: string,
  size: number,
): Promise<{ identity: PackIdentity; segments: FooterSegment[] }> {
  const name = packName(kind, id);
  const read = async (offset: number, length: number) =>
    asBuffer(await store.get(name, { offset, length: Math.min(length, size - offset) }));
  const identity = readHeader(kind, id, await read(0, HEADER_LENGTH));
  const tailAt = Math.max(0, size - TAIL_LENGTH);
  const tail = await read(tailAt, TAIL_LENGTH);
  const length = readTrailer(name, tail.subarray(Math.max(0, tail.length - TRAILER_LENGTH)), size);
  const footerAt = size - TRAILER_LENGTH - length;
  const sealed = footerAt >= tailAt ? tail.subarray(footerAt - tailAt, -TRAILER_LENGTH) : await read(footerAt, length);
  return { identity, segments: openFooter(ring, identity, sealed, size) };
}
