import type { ItemChanges, ItemProperties } from '../item-source.ts';
import type { KindReading } from './backup-run.ts';
import { asPageFailure, endedWithoutCursor, PageFailure } from './page-failure.ts';

/**
 * The pages of a container, by change tracking or by a plain list, each as one request.
 * @throws PageFailure when one cannot be had; what asks the work to wait or stop is thrown as it is.
 */
export async function* pagesOf(
  { run, of }: KindReading,
  containerId: string,
  { by, cursor }: { by: 'changes' | 'list'; cursor: string | null },
): AsyncGenerator<ItemChanges<ItemProperties>> {
  const { signal } = run.context;
  const pages =
    by === 'list' ? listed(of.source.list(containerId, signal)) : of.source.changes(containerId, cursor, signal);
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (let pagesRead = 0; ; pagesRead += 1) {
      const next = await run.pace
        .ask(() => iterator.next())
        .catch((error: unknown): never => {
          throw asPageFailure(error, pagesRead);
        });
      if (next.done === true) {
        if (by === 'list') return;
        throw new PageFailure(endedWithoutCursor(), 0);
      }
      yield next.value;
      // Only the last page has a cursor, so there is nothing more to ask for.
      if (next.value.cursor !== undefined) return;
    }
  } finally {
    await iterator.return?.();
  }
}

async function* listed(pages: AsyncIterable<ItemProperties[]>): AsyncGenerator<ItemChanges<ItemProperties>> {
  for await (const changed of pages) yield { changed, removed: [] };
}
