import { closeSync, openSync, fstatSync, readSync, writeSync } from 'node:fs';

/** An append-only file for what clients post: bodies, attachments, MIME. The journal refers to it by offset and size. */
export class ContentFile {
  readonly #file: number;
  #end: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a+', 0o600);
    this.#end = fstatSync(this.#file).size;
  }

  /** The bytes are with the operating system when this returns, so they survive the end of the process. */
  append(bytes: Uint8Array): { offset: number; size: number } {
    const offset = this.#end;
    let written = 0;
    while (written < bytes.length) written += writeSync(this.#file, bytes, written, bytes.length - written);
    this.#end += bytes.length;
    return { offset, size: bytes.length };
  }

  read(offset: number, size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    let done = 0;
    while (done < size) {
      const count = readSync(this.#file, bytes, done, size - done, offset + done);
      if (count === 0) throw new Error(`the content file ends before byte ${offset + size}: it was cut or replaced`);
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#file);
  }
}
