/** Tells of folders that have been listed to their end and whose files are all done. */
export class FinishedFolders {
  readonly #onFinished: (folderId: string) => void;
  readonly #open = new Map<string, number>();
  readonly #listed = new Set<string>();

  constructor(onFinished: (folderId: string) => void) {
    this.#onFinished = onFinished;
  }

  /** A file of the folder is to be worked on. */
  fileListed(folderId: string): void {
    this.#open.set(folderId, (this.#open.get(folderId) ?? 0) + 1);
  }

  fileDone(folderId: string): void {
    this.#open.set(folderId, (this.#open.get(folderId) ?? 0) - 1);
    this.#tell(folderId);
  }

  /** No more files of this folder are to come. */
  folderListed(folderId: string): void {
    this.#listed.add(folderId);
    this.#tell(folderId);
  }

  #tell(folderId: string): void {
    if (!this.#listed.has(folderId) || (this.#open.get(folderId) ?? 0) > 0) return;
    this.#open.delete(folderId);
    this.#listed.delete(folderId);
    this.#onFinished(folderId);
  }
}
