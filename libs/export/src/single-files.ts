import type { PlannedFolder } from '@backhaul/engine';
import type { ItemEntry } from '@backhaul/repository';
import type { ExportRun } from './export-run.ts';
import type { ExportedEntry, ExportedFile } from './exported-file.ts';
import type { Place } from './folder-places.ts';
import { ItemAccount } from './item-account.ts';
import { besideFiles, fileNameOf, modifiedAtOf } from './item-files.ts';
import { windowsOf } from './planned-items.ts';
import { renderItem, type Rendered } from './render-item.ts';
import { safeName } from './safe-name.ts';

/** The items of a folder as files of their own. */
export async function* singleFiles(
  run: ExportRun,
  planned: PlannedFolder,
  place: Place,
): AsyncGenerator<ExportedEntry> {
  yield { type: 'folder', path: place.path };
  for await (const window of windowsOf(run.point, planned, (issue) => run.missing.push(issue))) {
    // Names are given in order of the ids, so that they do not depend on where content lies in the store.
    const names = new Map(window.map((item) => [item.id, safeName(fileNameOf(item), place.taken)]));
    for (const item of run.point.inStorageOrder(window)) {
      yield* itemFiles(run, planned, place, item, names.get(item.id) ?? item.id);
    }
  }
}

async function* itemFiles(
  run: ExportRun,
  planned: PlannedFolder,
  place: Place,
  item: ItemEntry,
  name: string,
): AsyncGenerator<ExportedFile> {
  const { point, options, manifest } = run;
  const account = new ItemAccount(item, planned.path, options.signal);
  let rendered: Rendered | null = null;
  try {
    rendered = await renderItem(point, item, { fileVersions: options.fileVersions ?? false });
    account.note(rendered.notes);
  } catch (error) {
    account.fail(error);
  }
  if (rendered !== null) {
    const modifiedAt = modifiedAtOf(item, point);
    yield account.file(`${place.path}/${name}`, rendered.content, { modifiedAt, known: rendered.known });
    yield* besideFiles(account, rendered, { place, name, modifiedAt });
  }
  account.close(manifest);
}
