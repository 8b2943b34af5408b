import { isFailure } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import type { ChunkId } from './chunk-id.ts';
import type { Crew } from './crew.ts';
import type { WrittenPack } from './index-table.ts';
import type { KeyRing } from './key-ring.ts';
import { packName, type PackKind } from './names.ts';
import { packSeal, type FooterSegment } from './pack.ts';
import { readPackFooter } from './read-pack.ts';
import { own } from './work.ts';

/** Bytes of segments opened by one job. */
const BYTES_PER_JOB = 4 * 1024 * 1024;

/** What one pack turned out to be. `pack` is null when nothing in it can be used. */
export interface PackVerdict {
  pack: WrittenPack | null;
  problems: string[];
  badChunks: Set<ChunkId>;
}

/** Opens a pack's footer and, with `data`, every segment; recomputes every chunk's id. */
export async function checkPack(
  { store, ring, crew }: { store: BlobStore; ring: KeyRing; crew: Crew },
  { kind, id, size }: { kind: PackKind; id: string; size: number },
  data: boolean,
): Promise<PackVerdict> {
  try {
    const { identity, segments } = await readPackFooter(store, ring, kind, id, size);
    const pack = { identity, size, segments };
    if (!data) return { pack, problems: [], badChunks: new Set() };
    const { problems, badChunks } = await checkSegments(store, ring, crew, pack);
    return { pack, problems, badChunks };
  } catch (error) {
    if (!isFailure(error, 'corrupt', 'not-found', 'unsupported-format')) throw error;
    return { pack: null, problems: [error.message], badChunks: new Set() };
  }
}

async function checkSegments(store: BlobStore, ring: KeyRing, crew: Crew, pack: WrittenPack) {
  const { identity, segments } = pack;
  const name = packName(identity.kind, identity.id);
  const seal = packSeal(ring, identity);
  const problems: string[] = [];
  const badChunks = new Set<ChunkId>();
  const jobs = groups(segments).map(async (group) => {
    const offset = group[0]!.offset;
    const length = group.reduce((sum, segment) => sum + segment.storedLength, 0);
    const sealed = own(await store.get(name, { offset, length }))!;
    const numbered = group.map(({ offset: at, ...segment }) => ({ ...segment, at: at - offset }));
    const bad = await crew.do({ type: 'verify', seal, sealed, segments: numbered });
    for (const number of bad.badSegments) {
      problems.push(`segment ${number} is not what was written`);
      for (const chunk of segments[number]!.chunks) badChunks.add(chunk.id);
    }
    for (const chunk of bad.badChunks) badChunks.add(chunk);
    if (bad.badChunks.length > 0) problems.push(`${bad.badChunks.length} chunks are not what their ids say`);
  });
  await Promise.all(jobs);
  return { problems, badChunks };
}

/** Consecutive segments, numbered, in groups that one job reads at once. */
function groups(segments: FooterSegment[]): (FooterSegment & { number: number })[][] {
  const all: (FooterSegment & { number: number })[][] = [];
  let bytes = Infinity;
  segments.forEach((segment, number) => {
    if (bytes + segment.storedLength > BYTES_PER_JOB) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)!.push({ ...segment, number });
    bytes += segment.storedLength;
  });
  return all;
}

/** Whether an index tells the same of a pack as its footer. */
export function sameContents(index: WrittenPack, footer: WrittenPack): boolean {
  if (index.size !== footer.size || index.segments.length !== footer.segments.length) return false;
  if (Buffer.compare(Buffer.from(index.identity.salt), Buffer.from(footer.identity.salt)) !== 0) return false;
  return index.segments.every((segment, number) => {
    const other = footer.segments[number]!;
    return (
      segment.offset === other.offset &&
      segment.storedLength === other.storedLength &&
      segment.length === other.length &&
      segment.codec === other.codec &&
      segment.chunks.length === other.chunks.length &&
      segment.chunks.every(
        ({ id, length }, row) => other.chunks[row]!.id === id && other.chunks[row]!.length === length,
      )
    );
  });
}
