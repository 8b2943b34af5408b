import { digestToId, sha256, type ChunkId } from './chunk-id.ts';
import { certainLengths, chunkLengths, gearTable, type GearTable } from './chunker.ts';

/** A chunk as it lies in a buffer. */
export interface ChunkSlice {
  id: ChunkId;
  offset: number;
  length: number;
  /** It looks random (compressed, encrypted): not worth compressing. */
  dense: boolean;
}

/** Cuts streams into identified chunks. */
export class ChunkCutter {
  readonly #gear: GearTable;
  readonly #idOf: (digest: Uint8Array) => ChunkId;

  constructor(keys: { chunkId: Uint8Array; chunker: Uint8Array }) {
    this.#gear = gearTable(keys.chunker);
    this.#idOf = digestToId(keys.chunkId);
  }

  /** The chunks of a stream that is all there. It lies at `offset` of its buffer; `digest` is its SHA-256 when that is known. */
  whole(stream: Buffer, offset: number, digest: Buffer | null = null): ChunkSlice[] {
    const lengths = chunkLengths(this.#gear, stream);
    return this.#slices(stream, offset, lengths, lengths.length === 1 ? digest : null);
  }

  /**
   * The chunks at the beginning of a window of a long stream that whatever comes after it cannot change; with `isLast` all.
   * A window of {@link MAX_CHUNK_LENGTH} has one at least.
   */
  certain(window: Buffer, isLast: boolean): ChunkSlice[] {
    return this.#slices(window, 0, certainLengths(this.#gear, window, isLast), null);
  }

  #slices(stream: Buffer, offset: number, lengths: number[], digest: Buffer | null): ChunkSlice[] {
    let at = 0;
    return lengths.map((length) => {
      const chunk = stream.subarray(at, at + length);
      const slice = { id: this.#idOf(digest ?? sha256(chunk)), offset: offset + at, length, dense: looksDense(chunk) };
      at += length;
      return slice;
    });
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
