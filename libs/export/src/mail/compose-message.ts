import type { MessageParts, MessageProperties, Recipient, SourceAttachment } from '@backhaul/engine';
import MailComposer from 'nodemailer/lib/mail-composer';

/** Longer addresses exist in attacks only (RFC 5321 4.5.3.1). */
const MAX_ADDRESS = 320;

/**
 * A message that could not be had as MIME, put together from its parts: headers from Microsoft's JSON, the body as it is,
 * attachments byte for byte, attached messages as messages. Bcc is kept: the file is an archive's copy, not a delivery.
 * `losses` says, a sentence each, what a message cannot hold.
 */
export async function composeMessage(
  properties: MessageProperties,
  content: MessageParts,
): Promise<{ content: Uint8Array; losses: string[] }> {
  const held = content.attachments.filter(({ kind }) => kind !== 'reference');
  const message = new MailComposer({
    ...headersOf(properties),
    ...(content.body.contentType === 'html' ? { html: content.body.content } : { text: content.body.content }),
    attachments: held.map(attachmentOf),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  message.keepBcc = true;
  const losses = content.attachments
    .filter(({ kind }) => kind === 'reference')
    .map(({ name }) => `The link to the cloud file ${JSON.stringify(name)} cannot be written into a message.`);
  return { content: await message.build(), losses };
}

function headersOf(properties: MessageProperties): MailComposer.Options {
  const [from] = addresses([properties.from ?? null]);
  const [sender] = addresses([properties.sender ?? null]);
  const date =
    timeOf(properties.sentDateTime) ?? timeOf(properties.receivedDateTime) ?? timeOf(properties.createdDateTime);
  const categories = (properties.categories ?? []).map(oneLine).filter((category) => category !== '');
  return {
    ...(from === undefined ? {} : { from }),
    ...(sender === undefined || sender.address === from?.address ? {} : { sender }),
    to: addresses(properties.toRecipients),
    cc: addresses(properties.ccRecipients),
    bcc: addresses(properties.bccRecipients),
    replyTo: addresses(properties.replyTo),
    subject: oneLine(properties.subject ?? ''),
    // Without them the library would make up today's date and an id that is another one each time.
    date: date ?? new Date(0),
    messageId: oneLine(properties.internetMessageId ?? '') || `<${encodeURIComponent(properties.id)}@backhaul.invalid>`,
    headers: {
      ...(properties.importance === 'high' || properties.importance === 'low'
        ? { Importance: properties.importance }
        : {}),
      ...(categories.length === 0 ? {} : { Keywords: categories.join(', ') }),
    },
  };
}

function attachmentOf({ kind, name, contentType, contentId, isInline, content }: SourceAttachment) {
  const isMessage = kind === 'item';
  return {
    content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    contentType: isMessage ? 'message/rfc822' : leafType(contentType),
    contentDisposition: isInline ? 'inline' : 'attachment',
    filename: oneLine(name) === '' ? (false as const) : oneLine(name),
    ...(contentId === '' ? {} : { cid: oneLine(contentId) }),
  };
}

/** Bytes are never said to have parts: they would be written, and read again, as a structure that they do not have. */
function leafType(contentType: string): string {
  const type = oneLine(contentType);
  return type === '' || /^(multipart|message)\//i.test(type) ? 'application/octet-stream' : type;
}

function addresses(list: readonly (Recipient | null)[] | null | undefined) {
  return (list ?? []).flatMap((recipient) => {
    const name = oneLine(recipient?.emailAddress?.name ?? '');
    const address = oneLine(recipient?.emailAddress?.address ?? '').slice(0, MAX_ADDRESS);
    return name === '' && address === '' ? [] : [{ name: name === address ? '' : name, address }];
  });
}

/** A header cannot be ended by what stands in it. */
function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}

function timeOf(time: string | null | undefined): Date | undefined {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? undefined : new Date(parsed);
}
