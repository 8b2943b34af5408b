import { badRequest } from '../../http/graph-error.ts';
import { changeKey } from '../state/change-key.ts';
import type { MessageState } from '../state/message.ts';
import { attachmentJson } from '../../outlook/attachments/attachment-json.ts';
import { bodyJson, bodyPreview } from '../../outlook/body.ts';
import type { Expansion } from '../../outlook/expand.ts';
import { propertiesJson } from '../../outlook/extended-properties.ts';
import { recipient, recipientOrNull } from '../../outlook/recipient.ts';
import { messageHolder } from './message-holder.ts';
import { propertyValue } from './message-properties.ts';
import { folderId, messageId, type MessageSubject } from './open-mail.ts';

/** Which properties an answer has: `$select`, or the default set. */
export interface MessageShape {
  properties: readonly MessageProperty[];
  expansion: Expansion;
}

type MessageProperty = keyof typeof PROPERTIES;

/** What `$expand` may name besides extended properties. */
export const EXPANDABLE = ['attachments'];

const NOT_BASIC: readonly string[] = ['body', 'bodyPreview', 'uniqueBody'];

const PROPERTIES = {
  createdDateTime: ({ state }: MessageSubject) => state.createdAt,
  lastModifiedDateTime: ({ state }: MessageSubject) => state.modifiedAt,
  changeKey: ({ mailbox, key, state }: MessageSubject) => changeKey(mailbox, key, state),
  categories: ({ state }: MessageSubject) => state.categories,
  receivedDateTime: ({ state }: MessageSubject) => state.receivedAt,
  sentDateTime: ({ state }: MessageSubject) => state.content.sentAt,
  hasAttachments: ({ state }: MessageSubject) => hasShownAttachments(state),
  internetMessageId: ({ state }: MessageSubject) => state.content.internetMessageId,
  subject: ({ state }: MessageSubject) => state.content.subject,
  bodyPreview: ({ context, state }: MessageSubject) => bodyPreview(state.content.body, context.tenant.content),
  importance: ({ state }: MessageSubject) => state.importance,
  parentFolderId: ({ context, mailbox, state }: MessageSubject) => folderId(context, mailbox, state.folder),
  conversationId: ({ context, mailbox, key }: MessageSubject) =>
    context.tenant.ids.encode('conversation', mailbox.number, key),
  conversationIndex: ({ mailbox, key }: MessageSubject) =>
    Buffer.from(`\x01\xda${mailbox.number}:${key}`.padEnd(22, '\0'), 'latin1').toString('base64'),
  isDeliveryReceiptRequested: ({ state }: MessageSubject) => state.isDeliveryReceiptRequested,
  isReadReceiptRequested: ({ state }: MessageSubject) => state.isReadReceiptRequested,
  isRead: ({ state }: MessageSubject) => state.isRead,
  isDraft: ({ state }: MessageSubject) => state.isDraft,
  webLink: (subject: MessageSubject) =>
    `https://outlook.office365.com/owa/?ItemID=${encodeURIComponent(idOf(subject))}&exvsurl=1&viewmodel=ReadMessageItem`,
  inferenceClassification: ({ state }: MessageSubject) => state.inferenceClassification,
  body: (subject: MessageSubject) => bodyOf(subject),
  sender: ({ state }: MessageSubject) => recipientOrNull(state.content.sender),
  from: ({ state }: MessageSubject) => recipientOrNull(state.content.from),
  toRecipients: ({ state }: MessageSubject) => state.content.to.map(recipient),
  ccRecipients: ({ state }: MessageSubject) => state.content.cc.map(recipient),
  bccRecipients: ({ state }: MessageSubject) => state.content.bcc.map(recipient),
  replyTo: ({ state }: MessageSubject) => state.content.replyTo.map(recipient),
  flag: ({ state }: MessageSubject) => state.flag,
  uniqueBody: (subject: MessageSubject) => bodyOf(subject),
  internetMessageHeaders: ({ state }: MessageSubject) => internetMessageHeaders(state),
} satisfies Record<string, (subject: MessageSubject) => unknown>;

const ON_REQUEST: readonly string[] = ['uniqueBody', 'internetMessageHeaders'];
const ALL = Object.keys(PROPERTIES) as MessageProperty[];
const DEFAULT = ALL.filter((name) => !ON_REQUEST.includes(name));
const BY_LOWER_CASE = new Map(ALL.map((name) => [name.toLowerCase(), name]));

/** @throws GraphError for a property that messages do not have */
export function messageShape(
  select: readonly string[] | null,
  expansion: Expansion,
  roles: ReadonlySet<string>,
): MessageShape {
  const chosen = select === null ? DEFAULT : select.flatMap((name) => chosenProperty(name));
  const basicOnly = !roles.has('Mail.Read') && !roles.has('Mail.ReadWrite');
  return { properties: basicOnly ? chosen.filter((name) => !NOT_BASIC.includes(name)) : chosen, expansion };
}

function chosenProperty(name: string): MessageProperty[] {
  if (name === 'id' || name === '@odata.etag') return [];
  const property = BY_LOWER_CASE.get(name.toLowerCase());
  if (property === undefined)
    throw badRequest(`Could not find a property named '${name}' on type 'microsoft.graph.message'.`);
  return [property];
}

/** @param type whether to say `@odata.type`, as delta pages do */
export function messageJson(subject: MessageSubject, shape: MessageShape, type = false): Record<string, unknown> {
  const { state, mailbox, key } = subject;
  const json: Record<string, unknown> = type ? { '@odata.type': '#microsoft.graph.message' } : {};
  json['@odata.etag'] = `W/"${changeKey(mailbox, key, state)}"`;
  json['id'] = idOf(subject);
  for (const name of shape.properties) json[name] = PROPERTIES[name](subject);
  const { properties, others } = shape.expansion;
  if (properties !== null) {
    const values = propertiesJson(properties, (id) => propertyValue(state, id));
    if (values.length > 0) json['singleValueExtendedProperties'] = values;
  }
  if (others.has('attachments')) {
    const holder = messageHolder(subject);
    json['attachments'] = state.content.attachments.map((attachment) =>
      attachmentJson(holder, attachment, { select: null, item: false }),
    );
  }
  return json;
}

/** Inline attachments alone do not count. */
export function hasShownAttachments(state: MessageState): boolean {
  return state.content.attachments.some((attachment) => attachment.kind !== 'file' || !attachment.isInline);
}

function bodyOf({ context, state, request }: MessageSubject): object {
  return bodyJson(state.content.body, request.preferences, context.tenant.content);
}

function idOf({ context, mailbox, key, state, request }: MessageSubject): string {
  return messageId(context, mailbox, key, state, request);
}

function internetMessageHeaders({ content }: MessageState): { name: string; value: string }[] {
  const headers = [{ name: 'Received', value: 'from mx.partner.example by mailbox.meridian.example' }];
  if (content.subject !== null) headers.push({ name: 'Subject', value: content.subject });
  if (content.internetMessageId !== null) headers.push({ name: 'Message-ID', value: content.internetMessageId });
  headers.push({ name: 'MIME-Version', value: '1.0' });
  return headers;
}
