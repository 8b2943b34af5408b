import { badRequest, GraphError } from '../../http/graph-error.ts';
import { newMessageState } from '../generate/message.ts';
import { parseMime } from '../mime/parse.ts';
import { PLAIN_RENDERING } from '../mime/rendering.ts';
import { readAttachment } from '../../outlook/attachments/posted-attachment.ts';
import { readBody } from '../../outlook/body.ts';
import { readProperties } from '../../outlook/extended-properties.ts';
import { oneOf, readText, readTexts } from '../../outlook/fields.ts';
import { readRecipient, readRecipients } from '../../outlook/recipient.ts';
import type { MessageContent, MessageState } from '../state/message.ts';
import { TAG } from './message-properties.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import type { JsonObject } from '../../graph/json-body.ts';

const MIME_LIMIT = 4 * 1024 * 1024;
/** These are computed from the message, not stored beside it. */
const COMPUTED: readonly string[] = [TAG.flags, TAG.size, TAG.sent, TAG.received, TAG.messageId];

/**
 * A message posted as JSON. It is a draft of now, unless message flags (0x0E07) without the unsent bit come with it; the
 * submit and delivery times (0x0039, 0x0E06) are its dates when given.
 */
export function messageFromJson(context: GraphContext, folder: number, body: JsonObject, now: string): MessageState {
  const properties = readProperties(body['singleValueExtendedProperties']);
  const flags = readFlags(properties[TAG.flags]);
  const isDraft = flags === null || (flags & 8) !== 0;
  const content = contentFromJson(context, body, properties, now);
  return {
    ...newMessageState(folder, content, now),
    receivedAt: readTime(properties[TAG.received]) ?? now,
    isDraft,
    isRead: body['isRead'] === undefined ? isDraft || (flags & 1) !== 0 : body['isRead'] === true,
    ...commonProperties(body),
    properties: withoutComputed(properties),
  };
}

/** A message posted as MIME, base64-encoded: always a draft that was received now. */
export function messageFromMime(context: GraphContext, folder: number, posted: Buffer, now: string): MessageState {
  const text = posted.toString('latin1').replace(/\s+/g, '');
  if (text === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw badRequest('Invalid base64 string for MIME content.', 'ErrorMimeContentInvalidBase64String');
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > MIME_LIMIT)
    throw new GraphError(413, 'ErrorMessageSizeExceeded', 'The message exceeds the maximum supported size.');
  const keeper = context.tenant.content;
  const content = parseMime(bytes, { text: (body) => keeper.keepText(body), bytes: (data) => keeper.keepBytes(data) });
  return { ...newMessageState(folder, content, now), isDraft: true, isRead: true };
}

/** What a PATCH changes. Subject, body and people can be changed of drafts only; the draft state never. */
export function messagePatch(context: GraphContext, before: MessageState, body: JsonObject): Partial<MessageState> {
  const properties = readProperties(body['singleValueExtendedProperties']);
  const set: Partial<MessageState> = {
    ...commonProperties(body),
    properties: { ...before.properties, ...withoutComputed(properties) },
  };
  if (typeof body['isRead'] === 'boolean') set.isRead = body['isRead'];
  const draftOnly = [
    'subject',
    'body',
    'from',
    'sender',
    'toRecipients',
    'ccRecipients',
    'bccRecipients',
    'replyTo',
    'internetMessageId',
  ];
  const touched = draftOnly.filter((name) => body[name] !== undefined);
  if (touched.length === 0) return set;
  if (!before.isDraft) {
    throw badRequest(`The property '${touched[0]}' can be set of drafts only.`, 'ErrorInvalidPropertySet');
  }
  const read = contentFromJson(context, body, {}, '');
  const content = { ...before.content };
  for (const name of touched) Object.assign(content, draftPart(name, read));
  return { ...set, content };
}

function draftPart(name: string, read: MessageContent): Partial<MessageContent> {
  switch (name) {
    case 'subject':
      return { subject: read.subject };
    case 'body':
      return { body: read.body };
    case 'from':
      return { from: read.from };
    case 'sender':
      return { sender: read.sender };
    case 'toRecipients':
      return { to: read.to };
    case 'ccRecipients':
      return { cc: read.cc };
    case 'bccRecipients':
      return { bcc: read.bcc };
    case 'replyTo':
      return { replyTo: read.replyTo };
    default:
      return { internetMessageId: read.internetMessageId };
  }
}

/** What a message says, from JSON; also used for messages inside of messages. */
export function contentFromJson(
  context: GraphContext,
  body: JsonObject,
  properties: Record<string, string>,
  now: string | null,
): MessageContent {
  const from = readRecipient(body['from']);
  const attachments = (body['attachments'] ?? []) as unknown[];
  return {
    subject: readText(body, 'subject'),
    internetMessageId: readText(body, 'internetMessageId') ?? properties[TAG.messageId] ?? null,
    from,
    sender: readRecipient(body['sender']) ?? from,
    to: readRecipients(body['toRecipients'], 'toRecipients'),
    cc: readRecipients(body['ccRecipients'], 'ccRecipients'),
    bcc: readRecipients(body['bccRecipients'], 'bccRecipients'),
    replyTo: readRecipients(body['replyTo'], 'replyTo'),
    sentAt: readTime(properties[TAG.sent]) ?? now,
    body: readBody(body['body'], context.tenant.content),
    attachments: attachments.map((attachment, at) =>
      readAttachment(context, attachment as JsonObject, at + 1, embedded),
    ),
    rendering: PLAIN_RENDERING,
  };
}

/** A message inside of a message keeps the sent date that its JSON gives. */
export function embedded(context: GraphContext, body: JsonObject): MessageContent {
  const properties = readProperties(body['singleValueExtendedProperties']);
  const sent = readText(body, 'sentDateTime');
  return contentFromJson(context, body, properties, sent === null ? null : (readTime(sent) ?? null));
}

function commonProperties(body: JsonObject): Partial<MessageState> {
  const set: Partial<MessageState> = {};
  const { importance, flag, categories, inferenceClassification } = body;
  if (importance !== undefined) set.importance = oneOf('importance', importance, ['low', 'normal', 'high']);
  if (inferenceClassification !== undefined) {
    set.inferenceClassification = oneOf('inferenceClassification', inferenceClassification, ['focused', 'other']);
  }
  if (categories !== undefined && categories !== null) set.categories = readTexts(body, 'categories');
  if (flag !== undefined && flag !== null) {
    const given = flag as JsonObject;
    const flagStatus = oneOf('flagStatus', given['flagStatus'] ?? 'notFlagged', ['notFlagged', 'flagged', 'complete']);
    set.flag = { ...given, flagStatus };
  }
  if (typeof body['isDeliveryReceiptRequested'] === 'boolean')
    set.isDeliveryReceiptRequested = body['isDeliveryReceiptRequested'];
  if (typeof body['isReadReceiptRequested'] === 'boolean') set.isReadReceiptRequested = body['isReadReceiptRequested'];
  return set;
}

function readFlags(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`'${text}' is no integer.`, 'ErrorInvalidExtendedPropertyValue');
  return Number(text);
}

function readTime(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw badRequest(`'${text}' is no time.`, 'ErrorInvalidExtendedPropertyValue');
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function withoutComputed(properties: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([id]) => !COMPUTED.includes(id)));
}
