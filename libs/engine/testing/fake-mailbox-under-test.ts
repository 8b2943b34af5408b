import { Failure } from '@backhaul/domain';
import { fakeMailSource } from './fake-mail-source.ts';
import { fakeMailTarget } from './fake-mail-target.ts';
import { FakeMailbox } from './fake-mailbox.ts';
import type { MailboxUnderTest } from './mailbox-under-test.ts';

/** The mailbox in memory for the suites of the ports. */
export async function fakeMailboxUnderTest(): Promise<MailboxUnderTest> {
  const mailbox = new FakeMailbox();
  mailbox.addFolder({ id: 'inbox', name: 'Inbox', wellKnownName: 'inbox' });
  mailbox.pageSize = 1_000;
  let folders = 0;
  return {
    source: fakeMailSource(mailbox),
    target: fakeMailTarget(mailbox),
    addFolder: async (parentId, name, hidden = false) =>
      mailbox.addFolder({ id: `made-${(folders += 1)}`, parentId, name, hidden }).id,
    renameFolder: async (id, name) => mailbox.changeFolder(id, { name }),
    moveFolder: async (id, parentId) => mailbox.changeFolder(id, { parentId }),
    removeFolder: async (id) => mailbox.removeFolder(id),
    addMessage: async (folderId, properties, content) =>
      mailbox.addMessage(folderId, properties, content).properties.id,
    changeMessage: async (id, change) => mailbox.changeMessage(id, change),
    moveMessage: async (id, toFolderId) => mailbox.moveMessage(id, toFolderId),
    removeMessage: async (id) => mailbox.removeMessage(id),
    breakMime: async (id) => {
      mailbox.message(id).unreadable = 'mime';
    },
    givePagesBelow: async (entries) => {
      mailbox.pageSize = Math.ceil(entries / 3);
    },
    expireCursors: async () => mailbox.expireCursors(),
    loseAnswer: async (on) => mailbox.plan({ on, answerLost: true, failure: answerLost() }),
    mailsSent: async () => 0,
    close: async () => undefined,
  };
}

function answerLost(): Failure {
  return new Failure('unavailable', { code: 'fake.answer-lost', message: 'The answer was lost.', retry: 'later' });
}
