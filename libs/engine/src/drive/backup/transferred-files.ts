import type { ContainerState } from '@backhaul/repository';

/** What is known of one folder. */
interface FolderProgress {
  /** Its list has come to its end. */
  isListed: boolean;
  /** Files that were listed and are not done. */
  open: number;
  done: Set<string>;
}

/** Where a checkpoint keeps them: a folder without a cursor is done, else the cursor names the files that are. */
type FolderState = Pick<ContainerState, 'containerId' | 'cursor'>;

/**
 * Which files a task that transfers everything has transferred, so that an attempt which resumes it does not transfer them
 * again. Of a folder that is done it remembers no more than that.
 */
export class TransferredFiles {
  readonly #doneFolders = new Set<string>();
  readonly #folders = new Map<string, FolderProgress>();

  /** @param states as {@link TransferredFiles.states} gave them to the last checkpoint */
  constructor(states: readonly FolderState[]) {
    for (const { containerId, cursor } of states) {
      if (cursor === null) this.#doneFolders.add(containerId);
      else this.#progress(containerId).done = new Set(JSON.parse(cursor) as string[]);
    }
  }

  has(folderId: string, fileId: string): boolean {
    return this.#doneFolders.has(folderId) || this.#folders.get(folderId)?.done.has(fileId) === true;
  }

  /** A file is to be worked on. */
  fileListed(folderId: string): void {
    this.#progress(folderId).open += 1;
  }

  /** It is in the point. */
  fileDone(folderId: string, fileId: string): void {
    const progress = this.#progress(folderId);
    progress.open -= 1;
    progress.done.add(fileId);
    this.#close(folderId, progress);
  }

  /** No more files of this folder are to come. */
  folderListed(folderId: string): void {
    const progress = this.#progress(folderId);
    progress.isListed = true;
    this.#close(folderId, progress);
  }

  /** For a checkpoint. */
  get states(): FolderState[] {
    const done = [...this.#doneFolders].map((containerId) => ({ containerId, cursor: null }));
    const begun = [...this.#folders].filter(([, progress]) => progress.done.size > 0);
    return [
      ...done,
      ...begun.map(([containerId, progress]) => ({ containerId, cursor: JSON.stringify([...progress.done]) })),
    ];
  }

  #progress(folderId: string): FolderProgress {
    const progress = this.#folders.get(folderId) ?? { isListed: false, open: 0, done: new Set<string>() };
    this.#folders.set(folderId, progress);
    return progress;
  }

  #close(folderId: string, { isListed, open }: FolderProgress): void {
    if (!isListed || open > 0) return;
    this.#folders.delete(folderId);
    this.#doneFolders.add(folderId);
  }
}
