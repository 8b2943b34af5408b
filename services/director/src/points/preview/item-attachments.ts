import { createHash } from 'node:crypto';
import { Failure } from '@backhaul/domain';
import { readMessageContent, readStoredEvent, readStoredMessage, type SourceAttachment } from '@backhaul/engine';
import type { ItemEntry, PointReader } from '@backhaul/repository';
import type { z } from 'zod';
import type { AttachmentView } from '../item-details.view.ts';
import type { InlineImage } from './safe-html.ts';

/** An item's attachments in the order that their indexes name. */
export async function attachmentsOf(point: PointReader, item: ItemEntry): Promise<SourceAttachment[]> {
  if (item.kind === 'message') {
    const message = await readStoredMessage(item, point);
    if (message === null) return [];
    const { content } = message;
    return (content instanceof Uint8Array ? await readMessageContent(content) : content).attachments;
  }
  if (item.kind !== 'event') return [];
  const event = await readStoredEvent(item, point);
  return event === null ? [] : [event, ...event.exceptions].flatMap(({ attachments }) => attachments);
}

/** One attachment and what its file is called. @throws Failure `not-found`, also for a link, which has no bytes. */
export async function attachmentAt(
  point: PointReader,
  item: ItemEntry,
  index: number,
): Promise<{ name: string; content: Uint8Array }> {
  const attachment = (await attachmentsOf(point, item))[index];
  if (attachment === undefined || attachment.kind === 'reference') {
    throw new Failure('not-found', {
      code: 'attachment.not-found',
      message: 'The item has no attachment of this index with bytes of its own.',
      hint: 'Read the item: its preview lists the attachments.',
      retry: 'never',
    });
  }
  const { kind, name, content } = attachment;
  return { name: kind === 'item' ? `${name || 'message'}.eml` : name || 'attachment', content };
}

export function attachmentViews(attachments: readonly SourceAttachment[]): z.input<typeof AttachmentView>[] {
  return attachments.map(({ content, ...attachment }, index) => ({
    index,
    ...attachment,
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }));
}

/** Images that the body may show, by their content ids. */
export function imagesOf(attachments: readonly SourceAttachment[]): Map<string, InlineImage> {
  return new Map(
    attachments
      .filter(({ kind, contentId }) => kind === 'file' && contentId !== '')
      .map(({ contentId, contentType, content }) => [
        contentId,
        { contentType: (contentType.split(';')[0] ?? '').trim().toLowerCase(), content },
      ]),
  );
}
