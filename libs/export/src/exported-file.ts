/** One thing of an export, in the order in which it is written. */
export type ExportedEntry = ExportedFolder | ExportedFile;

/** A folder that is there even if nothing lies in it. */
export interface ExportedFolder {
  type: 'folder';
  /** Safe names joined by `/`, from the top of the export. */
  path: string;
}

export interface ExportedFile {
  type: 'file';
  /** Safe names joined by `/`, from the top of the export. No two files of an export have paths that differ in case only. */
  path: string;
  modifiedAt: Date;
  /** What the content is, where that is known before it is read. */
  known: { sha256: string; length: number } | null;
  /** May replace an older file of this name: it is our own account of the export. */
  mayReplace: boolean;
  /**
   * To be read once, and to its end before the next entry is asked for; or, where it is known, not at all. Fails only when
   * the whole export does.
   */
  content: AsyncIterable<Uint8Array>;
}
