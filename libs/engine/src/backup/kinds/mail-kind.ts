import { isFailure } from '@backhaul/domain';
import { MESSAGE_FIELDS, type MailSource, type MessageProperties } from '../../mail-source.ts';
import { messageEntry, messageParts, type FetchedContent } from '../../stored-message.ts';
import { firstUnread } from './first-unread.ts';
import type { Ask, KindOfItem } from './kind-of-item.ts';

/** Messages: the MIME stream, or where Microsoft cannot convert one, body and attachments raw. */
export function mailKind(source: MailSource): KindOfItem<MessageProperties> {
  return {
    kind: 'mail',
    source,
    fields: MESSAGE_FIELDS,
    listing: messageEntry,
    async fetch(properties, ask) {
      const content = await fetchContent(source, properties.id, ask);
      const attachments = content.type === 'parts' ? content.parts.attachments : [];
      return { properties, parts: messageParts(properties, content), lacks: firstUnread(attachments) };
    },
    mayHideChanges: () => false,
  };
}

async function fetchContent(source: MailSource, id: string, ask: Ask): Promise<FetchedContent> {
  try {
    return { type: 'mime', mime: await ask((signal) => source.mime(id, signal)) };
  } catch (error) {
    if (!isFailure(error, 'unreadable')) throw error;
    return { type: 'parts', parts: await ask((signal) => source.parts(id, signal)) };
  }
}
