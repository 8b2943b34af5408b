import type { MailSource, MessageChanges, MessageProperties } from '../src/mail-source.ts';

/** What the pages of a walk come to: the last mention of an id counts. */
export interface Walk {
  changed: Map<string, MessageProperties>;
  removed: Set<string>;
  cursor: string;
}

const { signal } = new AbortController();

/** Walks through a folder's changes to their end. */
export async function walk(source: MailSource, folderId: string, cursor: string | null = null): Promise<Walk> {
  const pages: MessageChanges[] = [];
  for await (const page of source.changes(folderId, cursor, signal)) pages.push(page);
  return walkOf(pages);
}

/** Adds up pages. @throws when the last of them has no cursor. */
export function walkOf(pages: readonly MessageChanges[]): Walk {
  const changed: Walk['changed'] = new Map();
  const removed = new Set<string>();
  for (const page of pages) {
    for (const message of page.changed) {
      changed.set(message.id, message);
      removed.delete(message.id);
    }
    for (const id of page.removed) {
      changed.delete(id);
      removed.add(id);
    }
  }
  const { cursor } = pages.at(-1) ?? {};
  if (cursor === undefined) throw new Error('The walk ended without a cursor.');
  return { changed, removed, cursor };
}
