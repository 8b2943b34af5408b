import type { MessageParts, MessageProperties, SourceAttachment } from '../src/mail-source.ts';

let rendered = 0;

/**
 * A message as MIME the way Microsoft renders it: headers from its properties, a body, attachments; with new boundaries at
 * every call, so that a comparison by bytes can never hold.
 */
export function buildMime(properties: Partial<MessageProperties>, content: MessageParts): Uint8Array {
  rendered += 1;
  const inline = content.attachments.filter(({ isInline }) => isInline);
  const attached = content.attachments.filter(({ isInline }) => !isInline);
  const body = bodyPart(content.body);
  const related = inline.length === 0 ? body : multipart('related', [body, ...inline.map(attachmentPart)]);
  const whole = attached.length === 0 ? related : multipart('mixed', [related, ...attached.map(attachmentPart)]);
  return Buffer.concat([Buffer.from(headers(properties), 'utf8'), whole]);
}

function headers(properties: Partial<MessageProperties>): string {
  const lines = [
    ['Message-ID', properties.internetMessageId ?? ''],
    ['Subject', encodedWord(properties.subject ?? '')],
    ['From', addressList([properties.from])],
    ['To', addressList(properties.toRecipients ?? [])],
    ['Cc', addressList(properties.ccRecipients ?? [])],
    ['Reply-To', addressList(properties.replyTo ?? [])],
    ['Date', properties.sentDateTime ? new Date(properties.sentDateTime).toUTCString() : ''],
    ['MIME-Version', '1.0'],
  ];
  return lines.map(([name, value]) => (value === '' ? '' : `${name}: ${value}\r\n`)).join('');
}

function bodyPart(body: MessageParts['body']): Buffer {
  const type = body.contentType === 'html' ? 'text/html' : 'text/plain';
  return part(`Content-Type: ${type}; charset=utf-8\r\n`, Buffer.from(body.content, 'utf8'));
}

function attachmentPart(attachment: SourceAttachment): Buffer {
  const type = { file: attachment.contentType, item: 'message/rfc822', reference: 'message/external-body' }[
    attachment.kind
  ];
  const name = `filename*=utf-8''${encodeURIComponent(attachment.name).replace(/[*'()]/g, escapeCharacter)}`;
  const place = attachment.isInline ? 'inline' : 'attachment';
  const head =
    `Content-Type: ${type}\r\nContent-Disposition: ${place}${attachment.name === '' ? '' : `; ${name}`}\r\n` +
    (attachment.contentId === '' ? '' : `Content-ID: <${attachment.contentId}>\r\n`);
  if (attachment.kind === 'item') return Buffer.concat([Buffer.from(`${head}\r\n`), attachment.content]);
  return part(head, Buffer.from(attachment.content));
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function part(head: string, content: Buffer): Buffer {
  const lines = content.toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(`${head}Content-Transfer-Encoding: base64\r\n\r\n${lines}`, 'utf8');
}

function multipart(kind: string, parts: Buffer[]): Buffer {
  const boundary = `_${rendered}_${kind}_`;
  const pieces = parts.flatMap((one) => [Buffer.from(`\r\n--${boundary}\r\n`), one]);
  const head = Buffer.from(`Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n`);
  return Buffer.concat([head, ...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

function addressList(recipients: MessageProperties['from'][]): string {
  return recipients
    .map((recipient) => {
      const { name, address } = recipient?.emailAddress ?? {};
      if (!address) return '';
      return name ? `${encodedWord(name)} <${address}>` : address;
    })
    .filter((text) => text !== '')
    .join(', ');
}

function encodedWord(text: string): string {
  return /^[A-Za-z0-9 ]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
