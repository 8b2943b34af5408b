import { Content } from '../../tenant/content.ts';
import type { MessageContent } from './message.ts';

/** About what a store counts for a message. */
export function messageSize(content: MessageContent): number {
  let size = 1500 + (content.subject?.length ?? 0);
  const source = content.body?.source;
  if (source !== undefined) size += source.from === 'text' ? source.text.length : source.size;
  for (const attachment of content.attachments) {
    if (attachment.kind === 'file') size += Content.size(attachment.bytes) + 300;
    else if (attachment.kind === 'item') size += messageSize(attachment.item);
  }
  return size;
}
