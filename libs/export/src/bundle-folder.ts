import { readStoredEvent, type PlannedFolder } from '@backhaul/engine';
import type { ItemEntry, PointReader } from '@backhaul/repository';
import { CalendarFile } from './calendar/calendar-file.ts';
import type { ExportRun } from './export-run.ts';
import type { ExportedEntry } from './exported-file.ts';
import type { Place } from './folder-places.ts';
import { ItemAccount } from './item-account.ts';
import { besideFiles, fileNameOf, modifiedAtOf } from './item-files.ts';
import { mboxMessage } from './mail/mbox.ts';
import { windowsOf } from './planned-items.ts';
import { envelopeOf, neverRead, notesOfState, renderItem } from './render-item.ts';

/** A file that holds many items: what stands before, of each, and behind. */
interface Bundle {
  head: string;
  end: string;
  /** The item as it stands in the file. `hasMore`: files that belong to it come later. */
  add(item: ItemEntry, account: ItemAccount): Promise<{ content: AsyncIterable<Uint8Array>; hasMore: boolean }>;
}

/** All items of a folder as one file at `path`; behind it the files that belong to items and are too large for it. */
export async function* bundleFolder(
  run: ExportRun,
  planned: PlannedFolder,
  path: string,
  place: Place,
): AsyncGenerator<ExportedEntry> {
  const { point } = run;
  const later: { item: ItemEntry; account: ItemAccount }[] = [];
  yield {
    type: 'file',
    path,
    modifiedAt: new Date(point.record.committedAt),
    known: null,
    mayReplace: false,
    content: bundled(run, planned, bundleOf(point, planned, path), later),
  };
  for (const { item, account } of later) {
    // Read once more, so that large attachments of many items are not all kept.
    const rendered = await renderItem(point, item, { fileVersions: false });
    yield* besideFiles(account, rendered, { place, name: fileNameOf(item), modifiedAt: modifiedAtOf(item, point) });
    account.close(run.manifest);
  }
}

async function* bundled(
  run: ExportRun,
  planned: PlannedFolder,
  bundle: Bundle,
  later: { item: ItemEntry; account: ItemAccount }[],
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bundle.head);
  for await (const window of windowsOf(run.point, planned, (issue) => run.missing.push(issue))) {
    for (const item of run.point.inStorageOrder(window)) {
      const account = new ItemAccount(item, planned.path, run.options.signal);
      let hasMore = false;
      try {
        const added = await bundle.add(item, account);
        yield* added.content;
        hasMore = added.hasMore;
      } catch (error) {
        account.fail(error);
      }
      if (hasMore) later.push({ item, account });
      else account.close(run.manifest);
    }
  }
  yield Buffer.from(bundle.end);
}

function bundleOf(point: PointReader, { folder }: PlannedFolder, path: string): Bundle {
  if (folder.kind === 'calendar') return calendarBundle(point, folder.name, path);
  const isMail = folder.kind === 'mail';
  return {
    head: '',
    end: '',
    async add(item, account) {
      const { content, notes } = await renderItem(point, item, { fileVersions: false });
      account.note(notes);
      const own = account.within(path, content);
      if (!isMail || item.kind !== 'message') return { content: own, hasMore: false };
      return { content: mboxMessage(await envelopeOf(point, item), own), hasMore: false };
    },
  };
}

function calendarBundle(point: PointReader, name: string, path: string): Bundle {
  const calendar = new CalendarFile(name);
  return {
    head: calendar.head,
    end: CalendarFile.end,
    async add(item, account) {
      const event = await readStoredEvent(item, point);
      if (event === null) throw await neverRead(point, item);
      const { text, beside, losses } = calendar.event(event);
      account.note([...(await notesOfState(point, item)), ...losses]);
      return { content: account.within(path, Buffer.from(text)), hasMore: beside.length > 0 };
    },
  };
}
