import { keyPath } from '../../graph/graph-context.ts';
import type { AttachmentHolder } from '../../outlook/attachments/attachment-holder.ts';
import { isoSeconds } from '../generate/message.ts';
import { addAttachment, removeAttachment } from '../state/operations.ts';
import { messageId, type MessageSubject } from './open-mail.ts';

/** A message as what its attachments hang on. Their ids change when the message moves. */
export function messageHolder({ context, request, mailbox, key, state }: MessageSubject): AttachmentHolder {
  const { tenant } = context;
  const now = (): string => isoSeconds(context.now().getTime());
  return {
    context,
    attachments: state.content.attachments,
    modifiedAt: state.modifiedAt,
    path: keyPath(
      ['users', tenant.owner(mailbox.number).id],
      ['messages', messageId(context, mailbox, key, state, request)],
    ),
    id: (number) => attachmentId(context, mailbox.number, key, state.moves, number),
    key: (id) => {
      const found = state.content.attachments.find(
        (attachment) => attachmentId(context, mailbox.number, key, state.moves, attachment.key) === id,
      );
      return found?.key ?? null;
    },
    add: (make) => addAttachment(tenant, mailbox, key, make, now()),
    remove: (number) => removeAttachment(tenant, mailbox, key, number, now()),
  };
}

/** Attachments of one message are numbered below this. */
const MOST_ATTACHMENTS = 4096;

function attachmentId(
  { tenant }: MessageSubject['context'],
  mailbox: number,
  message: number,
  moves: number,
  number: number,
): string {
  return tenant.ids.encode('attachment', mailbox, message, moves * MOST_ATTACHMENTS + number);
}
