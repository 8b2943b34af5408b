import { isFailure } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import type { ChunkId } from './chunk-id.ts';
import type { Crew } from './crew.ts';
import type { WrittenPack } from './index-table.ts';
import type { KeyRing } from './key-ring.ts';
import { packName, type PackKind } from './names.ts';
import { packSeal, type FooterSegment } from './pack.ts';
import { readPackFooter } from './read-pack.ts';
import { own } from './own-bytes.ts';

/** Bytes of segments opened by one job. */
const BYTES_PER_JOB = 4 * 1024 * 1024;
/** Read ahead, so that no thread waits for the disk. */
const GROUPS_AT_ONCE = 4;

/** What one pack turned out to be. `pack` is null when nothing in it can be used. */
export interface PackVerdict {
  pack: WrittenPack | null;
  problems: string[];
  badChunks: Set<ChunkId>;
}

/**
 * Opens a pack's footer and, with `data`, every segment; recomputes every chunk's id. Where the footer is lost, content can
 * still be read by what an index says of the pack: `listed`.
 */
export async function checkPack(
  parts: { store: BlobStore; ring: KeyRing; crew: Crew },
  { kind, id, size }: { kind: PackKind; id: string; size: number },
  listed: WrittenPack | null,
  data: boolean,
): Promise<PackVerdict> {
  const problems: string[] = [];
  const footer = await readPackFooter(parts.store, parts.ring, kind, id, size).catch((error: unknown) => {
    if (!isFailure(error, 'corrupt', 'not-found', 'unsupported-format')) throw error;
    problems.push(error.message);
    return null;
  });
  // Without the footer and without having read the content nothing is known for certain.
  const pack = footer === null ? (data ? listed : null) : { ...footer, size };
  if (pack === null || !data) return { pack, problems, badChunks: new Set() };
  return checkSegments(parts, pack, problems);
}

async function checkSegments(
  { store, ring, crew }: { store: BlobStore; ring: KeyRing; crew: Crew },
  pack: WrittenPack,
  problems: string[],
): Promise<PackVerdict> {
  const { identity, segments } = pack;
  const name = packName(identity.kind, identity.id);
  const seal = packSeal(ring, identity);
  const badChunks = new Set<ChunkId>();
  const markSegment = (number: number, problem: string) => {
    problems.push(`segment ${number} ${problem}`);
    for (const chunk of segments[number]!.chunks) badChunks.add(chunk.id);
  };
  const checkGroup = async (group: NumberedSegment[]) => {
    const offset = group[0]!.offset;
    const length = group.reduce((sum, segment) => sum + segment.storedLength, 0);
    const sealed = await store.get(name, { offset, length }).catch((error: unknown) => {
      if (!isFailure(error, 'corrupt', 'not-found')) throw error;
      return null;
    });
    if (sealed === null) {
      // One by one those can be told apart that lie before the place where the pack ends.
      if (group.length > 1) for (const segment of group) await checkGroup([segment]);
      else markSegment(group[0]!.number, 'cannot be read');
      return;
    }
    const numbered = group.map(({ offset: at, ...segment }) => ({ ...segment, at: at - offset }));
    const bad = await crew.do({ type: 'verify', seal, sealed: own(sealed), segments: numbered });
    for (const number of bad.badSegments) markSegment(number, 'is not what was written');
    for (const chunk of bad.badChunks) badChunks.add(chunk);
    if (bad.badChunks.length > 0) problems.push(`${bad.badChunks.length} chunks are not what their ids say`);
  };
  const left = groups(segments).values();
  const lane = async () => {
    for (const group of left) await checkGroup(group);
  };
  await Promise.all(Array.from({ length: GROUPS_AT_ONCE }, lane));
  return { pack, problems, badChunks };
}

type NumberedSegment = FooterSegment & { number: number };

/** Consecutive segments, numbered, in groups that one job reads at once. */
function groups(segments: FooterSegment[]): NumberedSegment[][] {
  const all: NumberedSegment[][] = [];
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
