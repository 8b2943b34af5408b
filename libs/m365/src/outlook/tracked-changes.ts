import { Failure, isFailure } from '@backhaul/domain';
import type { ItemChanges, ItemProperties } from '@backhaul/engine';
import { checkCursor, noCursor } from '../cursor.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { Page } from '../paging.ts';

/** A walk through a collection by Graph's change tracking. */
export interface TrackedWalk {
  /** Of the first request, with its query. */
  path: string;
  /** A delta link that was given earlier, or null for everything. */
  cursor: string | null;
  /** Graph's host, where cursors must lead. */
  host: string;
  /** Entries asked for per page. */
  pageSize: number;
  signal: AbortSignal;
}

/** An entry as change tracking gives it; it may be the mark of one that left the collection. */
type Tracked = { id: string; '@removed'?: { reason?: string } };

/**
 * The changes of a folder since its cursor, or everything. An id that comes more than once in a page counts as what it is
 * last.
 * @throws Failure `expired`; `not-found` when the folder is gone; `invalid-input` for a cursor that was damaged
 */
export async function* trackedChanges<T extends Tracked, P extends ItemProperties>(
  mailbox: Mailbox,
  walk: TrackedWalk,
  propertiesOf: (entry: T) => P,
): AsyncGenerator<ItemChanges<P>> {
  for await (const { value, deltaLink } of trackedPages<T>(mailbox, walk)) {
    const latest = [...new Map(value.map((entry) => [entry.id, entry])).values()];
    yield {
      changed: latest.filter((entry) => entry['@removed'] === undefined).map(propertiesOf),
      removed: latest.filter((entry) => entry['@removed'] !== undefined).map(({ id }) => id),
      ...(deltaLink === undefined ? {} : { cursor: deltaLink }),
    };
  }
}

/** The pages of the walk as they come; the last one has a delta link. */
export async function* trackedPages<T>(
  mailbox: Mailbox,
  { path, cursor, host, pageSize, signal }: TrackedWalk,
): AsyncGenerator<Page<T>> {
  if (cursor !== null) checkCursor(cursor, host);
  let last: string | undefined;
  try {
    const from = cursor === null ? {} : { from: cursor };
    for await (const page of mailbox.pages<T>({ path, pageSize, signal, ...from })) {
      last = page.deltaLink;
      yield page;
    }
  } catch (error) {
    throw cursor === null ? folderGone(error) : error;
  }
  if (last === undefined) throw noCursor();
}

/** Without a cursor there is none to be lost: the folder itself is not there. */
function folderGone(error: unknown): unknown {
  if (!isFailure(error) || error.code !== 'graph.sync-folder-not-found') return error;
  const { message, where } = error;
  return new Failure('not-found', {
    code: 'graph.item-not-found',
    message,
    retry: 'never',
    where: { ...where },
    cause: error,
  });
}
