import { Failure } from '@backhaul/domain';
import type { MailSource, MessageChanges } from '../src/mail-source.ts';
import { buildMime } from './build-mime.ts';
import type { FakeMailbox, FakeMessage } from './fake-mailbox.ts';

/** The mailbox as a backup reads it. */
export function fakeMailSource(mailbox: FakeMailbox): MailSource {
  return {
    concurrency: mailbox.concurrency,
    folders: (signal) =>
      mailbox.answer('folders', '', signal, () =>
        [...mailbox.folders.values()].map((folder) => ({
          ...folder,
          itemCount: mailbox.messagesIn(folder.id).length,
        })),
      ),
    changes: (folderId, cursor, signal) => changes(mailbox, folderId, cursor, signal),
    mime: (id, signal) =>
      mailbox.answer('mime', id, signal, () => {
        const message = readable(mailbox, id, ['mime', 'all']);
        return buildMime(message.properties, message.content);
      }),
    parts: (id, signal) =>
      mailbox.answer('parts', id, signal, () => structuredClone(readable(mailbox, id, ['all']).content)),
  };
}

/**
 * A walk reports what is there, or what happened since the cursor, as of its beginning, each entry in its state when its
 * page is asked for; its cursor stands for the walk's beginning, so nothing that happens during the walk is lost.
 */
async function* changes(
  mailbox: FakeMailbox,
  folderId: string,
  cursor: string | null,
  signal: AbortSignal,
): AsyncGenerator<MessageChanges> {
  let ids: string[] | null = null;
  let begunAt = 0;
  for (let at = 0; ids === null || at <= (ids as string[]).length;) {
    const page: MessageChanges = await mailbox.answer('changes', folderId, signal, () => {
      if (!mailbox.folders.has(folderId)) throw notFound('folder', folderId);
      const since = cursor === null ? null : sequenceOf(cursor);
      if (!mailbox.knowsCursor(ids === null ? (since ?? mailbox.sequence) : begunAt)) throw expired();
      if (ids === null) {
        begunAt = mailbox.sequence;
        ids = since === null ? mailbox.messagesIn(folderId).map(idOf) : mailbox.touchedSince(folderId, since);
      }
      const onPage = ids.slice(at, at + mailbox.pageSize);
      at += mailbox.pageSize;
      const isLast = at >= ids.length;
      return {
        ...pageOf(mailbox, folderId, onPage, cursor === null),
        ...(isLast ? { cursor: `since:${begunAt}` } : {}),
      };
    });
    yield page;
    if (page.cursor !== undefined) return;
  }
}

function pageOf(mailbox: FakeMailbox, folderId: string, ids: string[], isListing: boolean): MessageChanges {
  const page: MessageChanges = { changed: [], removed: [] };
  for (const id of ids) {
    const message = mailbox.messages.get(id);
    if (message?.properties.parentFolderId === folderId) page.changed.push(structuredClone(message.properties));
    else if (!isListing) page.removed.push(id);
  }
  return page;
}

function readable(mailbox: FakeMailbox, id: string, unless: FakeMessage['unreadable'][]): FakeMessage {
  const message = mailbox.messages.get(id);
  if (message === undefined) throw notFound('message', id);
  if (!unless.includes(message.unreadable)) return message;
  throw new Failure('unreadable', {
    code: 'message.unreadable',
    message: 'Microsoft cannot deliver this message.',
    retry: 'later',
  });
}

function idOf(message: FakeMessage): string {
  return message.properties.id;
}

function sequenceOf(cursor: string): number {
  return Number(cursor.slice('since:'.length));
}

function notFound(what: string, id: string): Failure {
  return new Failure('not-found', { code: `${what}.not-found`, message: `There is no ${what} ${id}.`, retry: 'never' });
}

function expired(): Failure {
  return new Failure('expired', { code: 'cursor.expired', message: 'The cursor is too old.', retry: 'now' });
}
