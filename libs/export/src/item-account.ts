import { createHash } from 'node:crypto';
import { toFailure } from '@backhaul/domain';
import type { ItemEntry } from '@backhaul/repository';
import type { ExportedFile } from './exported-file.ts';
import type { Manifest, ManifestItem, WrittenFile } from './manifest.ts';
import type { Content } from './render-item.ts';

/** Notes down what becomes of one item while its files are written. */
export class ItemAccount {
  readonly #item: ItemEntry;
  readonly #folder: string[];
  readonly #signal: AbortSignal | undefined;
  readonly #notes: string[] = [];
  readonly #files: WrittenFile[] = [];
  #result: ManifestItem['result'] = 'exported';

  constructor(item: ItemEntry, folder: string[], signal: AbortSignal | undefined) {
    this.#item = item;
    this.#folder = folder;
    this.#signal = signal;
  }

  /** The item is not quite what it was. */
  note(notes: readonly string[]): void {
    if (notes.length > 0) this.#worse('degraded');
    this.#notes.push(...notes);
  }

  /** Nothing of it could be written. @throws what the export's signal says, when that is why. */
  fail(error: unknown): void {
    this.#signal?.throwIfAborted();
    this.#worse('failed');
    this.#notes.push(toFailure(error).message);
  }

  /** A file of the item. What fails in its content ends the file early, and is noted; the export goes on. */
  file(path: string, content: Content, details: Pick<ExportedFile, 'modifiedAt' | 'known'>): ExportedFile {
    const { sha256 = '', length = 0 } = details.known ?? {};
    const written: WrittenFile = { path, sha256, bytes: length };
    this.#files.push(written);
    return { type: 'file', path, mayReplace: false, ...details, content: this.#measured(content, written) };
  }

  /** Bytes of the item within a file of a whole folder. */
  within(path: string, content: Content): AsyncIterable<Uint8Array> {
    return this.file(path, content, { modifiedAt: new Date(0), known: null }).content;
  }

  /** Once all files of the item are written. */
  close(manifest: Manifest): void {
    const [file, ...beside] = this.#result === 'failed' ? [] : this.#files;
    manifest.add({
      kind: this.#item.kind,
      id: this.#item.id,
      folderId: this.#item.containerId,
      folder: this.#folder,
      name: 'name' in this.#item ? this.#item.name : this.#item.subject,
      result: this.#result,
      ...(file === undefined ? {} : { file }),
      ...(beside.length === 0 ? {} : { beside }),
      ...(this.#notes.length === 0 ? {} : { notes: this.#notes }),
    });
  }

  async *#measured(content: Content, written: WrittenFile): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    written.bytes = 0;
    try {
      for await (const piece of content instanceof Uint8Array ? [content] : content) {
        this.#signal?.throwIfAborted();
        hash.update(piece);
        written.bytes += piece.length;
        yield piece;
      }
    } catch (error) {
      this.#signal?.throwIfAborted();
      this.#worse('incomplete');
      this.#notes.push(`${written.path} ends after ${written.bytes} bytes: ${toFailure(error).message}`);
    }
    written.sha256 = hash.digest('hex');
  }

  #worse(result: ManifestItem['result']): void {
    const order = ['exported', 'degraded', 'incomplete', 'failed'] as const;
    if (order.indexOf(result) > order.indexOf(this.#result)) this.#result = result;
  }
}
