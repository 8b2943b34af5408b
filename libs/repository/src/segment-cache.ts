/** Plain segments that were read lately, up to a number of bytes. Readers of the same segment share one read. */
export class SegmentCache {
  readonly #maxBytes: number;
  /** In order of use, the latest last. */
  readonly #segments = new Map<string, { bytes: number; plain: Promise<Buffer> }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The segment under `key`, read by `read` when it is not there. `bytes` is its plain length. */
  get(key: string, bytes: number, read: () => Promise<Buffer>): Promise<Buffer> {
    const there = this.#segments.get(key);
    if (there !== undefined) {
      this.#segments.delete(key);
      this.#segments.set(key, there);
      return there.plain;
    }
    const plain = read();
    this.#segments.set(key, { bytes, plain });
    this.#bytes += bytes;
    // A failed read is not remembered.
    plain.catch(() => this.#drop(key, plain));
    this.#shrink();
    return plain;
  }

  #shrink(): void {
    for (const [key, { plain }] of this.#segments) {
      if (this.#bytes <= this.#maxBytes || this.#segments.size === 1) return;
      this.#drop(key, plain);
    }
  }

  #drop(key: string, plain: Promise<Buffer>): void {
    const there = this.#segments.get(key);
    if (there?.plain !== plain) return;
    this.#segments.delete(key);
    this.#bytes -= there.bytes;
  }
}
