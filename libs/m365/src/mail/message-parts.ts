import type { MessageParts } from '@backhaul/engine';
import { readAttachments } from '../outlook/read-attachments.ts';
import { segment, type Mailbox } from './mailbox.ts';

interface GraphBody {
  body?: { contentType?: string | null; content?: string | null } | null;
}

/** The body must come as it is stored, not as it would be safe to show. */
const UNTOUCHED_BODY = 'outlook.allow-unsafe-html';

/** A message without its MIME: body, then each attachment. */
export async function messageParts(mailbox: Mailbox, messageId: string, signal: AbortSignal): Promise<MessageParts> {
  const message = `/messages/${segment(messageId)}`;
  const { body } = await mailbox.json<GraphBody>({ path: `${message}?$select=body`, prefer: [UNTOUCHED_BODY], signal });
  const attachments = await readAttachments(mailbox, message, signal);
  return {
    body: { contentType: body?.contentType === 'text' ? 'text' : 'html', content: body?.content ?? '' },
    attachments: attachments.map(({ id: _id, ...attachment }) => attachment),
  };
}
