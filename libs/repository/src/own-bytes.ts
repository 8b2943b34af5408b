import { types } from 'node:util';

/** Memory outside the heap: whose it is, and giving it back. */

/** Memory that belongs to one holder at a time: transferred between threads, never copied. */
export type OwnBytes = Uint8Array<ArrayBuffer>;

/** Unlike `instanceof`, also for memory that another realm made. */
const { isArrayBuffer } = types;

/** New memory, not zeroed. */
export function ownBytes(length: number): OwnBytes {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** Memory of its own: what is a slice of a shared pool must be copied before it can be handed over. */
export function own(bytes: Uint8Array): OwnBytes {
  const { buffer } = bytes;
  return isArrayBuffer(buffer) && buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

/** The same memory with a Buffer's methods. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Small Buffers are slices of memory that they share; all of it is smaller than this. */
const SHARED_POOL_BYTES = Buffer.poolSize;

/**
 * Gives memory back now. The collector would do so some time later: it weighs the heap, in which a buffer of megabytes is a few
 * words, and threads that make many buffers would hold on to a hundred MB each. Nothing may use the bytes afterwards.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (isArrayBuffer(buffer) && buffer.byteLength > SHARED_POOL_BYTES && !buffer.detached) buffer.transfer(0);
}
