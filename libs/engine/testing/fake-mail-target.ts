import type { MessageProperties } from '../src/mail-source.ts';
import type { MailTarget, MessageToCreate } from '../src/mail-target.ts';
import { buildMime } from './build-mime.ts';
import { attachmentOf } from './fake-attachments.ts';
import { fakeItemTarget, itemAt, itemsIn } from './fake-item-target.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import { unreadable } from './fake-walk.ts';

/** The mailbox as a restore of messages writes it. Ids of what it creates are `message-…` like all others. */
export function fakeMailTarget(mailbox: FakeMailbox): MailTarget {
  const { mail } = mailbox;
  return {
    ...fakeItemTarget(mailbox, mail, 'folders'),
    findTwins: (folderId, of, signal) =>
      mailbox.answer('findTwins', folderId, signal, () =>
        itemsIn(mail, folderId)
          .map(({ properties }) => structuredClone(properties))
          .filter((properties) =>
            of.internetMessageId === ''
              ? properties.subject === of.subject && sameTime(properties.sentDateTime, of.sentDateTime)
              : properties.internetMessageId === of.internetMessageId,
          ),
      ),
    mime: (id, signal) =>
      mailbox.answer('mime', id, signal, () => {
        const message = itemAt(mail, id);
        if (message.unreadable !== 'no') throw unreadable('message');
        return buildMime(message.properties, message.content);
      }),
    create: (folderId, message, signal) =>
      mailbox.answer('create', folderId, signal, () => {
        itemsIn(mail, folderId);
        const { properties } = mailbox.addMessage(
          folderId,
          propertiesOf(message),
          { body: message.body },
          { mark: { ...message.mark } },
        );
        return { id: properties.id };
      }),
    attach: (id, attachment, signal) =>
      mailbox.answer('attach', id, signal, () => {
        const { content } = itemAt(mail, id);
        const attachments = [...content.attachments, attachmentOf(attachment)];
        mailbox.changeMessage(id, { hasAttachments: true }, { attachments });
      }),
  };
}

function propertiesOf(message: MessageToCreate): Partial<MessageProperties> {
  const { body: _body, mark: _mark, extendedProperties, ...stated } = structuredClone(message);
  return { ...stated, singleValueExtendedProperties: extendedProperties, hasAttachments: false };
}

function sameTime(one: string | null | undefined, other: string | null): boolean {
  return (one ?? null) === other || Date.parse(one ?? '') === Date.parse(other ?? '');
}
