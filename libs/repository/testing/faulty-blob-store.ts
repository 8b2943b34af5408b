import { Failure } from '@backhaul/domain';
import type { BlobInfo, BlobStore, ByteRange } from '../src/blob-store.ts';

/** One call to a store. */
export interface StoreCall {
  /** Counts all calls, from 1. */
  number: number;
  operation: 'put' | 'create' | 'get' | 'stat' | 'list' | 'remove' | 'touch';
  name: string;
}

/** How a call fails: before it did anything, or after all was done, so that only its answer is lost. */
export interface Fault {
  failure: Failure;
  isDone: boolean;
}

/** A store that fails as planned. `plan` is asked at every call; null lets it pass. */
export class FaultyBlobStore implements BlobStore {
  readonly description = 'faulty';
  calls: StoreCall[] = [];
  plan: (call: StoreCall) => Fault | null;
  readonly #inner: BlobStore;

  constructor(inner: BlobStore, plan: (call: StoreCall) => Fault | null = () => null) {
    this.#inner = inner;
    this.plan = plan;
  }

  put(name: string, content: readonly Uint8Array[]): Promise<void> {
    return this.#call('put', name, () => this.#inner.put(name, content));
  }

  create(name: string, content: Uint8Array): Promise<'created' | 'exists'> {
    return this.#call('create', name, () => this.#inner.create(name, content));
  }

  get(name: string, range?: ByteRange): Promise<Uint8Array> {
    return this.#call('get', name, () => this.#inner.get(name, range));
  }

  stat(name: string): Promise<BlobInfo | null> {
    return this.#call('stat', name, () => this.#inner.stat(name));
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    await this.#call('list', prefix, () => Promise.resolve());
    yield* this.#inner.list(prefix);
  }

  remove(name: string): Promise<void> {
    return this.#call('remove', name, () => this.#inner.remove(name));
  }

  touch(name: string): Promise<void> {
    return this.#call('touch', name, () => this.#inner.touch(name));
  }

  async #call<T>(operation: StoreCall['operation'], name: string, act: () => Promise<T>): Promise<T> {
    const call = { number: this.calls.length + 1, operation, name };
    this.calls.push(call);
    const fault = this.plan(call);
    if (fault?.isDone === false) throw fault.failure;
    const result = await act();
    if (fault !== null) throw fault.failure;
    return result;
  }
}

/** The store is there but failing; with `isDone` the call was carried out all the same. */
export function unavailable(isDone = false): Fault {
  const failure = new Failure('unavailable', {
    code: 'blob-store.unavailable',
    message: 'The store does not answer.',
    retry: 'later',
  });
  return { failure, isDone };
}

/** The store is full. */
export function noSpace(): Fault {
  const failure = new Failure('no-space', {
    code: 'repository.no-space',
    message: 'There is no space left.',
    retry: 'later',
  });
  return { failure, isDone: false };
}
