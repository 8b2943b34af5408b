import { isFailure } from '@backhaul/domain';
import { asPageFailure, endedWithoutCursor } from '../../backup/page-failure.ts';
import { roleOf } from '../drive-item.ts';
import type { DriveChanges } from '../drive-source.ts';
import type { DriveRun } from './drive-run.ts';
import type { WalkStart } from './drive-walk.ts';

/** A page of a list of everything also tells which folder was listed to its end with it. */
export interface ListedPage extends DriveChanges {
  folderListed?: string;
}

/**
 * The pages of one listing of the drive.
 * @throws PageFailure when one cannot be had; throttling, which is no failure of the list, as it is.
 */
export async function* drivePages(run: DriveRun, start: WalkStart): AsyncGenerator<ListedPage> {
  const pages = start.by === 'tree' ? treePages(run) : feedPages(run, start.cursor);
  let pagesRead = 0;
  try {
    for (;;) {
      const next = await pages.next();
      if (next.done === true) return;
      pagesRead += 1;
      yield next.value;
    }
  } catch (error) {
    throw asPageFailure(error, pagesRead);
  } finally {
    await pages.return(undefined);
  }
}

async function* feedPages(run: DriveRun, cursor: string | null): AsyncGenerator<ListedPage> {
  const sharing = run.work.include.filePermissions;
  const feed = run.source.changes(cursor, { sharing }, run.context.signal);
  for await (const page of asked(run, feed)) {
    yield page;
    // Only the last page has a cursor, so there is nothing more to ask for.
    if (page.cursor !== undefined) return;
  }
  throw endedWithoutCursor();
}

/** Folder by folder, each before what lies below it. */
async function* treePages(run: DriveRun): AsyncGenerator<ListedPage> {
  const root = await run.pace.ask((signal) => run.source.item(run.drive.rootId, signal));
  yield { changed: [root], removed: [] };
  const folders = [root.id];
  for (const folderId of folders) {
    for await (const changed of childPages(run, folderId)) {
      for (const item of changed) if (roleOf(item) === 'folder') folders.push(item.id);
      yield { changed, removed: [] };
    }
    yield { changed: [], removed: [], folderListed: folderId };
  }
}

/** What lies in one folder; nothing when the folder itself is gone by now. @throws what else the source says. */
export async function* childPages(run: DriveRun, folderId: string): AsyncGenerator<DriveChanges['changed']> {
  try {
    yield* asked(run, run.source.children(folderId, run.context.signal));
  } catch (error) {
    if (!isFailure(error, 'not-found') || (await isThere(run, folderId))) throw error;
  }
}

async function isThere(run: DriveRun, id: string): Promise<boolean> {
  try {
    await run.pace.ask((signal) => run.source.item(id, signal));
    return true;
  } catch (error) {
    if (isFailure(error, 'not-found')) return false;
    throw error;
  }
}

/** Every page is a request of its own, made when its turn has come. */
async function* asked<T>(run: DriveRun, pages: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await run.pace.ask(() => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
