import { sha256 } from './chunk-id.ts';
import type { ChunkCutter, ChunkSlice } from './chunk-cutter.ts';
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

/** Splits every part of `buffer`; see the head of this file. */
export function splitParts(cutter: ChunkCutter, buffer: Buffer, parts: PartSlice[]): SplitPart[] {
  return parts.map((part) => splitPart(cutter, buffer.subarray(part.offset, part.offset + part.length), part));
}

function splitPart(cutter: ChunkCutter, content: Buffer, slice: PartSlice): SplitPart {
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
  const raw = content.subarray(0, rawLength);
  part.chunks.push(...cutter.whole(raw, slice.offset, runs.length === 0 ? digest : null));
  part.rawChunks = part.chunks.length;
  let rawFrom = 0;
  let free = rawLength;
  for (const { start, end, decoded, lineLength, lf, endsWithEol } of runs) {
    const decodedLength = decoded.length;
    content.set(decoded, free);
    release(decoded);
    const from = part.chunks.length;
    const stored = content.subarray(free, free + decodedLength);
    part.chunks.push(...cutter.whole(stored, slice.offset + free));
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
