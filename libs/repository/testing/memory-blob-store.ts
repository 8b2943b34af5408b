import { Failure } from '@backhaul/domain';
import type { BlobInfo, BlobStore, ByteRange } from '../src/blob-store.ts';

/** A blob store in memory: keeps every promise of the port, and lets tests look at and damage what is stored. */
export class MemoryBlobStore implements BlobStore {
  readonly description = 'memory';
  /** What is stored, by name; tests may change it to do damage. */
  readonly objects = new Map<string, { content: Uint8Array; modifiedAt: Date }>();
  readonly #now: () => Date;

  /** `now` is the storage's clock. */
  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  async put(name: string, content: readonly Uint8Array[]): Promise<void> {
    await Promise.resolve();
    this.objects.set(name, { content: Buffer.concat(content), modifiedAt: this.#now() });
  }

  async create(name: string, content: Uint8Array): Promise<'created' | 'exists'> {
    await Promise.resolve();
    if (this.objects.has(name)) return 'exists';
    this.objects.set(name, { content: new Uint8Array(content), modifiedAt: this.#now() });
    return 'created';
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array> {
    await Promise.resolve();
    const { content } = this.#object(name);
    if (range === undefined) return new Uint8Array(content);
    if (range.offset + range.length > content.length) {
      throw new Failure('corrupt', { code: 'blob-store.too-short', message: `${name} is too short.`, retry: 'never' });
    }
    return content.slice(range.offset, range.offset + range.length);
  }

  async stat(name: string): Promise<BlobInfo | null> {
    await Promise.resolve();
    const object = this.objects.get(name);
    return object === undefined ? null : { name, size: object.content.length, modifiedAt: object.modifiedAt };
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    const names = [...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort();
    for (const name of names) {
      const info = await this.stat(name);
      if (info !== null) yield info;
    }
  }

  async remove(name: string): Promise<void> {
    await Promise.resolve();
    this.objects.delete(name);
  }

  async touch(name: string): Promise<void> {
    await Promise.resolve();
    this.#object(name).modifiedAt = this.#now();
  }

  /** A copy that later changes do not reach. */
  copy(): MemoryBlobStore {
    const copy = new MemoryBlobStore(this.#now);
    for (const [name, { content, modifiedAt }] of this.objects) copy.objects.set(name, { content, modifiedAt });
    return copy;
  }

  #object(name: string) {
    const object = this.objects.get(name);
    if (object !== undefined) return object;
    throw new Failure('not-found', { code: 'blob-store.not-found', message: `There is no ${name}.`, retry: 'never' });
  }
}
