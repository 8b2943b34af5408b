import { openMailbox, type GraphContext } from '../../graph/graph-context.ts';
import type { JsonObject } from '../../graph/json-body.ts';
import type { EditResult } from '../../protocol/item.ts';
import type { NewMessage } from '../../protocol/mail/changes.ts';
import { isoSeconds, newMessageState } from '../generate/message.ts';
import { openFolder } from '../graph/open-mail.ts';
import { readAttachment } from '../../outlook/attachments/posted-attachment.ts';
import { contentFromJson, embedded, messageFromJson } from '../graph/posted-message.ts';
import { parseMime } from '../mime/parse.ts';
import type { Attachment, MessageState } from '../state/message.ts';
import { createMessage } from '../state/operations.ts';

/** Puts a given message into a folder. @throws Error when neither or both of message and MIME are given */
export function addMessage(
  context: GraphContext,
  { mailbox: name, folder = 'inbox', message, mimeBase64 }: NewMessage,
): EditResult {
  if ((message === undefined) === (mimeBase64 === undefined)) throw new Error('give either message or mimeBase64');
  const { tenant } = context;
  const open = openMailbox(context, name);
  const folderKey = openFolder(context, open, folder).folder.key;
  const now = isoSeconds(context.now().getTime());
  const state =
    message === undefined ? fromMime(context, folderKey, mimeBase64!, now) : fromJson(context, folderKey, message, now);
  const key = createMessage(tenant, open.mailbox, state);
  return { id: tenant.ids.encode('message', open.mailbox.number, key) };
}

/** Its bytes are kept as they are; what they say is read as far as it can be read. */
function fromMime({ tenant }: GraphContext, folder: number, base64: string, now: string): MessageState {
  const bytes = Buffer.from(base64, 'base64');
  const { content } = tenant;
  const parsed = parseMime(bytes, { text: (text) => content.keepText(text), bytes: (data) => content.keepBytes(data) });
  return newMessageState(folder, { ...parsed, mime: content.keepBytes(bytes) }, now);
}

/** Unlike a posted message it is received unless it says otherwise, keeps its dates, and may hold a link. */
function fromJson(context: GraphContext, folder: number, body: JsonObject, now: string): MessageState {
  const { attachments = [], ...rest } = body as { attachments?: JsonObject[] };
  const posted = messageFromJson(context, folder, rest, now);
  const date = (name: string): string | null => {
    const text = body[name];
    return typeof text === 'string' ? isoSeconds(Date.parse(text)) : null;
  };
  const content = {
    ...contentFromJson(context, rest, {}, date('sentDateTime') ?? now),
    attachments: attachments.map((attachment, at) => givenAttachment(context, attachment, at + 1)),
  };
  return {
    ...posted,
    content,
    receivedAt: date('receivedDateTime') ?? now,
    isDraft: body['isDraft'] === true,
    isRead: body['isRead'] === true,
    nextAttachment: attachments.length + 1,
  };
}

/** An attachment of any kind, a link to a file in the cloud included. */
export function givenAttachment(context: GraphContext, attachment: JsonObject, key: number): Attachment {
  if (!String(attachment['@odata.type']).endsWith('referenceAttachment'))
    return readAttachment(context, attachment, key, embedded);
  return {
    kind: 'reference',
    key,
    name: textOr(attachment['name'], ''),
    url: textOr(attachment['sourceUrl'], 'https://files.example/'),
  };
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
