import { planRestore } from '@backhaul/engine';
import type { PointReader } from '@backhaul/repository';
import { bundleFolder } from './bundle-folder.ts';
import type { ExportOptions } from './export-options.ts';
import type { ExportRun } from './export-run.ts';
import type { ExportedEntry } from './exported-file.ts';
import { FolderPlaces } from './folder-places.ts';
import { Manifest } from './manifest.ts';
import { singleFiles } from './single-files.ts';

/** The last file of each export. */
export const MANIFEST_NAME = 'manifest.json';

/**
 * A point, or what is selected of it, as files: folder by folder, at the end the {@link Manifest}. An item that cannot be read
 * is named there and breaks nothing. Memory does not grow with the size of items; only with their number, by the manifest.
 * @throws Failure what the repository throws for the tree itself; what the signal says once it is aborted.
 */
export async function* exportFiles(point: PointReader, options: ExportOptions): AsyncGenerator<ExportedEntry> {
  const plan = await planRestore(point, options.selection);
  const places = new FolderPlaces(plan.tree, options.perFolder ?? []);
  const missing = [...plan.missing];
  const run: ExportRun = { point, options, manifest: new Manifest(point.record, missing), missing };
  for (const planned of plan.folders) {
    options.signal?.throwIfAborted();
    const place = places.of(planned.folder.id);
    yield* place.bundle === null ? singleFiles(run, planned, place) : bundleFolder(run, planned, place.bundle, place);
  }
  yield {
    type: 'file',
    path: MANIFEST_NAME,
    modifiedAt: new Date(point.record.committedAt),
    known: null,
    mayReplace: true,
    content: run.manifest.content(),
  };
}
