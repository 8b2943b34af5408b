/*
 * Items of a recovery point as files of their own. `exportFiles` gives them one by one, a manifest at the end; `zipOf` makes
 * an archive of them while it is read, `exportToFolder` writes them into a folder. `renderItem` makes one item a file;
 * `safeName` decides what files are called.
 */
export { exportFiles, MANIFEST_NAME } from './export-files.ts';
export { BUNDLED_KINDS, type BundledKind, type ExportOptions } from './export-options.ts';
export type { ExportedEntry, ExportedFile, ExportedFolder } from './exported-file.ts';
export { textOfHtml } from './html-text.ts';
export { fileNameOf } from './item-files.ts';
export type { ExportResult, ManifestItem, WrittenFile } from './manifest.ts';
export { renderItem, type Content, type Rendered } from './render-item.ts';
export { MAX_NAME_BYTES, safeName, TakenNames } from './safe-name.ts';
export { exportToFolder, type FolderReport } from './to-folder.ts';
export { zipOf } from './zip.ts';
