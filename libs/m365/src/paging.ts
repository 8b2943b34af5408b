import { createHash } from 'node:crypto';
import { Failure, isFailure } from '@backhaul/domain';
import type { GraphRequest, PageRequest } from './graph-request.ts';
import { checkLink } from './links.ts';

export interface Page<T> {
  value: T[];
  /** On the last page of a change-tracking walk. */
  deltaLink?: string;
}

export interface PageFetching {
  /** Graph's host; a link to any other one is not followed. */
  host: string;
  /** One page; `link` is sent exactly as it is. */
  fetchPage: (request: GraphRequest, link: string | null) => Promise<unknown>;
}

interface Collection<T> {
  value?: T[] | null;
  '@odata.nextLink'?: string;
  '@odata.deltaLink'?: string;
}

/** Below this there is no smaller page worth trying. */
const SMALLEST_PAGE = 10;
const SHRINK_BY = 10;

/**
 * The pages of a collection. Each follows the link of the one before, word by word and with the same headers; an empty page
 * with a link is ordinary.
 * @throws Failure `graph.foreign-link`; `graph.endless-paging` when the list does not end, and `graph.broken-link` when it
 * goes on nowhere: both are `unavailable`, so that where changes are tracked a plain list takes their place.
 */
export async function* pages<T>(request: PageRequest, fetching: PageFetching): AsyncGenerator<Page<T>> {
  const guard = circleGuard();
  let size = request.pageSize;
  let link = request.from === undefined ? null : checkLink(request.from, [fetching.host]);
  for (;;) {
    let page: Collection<T>;
    try {
      page = (await fetching.fetchPage(withPageSize(request, size), link)) as Collection<T>;
    } catch (error) {
      // Some mailboxes time out for a given page size, again and again.
      if (size === undefined || size <= SMALLEST_PAGE || !isFailure(error, 'unavailable', 'timed-out')) throw error;
      size = Math.max(SMALLEST_PAGE, Math.floor(size / SHRINK_BY));
      continue;
    }
    const value = entriesOf(page);
    const next = page['@odata.nextLink'];
    const delta = page['@odata.deltaLink'];
    if (delta !== undefined) checkLink(delta, [fetching.host]);
    if (next !== undefined) {
      link = checkLink(next, [fetching.host]);
      guard(link, value);
    }
    yield { value, ...(delta === undefined ? {} : { deltaLink: delta }) };
    if (next === undefined) return;
  }
}

/**
 * The entries of one page. A page without a list is no empty page: what was not listed would be taken for deleted.
 * @throws Failure `unavailable`
 */
export function entriesOf<T>(page: { value?: T[] | null }): T[] {
  if (Array.isArray(page.value)) return page.value;
  throw new Failure('unavailable', {
    code: 'graph.no-list',
    message: 'A list was asked for, and the answer has none.',
    retry: 'later',
  });
}

function withPageSize(request: PageRequest, size: number | undefined): GraphRequest {
  if (size === undefined) return request;
  return { ...request, prefer: [...(request.prefer ?? []), `odata.maxpagesize=${size}`] };
}

/** So often the same page, each time with a new link, makes a walk count as endless; likewise empty ones in a row. */
const MOST_EQUAL_PAGES = 3;
const MOST_EMPTY_PAGES = 100;

/**
 * Recognises the three kinds of endless paging that were seen: a link that was given before, be it the last one or an
 * earlier one, and new links with the same entries or with none, again and again.
 */
export function circleGuard(): (next: string, value: readonly unknown[]) => void {
  const seen = new Set<string>();
  const timesSeen = new Map<string, number>();
  let empty = 0;
  return (next, value) => {
    if (seen.has(next)) throw endless('the same link came twice');
    seen.add(next);
    empty = value.length === 0 ? empty + 1 : 0;
    if (empty > MOST_EMPTY_PAGES) throw endless(`${empty} empty pages in a row`);
    if (value.length === 0) return;
    const page = createHash('sha256').update(value.map(idOf).join('\n')).digest('base64');
    const times = (timesSeen.get(page) ?? 0) + 1;
    timesSeen.set(page, times);
    if (times >= MOST_EQUAL_PAGES) throw endless(`the same page came ${times} times`);
  };
}

function idOf(entry: unknown): string {
  return String((entry as { id?: unknown }).id);
}

function endless(reason: string): Failure {
  return new Failure('unavailable', {
    code: 'graph.endless-paging',
    message: `Microsoft’s list does not end: ${reason}.`,
    retry: 'later',
    hint: 'A known fault of the service; the next run tries again.',
  });
}
