import type { MailSource } from '../src/mail-source.ts';
import { buildMime } from './build-mime.ts';
import type { FakeMailbox, FakeMessage } from './fake-mailbox.ts';
import { fakeChanges, fakeList, notFound, unreadable } from './fake-walk.ts';

/** The mail of the mailbox as a backup reads it. */
export function fakeMailSource(mailbox: FakeMailbox): MailSource {
  const walk = { mailbox, items: mailbox.mail };
  return {
    concurrency: mailbox.concurrency,
    folders: (signal) =>
      mailbox.answer('folders', '', signal, () =>
        [...mailbox.folders.values()].map((folder) => ({
          ...folder,
          itemCount: mailbox.messagesIn(folder.id).length,
        })),
      ),
    changes: (folderId, cursor, signal) => fakeChanges({ ...walk, request: 'changes', folderId, signal }, cursor),
    list: (folderId, signal) => fakeList({ ...walk, request: 'list', folderId, signal }),
    mime: (id, signal) =>
      mailbox.answer('mime', id, signal, () => {
        const message = readable(mailbox, id, ['mime', 'all']);
        return buildMime(message.properties, message.content);
      }),
    parts: (id, signal) =>
      mailbox.answer('parts', id, signal, () => structuredClone(readable(mailbox, id, ['all']).content)),
  };
}

function readable(mailbox: FakeMailbox, id: string, unless: FakeMessage['unreadable'][]): FakeMessage {
  const message = mailbox.messages.get(id);
  if (message === undefined) throw notFound('message', id);
  if (unless.includes(message.unreadable)) throw unreadable('message');
  return message;
}
