import { digestToId, sha256, type ChunkId } from './chunk-id.ts';
import { chunkLengths, type GearTable } from './chunker.ts';
import { findEncodedRuns } from './mime-parts.ts';
import { release } from './own-bytes.ts';

/**
 * Cuts the parts of a batch into identified chunks, in place: afterwards the batch's buffer holds the chunks instead of the
 * parts (an attachment shrinks when it is decoded, so there is always room).
 */

/** A part as it lies in the batch's buffer. */
export interface PartSlice {
  offset: number;
  length: number;
  /** Look for attachments to store decoded. */
  mime: boolean;
}

/** A chunk as it lies in the batch's buffer afterwards. */
export interface ChunkSlice {
  id: ChunkId;
  offset: number;
  length: number;
  /** It looks random (compressed, encrypted): not worth compressing. */
  dense: boolean;
}

/** An attachment within a part. `from` … `to` are rows of the part's chunks. */
export interface AttachmentSlice {
  /** Raw bytes of the message before it. */
  rawBefore: number;
  from: number;
  to: number;
  decodedLength: number;
  lineLength: number;
  lf: boolean;
  endsWithEol: boolean;
}

export interface SplitPart {
  length: number;
  /** Hex. */
  sha256: string;
  /** First those of the raw stream, then those of the attachments. */
  chunks: ChunkSlice[];
  rawChunks: number;
  attachments: AttachmentSlice[];
  /** Raw bytes after the last attachment. */
  rawAfter: number;
}

/** What splitting needs to know of the repository. */
export interface SplitKeys {
  chunkId: Uint8Array;
  gear: GearTable;
}

/** Splits every part of `buffer`; see the head of this file. */
export function splitParts(keys: SplitKeys, buffer: Buffer, parts: PartSlice[]): SplitPart[] {
  const identify = digestToId(keys.chunkId);
  return parts.map((part) => splitPart(keys, identify, buffer.subarray(part.offset, part.offset + part.length), part));
}

type Identify = (digest: Uint8Array) => ChunkId;

function splitPart(keys: SplitKeys, identify: Identify, content: Buffer, slice: PartSlice): SplitPart {
  const digest = sha256(content);
  const runs = slice.mime ? findEncodedRuns(content) : [];
  const part: SplitPart = {
    length: content.length,
    sha256: digest.toString('hex'),
    chunks: [],
    rawChunks: 0,
    attachments: [],
    rawAfter: 0,
  };
  const rawLength = closeUp(content, runs);
  cutStream(
    keys,
    identify,
    content.subarray(0, rawLength),
    slice.offset,
    runs.length === 0 ? digest : null,
    part.chunks,
  );
  part.rawChunks = part.chunks.length;
  let rawFrom = 0;
  let free = rawLength;
  for (const { start, end, decoded, lineLength, lf, endsWithEol } of runs) {
    const decodedLength = decoded.length;
    content.set(decoded, free);
    release(decoded);
    const from = part.chunks.length;
    const stored = content.subarray(free, free + decodedLength);
    cutStream(keys, identify, stored, slice.offset + free, null, part.chunks);
    const to = part.chunks.length;
    const rawBefore = start - rawFrom;
    part.attachments.push({ rawBefore, from, to, decodedLength, lineLength, lf, endsWithEol });
    rawFrom = end;
    free += decodedLength;
  }
  part.rawAfter = slice.length - rawFrom;
  return part;
}

/** Moves what lies between the runs together, at the beginning; returns its length. */
function closeUp(content: Buffer, runs: { start: number; end: number }[]): number {
  if (runs.length === 0) return content.length;
  let length = 0;
  let from = 0;
  for (const gap of [...runs, { start: content.length, end: content.length }]) {
    content.copyWithin(length, from, gap.start);
    length += gap.start - from;
    from = gap.end;
  }
  return length;
}

function cutStream(
  keys: SplitKeys,
  identify: Identify,
  stream: Buffer,
  offset: number,
  digest: Buffer | null,
  into: ChunkSlice[],
): void {
  const lengths = chunkLengths(keys.gear, stream);
  let at = 0;
  for (const length of lengths) {
    const chunk = stream.subarray(at, at + length);
    const known = lengths.length === 1 ? digest : null;
    into.push({ id: identify(known ?? sha256(chunk)), offset: offset + at, length, dense: looksDense(chunk) });
    at += length;
  }
}

const SAMPLES = 4;
const SAMPLE_LENGTH = 256;
const MIN_DENSE = 4096;
/** Of 1,024 random bytes about 251 of the 256 values occur; text has 60 to 120, machine code and tables up to 200. */
const DENSE_VALUES = 235;
const seen = new Uint8Array(256);

/** A guess from some places of the chunk, at a cost of a microsecond; a wrong one costs space or time, never content. */
function looksDense(chunk: Buffer): boolean {
  if (chunk.length < MIN_DENSE) return false;
  seen.fill(0);
  let values = 0;
  for (let place = 1; place <= SAMPLES; place += 1) {
    const from = Math.floor((chunk.length * place) / (SAMPLES + 1));
    for (let at = from; at < from + SAMPLE_LENGTH; at += 1) {
      const value = chunk[at]!;
      if (seen[value] === 0) {
        seen[value] = 1;
        values += 1;
      }
    }
  }
  return values >= DENSE_VALUES;
}
