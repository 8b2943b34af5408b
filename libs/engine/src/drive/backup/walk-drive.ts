import { Failure } from '@backhaul/domain';
import { forEachLimited, oneAfterTheOther } from '../../limiter.ts';
import { drivePages } from './drive-pages.ts';
import { reportDrive, type DriveRun } from './drive-run.ts';
import { DriveWalk, type WalkStart } from './drive-walk.ts';
import { placeFile, takeListed, type ListedFile } from './place-file.ts';
import { settleWalk } from './settle-walk.ts';

/** Files looked at ahead of those that are being transferred. */
const LOOKED_AT_ONCE = 8;

/**
 * Lists the drive once to its end and brings the point up to date with it. Only a listing that has come to its end removes
 * anything, and only then the position in the feed moves on.
 * @returns how often the point was changed.
 * @throws PageFailure when the list broke off, and whatever stops the work.
 */
export async function walkDrive(run: DriveRun, start: WalkStart): Promise<number> {
  const asOf = run.context.clock.now().toISOString();
  const walk = new DriveWalk(start);
  walk.parents.add(run.drive.rootId);
  const cursor = await listAll(run, walk, start.by === 'tree' ? await latestCursor(run) : null);
  await settleWalk(run, walk);
  run.position = { cursor, asOf };
  return walk.effects;
}

async function listAll(run: DriveRun, walk: DriveWalk, cursorBefore: string | null): Promise<string | null> {
  const feed = { cursor: cursorBefore };
  const inOrder = oneAfterTheOther();
  await forEachLimited(listedFiles(run, walk, feed), LOOKED_AT_ONCE, async (file) => {
    await inOrder(file.item.id, () => placeFile(run, walk, file)).catch((error: unknown) => {
      // The others stop at their next request instead of going on for nothing.
      throw run.pace.stop(error);
    });
  });
  return feed.cursor;
}

async function* listedFiles(
  run: DriveRun,
  walk: DriveWalk,
  feed: { cursor: string | null },
): AsyncGenerator<ListedFile> {
  for await (const page of drivePages(run, walk.start)) {
    for (const { id, parentId } of page.removed) walk.removed(id, parentId);
    for (const item of page.changed) {
      const file = await takeListed(run, walk, item);
      if (file !== null) yield file;
    }
    feed.cursor = page.cursor ?? feed.cursor;
    if (page.folderListed !== undefined && walk.transfersAll) run.transferred.folderListed(page.folderListed);
    reportDrive(run, 'listing');
  }
}

/** Taken before everything is listed one by one: what changes meanwhile is told afterwards. Without the feed, nothing is. */
async function latestCursor(run: DriveRun): Promise<string | null> {
  try {
    return await run.pace.ask((signal) => run.source.latest(signal));
  } catch (error) {
    if (error instanceof Failure && ABOUT_THE_FEED.includes(error.kind)) return null;
    throw error;
  }
}

const ABOUT_THE_FEED: readonly Failure['kind'][] = [
  'expired',
  'not-found',
  'unavailable',
  'timed-out',
  'invalid-input',
];
