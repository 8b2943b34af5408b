import { readFilter, type Filter, type Filterable } from '../../outlook/filter.ts';
import type { Mailbox } from '../state/mailbox.ts';
import type { MessageState } from '../state/message.ts';
import { DERIVED, propertyValue } from './message-properties.ts';
import { hasShownAttachments } from './message-json.ts';

/** A `$filter` of messages. @throws GraphError for what is not supported */
export function readMessageFilter(text: string, mailbox: Mailbox): Filter<MessageState> {
  return readFilter(text, {
    ...FIELDS,
    indexed: (name, value) => {
      if (name === 'internetMessageId') return mailbox.withMessageId(value);
      return DERIVED.includes(name) ? null : mailbox.withProperty(name, value);
    },
  });
}

const FIELDS: Omit<Filterable<MessageState>, 'indexed'> = {
  exact: { internetMessageId: (state) => state.content.internetMessageId },
  compared: {
    subject: (state) => (state.content.subject ?? '').toLowerCase(),
    receivedDateTime: (state) => state.receivedAt,
    sentDateTime: (state) => state.content.sentAt,
    createdDateTime: (state) => state.createdAt,
    lastModifiedDateTime: (state) => state.modifiedAt,
    isRead: (state) => String(state.isRead),
    isDraft: (state) => String(state.isDraft),
    importance: (state) => state.importance,
    hasAttachments: (state) => String(hasShownAttachments(state)),
    'from/emailAddress/address': (state) => state.content.from?.address.toLowerCase() ?? null,
  },
  searched: { subject: (state) => state.content.subject ?? '' },
  property: propertyValue,
};
