import { ChunkCutter } from './chunk-cutter.ts';
import { chunkHasher, type ChunkId } from './chunk-id.ts';
import { asBuffer, own, release, type OwnBytes } from './own-bytes.ts';
import { openSegment, sealSegment, type Codec, type SealKey } from './segment.ts';
import { splitParts, type PartSlice, type SplitPart } from './split-content.ts';
import { StreamCutter, type WindowChunks } from './stream-cutter.ts';

/** The costly work on bytes, for a thread or in line. Buffers are handed over, not shared. */

/** Keys that every piece of work needs; given to a thread once. */
export interface WorkKeys {
  chunkId: Uint8Array;
  chunker: Uint8Array;
}

/** Identify the chunks of a batch of parts. */
export interface SplitJob {
  type: 'split';
  buffer: OwnBytes;
  parts: PartSlice[];
}

/** Identify the certain chunks of the next window of a long stream; see {@link StreamCutter}. One thread does all of a stream. */
export interface CutJob {
  type: 'cut';
  stream: number;
  buffer: OwnBytes;
  /** Bytes of the window in the buffer, and how many of them were left of the window before. */
  length: number;
  seen: number;
  isLast: boolean;
}

/** Compress, seal and prove one segment: the first `length` bytes of `plain`. */
export interface SealJob {
  type: 'seal';
  seal: SealKey;
  plain: OwnBytes;
  length: number;
  dense: boolean;
}

/** Open one segment. */
export interface OpenJob {
  type: 'open';
  seal: SealKey;
  sealed: OwnBytes;
  codec: Codec;
  length: number;
}

/** Open consecutive segments of a pack and recompute the ids of their chunks. */
export interface VerifyJob {
  type: 'verify';
  seal: Omit<SealKey, 'number'>;
  sealed: OwnBytes;
  segments: {
    number: number;
    at: number;
    storedLength: number;
    length: number;
    codec: Codec;
    chunks: { id: ChunkId; length: number }[];
  }[];
}

export type Job = SplitJob | CutJob | SealJob | OpenJob | VerifyJob;

export interface JobResults {
  split: { buffer: OwnBytes; parts: SplitPart[] };
  cut: WindowChunks & { buffer: OwnBytes };
  /** `plain` comes back to be used again. */
  seal: { plain: OwnBytes; sealed: OwnBytes; codec: Codec };
  /** `plain` is null when the bytes are not what was sealed. */
  open: { plain: OwnBytes | null };
  /** Numbers of segments that do not open, ids of chunks that are not what they were. */
  verify: { badSegments: number[]; badChunks: ChunkId[] };
}

/** Does one job; `handOver` are the buffers whose ownership goes to the receiver. */
export type Perform = <J extends Job>(job: J) => { result: JobResults[J['type']]; handOver: ArrayBuffer[] };

/** The worker's side of every job. */
export function performer(keys: WorkKeys): Perform {
  const cutter = new ChunkCutter(keys);
  const streams = new StreamCutter(cutter);
  const hasher = chunkHasher(keys.chunkId);
  const perform = (job: Job): { result: JobResults[keyof JobResults]; handOver: ArrayBuffer[] } => {
    switch (job.type) {
      case 'split': {
        const parts = splitParts(cutter, asBuffer(job.buffer), job.parts);
        return { result: { buffer: job.buffer, parts }, handOver: [job.buffer.buffer] };
      }
      case 'cut': {
        const { stream, buffer, length, seen, isLast } = job;
        const cut = streams.cut(stream, asBuffer(buffer).subarray(0, length), seen, isLast);
        return { result: { ...cut, buffer }, handOver: [buffer.buffer] };
      }
      case 'seal': {
        const { sealed, codec } = sealSegment(job.seal, job.plain.subarray(0, job.length), job.dense);
        return { result: { plain: job.plain, sealed, codec }, handOver: [job.plain.buffer, sealed.buffer] };
      }
      case 'open': {
        const opened = openSegment(job.seal, job.sealed, job.codec, job.length);
        release(job.sealed);
        const plain = opened === null ? null : own(opened);
        return { result: { plain }, handOver: plain === null ? [] : [plain.buffer] };
      }
      case 'verify': {
        const result = verify(hasher, job);
        release(job.sealed);
        return { result, handOver: [] };
      }
    }
  };
  return perform as Perform;
}

function verify(hasher: (content: Uint8Array) => ChunkId, job: VerifyJob): JobResults['verify'] {
  const badSegments: number[] = [];
  const badChunks: ChunkId[] = [];
  for (const { number, at, storedLength, length, codec, chunks } of job.segments) {
    const sealed = job.sealed.subarray(at, at + storedLength);
    const plain = openSegment({ ...job.seal, number }, sealed, codec, length);
    if (plain === null) {
      badSegments.push(number);
      continue;
    }
    let from = 0;
    for (const chunk of chunks) {
      if (hasher(plain.subarray(from, from + chunk.length)) !== chunk.id) badChunks.push(chunk.id);
      from += chunk.length;
    }
    release(plain);
  }
  return { badSegments, badChunks };
}
