import { Failure, isFailure } from '@backhaul/domain';
import type { MarkedItem, RestoreMark } from '@backhaul/engine';
import type { Mailbox } from '../mail/mailbox.ts';
import { markedQuery, markProperties, readMark, type ExtendedProperty } from './restore-mark.ts';

/*
 * What a restore does with messages, contacts and events alike. Paths name a collection (`/contactFolders/{id}/contacts`) or
 * an item (`/events/{id}`) below the mailbox.
 */

/** Items asked for per page of a search. */
export const SEARCH_PAGE_SIZE = 500;

/** Items of a collection that carry a mark of this restore. */
export async function findMarked(
  mailbox: Mailbox,
  collection: string,
  restoreId: string,
  signal: AbortSignal,
): Promise<MarkedItem[]> {
  const marked: MarkedItem[] = [];
  const found = mailbox.pages<{ id: string; singleValueExtendedProperties?: ExtendedProperty[] }>({
    path: `${collection}?${markedQuery(restoreId)}`,
    pageSize: SEARCH_PAGE_SIZE,
    signal,
  });
  for await (const page of found) {
    for (const { id, singleValueExtendedProperties } of page.value) {
      const mark = readMark(singleValueExtendedProperties);
      if (mark !== null) marked.push({ id, mark });
    }
  }
  return marked;
}

/** Says of an item that it is complete. */
export async function markComplete(
  mailbox: Mailbox,
  item: string,
  mark: RestoreMark,
  signal: AbortSignal,
): Promise<void> {
  const body = { singleValueExtendedProperties: markProperties({ ...mark, complete: true }) };
  await mailbox.send({ method: 'PATCH', path: item, body, signal });
}

/** For good: an ordinary DELETE would leave half-made items in Deleted Items. Removing what is gone succeeds. */
export async function removeForGood(mailbox: Mailbox, item: string, signal: AbortSignal): Promise<void> {
  const request = { method: 'POST' as const, path: `${item}/permanentDelete`, repeatable: true, signal };
  await mailbox.send(request).catch(unlessGone);
}

/** Creates an item; a lost answer is not repeated. @throws Failure `invalid-input` when Microsoft refuses it */
export async function create(
  mailbox: Mailbox,
  collection: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<{ id: string }> {
  const request = { method: 'POST' as const, path: collection, body, signal };
  const { id } = await mailbox.json<{ id: string }>(request).catch(refused);
  return { id };
}

/** Codes that, in answer to a GET, say that an item cannot be read, say of a request that writes that it was refused. */
export function refused(error: unknown): never {
  if (!isFailure(error, 'unreadable')) throw error;
  const { message, where } = error;
  throw new Failure('invalid-input', {
    code: 'graph.refused',
    message,
    retry: 'never',
    where: { ...where },
    cause: error,
  });
}

/** What is gone need not be removed any more. */
export function unlessGone(error: unknown): void {
  if (!isFailure(error, 'not-found')) throw error;
}

/** What is asked for, or null when it is gone. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    unlessGone(error);
    return null;
  }
}
