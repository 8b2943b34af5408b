import { Failure } from '@backhaul/domain';
import type { AttachmentToCreate, EmbeddedMessage } from '../src/item-target.ts';
import type { MessageParts, MessageProperties, SourceAttachment } from '../src/mail-source.ts';
import type { MailTarget, MessageToCreate } from '../src/mail-target.ts';
import { buildMime } from './build-mime.ts';
import type { FakeMailbox, FakeMessage } from './fake-mailbox.ts';

/** The mailbox as a restore writes it. Ids of what it creates are `message-…` like all others. */
export function fakeMailTarget(mailbox: FakeMailbox): MailTarget {
  return {
    concurrency: mailbox.concurrency,
    folders: (signal) => mailbox.answer('folders', '', signal, () => structuredClone([...mailbox.folders.values()])),
    ensureFolder: (parentId, name, { hidden }, signal) =>
      mailbox.answer('ensureFolder', parentId, signal, () => {
        const there = [...mailbox.folders.values()].find(
          (folder) => folder.parentId === parentId && folder.name.toLowerCase() === name.toLowerCase(),
        );
        return there ?? mailbox.addFolder({ id: `folder-${mailbox.folders.size + 1}`, parentId, name, hidden });
      }),
    findMarked: (folderId, restoreId, signal) =>
      mailbox.answer('findMarked', folderId, signal, () =>
        inFolder(mailbox, folderId).flatMap(({ properties, mark }) =>
          mark?.restoreId === restoreId ? [{ id: properties.id, mark: { ...mark } }] : [],
        ),
      ),
    findTwins: (folderId, of, signal) =>
      mailbox.answer('findTwins', folderId, signal, () =>
        inFolder(mailbox, folderId)
          .map(({ properties }) => structuredClone(properties))
          .filter((properties) =>
            of.internetMessageId === ''
              ? properties.subject === of.subject && sameTime(properties.sentDateTime, of.sentDateTime)
              : properties.internetMessageId === of.internetMessageId,
          ),
      ),
    mime: (id, signal) =>
      mailbox.answer('mime', id, signal, () => {
        const { properties, content, unreadable } = existing(mailbox, id);
        if (unreadable !== 'no') throw unreadableMessage();
        return buildMime(properties, content);
      }),
    create: (folderId, message, signal) =>
      mailbox.answer('create', folderId, signal, () => {
        inFolder(mailbox, folderId);
        const made = mailbox.addMessage(
          folderId,
          propertiesOf(message),
          { body: message.body },
          { mark: { ...message.mark } },
        );
        return { id: made.properties.id };
      }),
    attach: (id, attachment, signal) =>
      mailbox.answer('attach', id, signal, () => {
        const { content } = existing(mailbox, id);
        const attachments = [...content.attachments, attachmentOf(attachment)];
        mailbox.changeMessage(id, { hasAttachments: true }, { attachments });
      }),
    markComplete: (id, mark, signal) =>
      mailbox.answer('markComplete', id, signal, () => {
        existing(mailbox, id).mark = { ...mark, complete: true };
      }),
    remove: (id, signal) =>
      mailbox.answer('remove', id, signal, () => {
        if (mailbox.messages.has(id)) mailbox.removeMessage(id);
      }),
  };
}

function propertiesOf(message: MessageToCreate): Partial<MessageProperties> {
  const { body: _body, mark: _mark, extendedProperties, ...stated } = structuredClone(message);
  return { ...stated, singleValueExtendedProperties: extendedProperties, hasAttachments: false };
}

function attachmentOf(attachment: AttachmentToCreate): SourceAttachment {
  if (attachment.kind === 'file') return { ...attachment };
  const content = embeddedMime(attachment.message);
  return { kind: 'item', name: attachment.name, contentType: '', contentId: '', isInline: false, content };
}

function embeddedMime(message: EmbeddedMessage): Uint8Array {
  const content: MessageParts = { body: message.body, attachments: message.attachments.map(attachmentOf) };
  const { subject, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime } = message;
  return buildMime({ subject, from, toRecipients, ccRecipients, replyTo, internetMessageId, sentDateTime }, content);
}

function inFolder(mailbox: FakeMailbox, folderId: string): FakeMessage[] {
  if (!mailbox.folders.has(folderId)) throw notFound(`There is no folder ${folderId}.`);
  return mailbox.messagesIn(folderId);
}

function existing(mailbox: FakeMailbox, id: string): FakeMessage {
  const message = mailbox.messages.get(id);
  if (message === undefined) throw notFound(`There is no message ${id}.`);
  return message;
}

function sameTime(one: string | null | undefined, other: string | null): boolean {
  return (one ?? null) === other || Date.parse(one ?? '') === Date.parse(other ?? '');
}

function unreadableMessage(): Failure {
  const message = 'Microsoft cannot deliver this message.';
  return new Failure('unreadable', { code: 'fake.unreadable', message, retry: 'never' });
}

function notFound(message: string): Failure {
  return new Failure('not-found', { code: 'fake.not-found', message, retry: 'never' });
}
