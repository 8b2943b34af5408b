import type { ItemEntry, PartContent } from '@backhaul/repository';
import type { SourceAttachment } from './mail-source.ts';
import { partOf, type PartSource } from './stored-item.ts';

/** An attachment as a list of an item's attachments tells of it: all but its bytes, which are a part of their own. */
export type ListedAttachment = Omit<SourceAttachment, 'content'> & { part: string };

/** The list of attachments to be stored in JSON, with the names of their parts: `<name>-0`, `<name>-1` … */
export function listAttachments(attachments: readonly SourceAttachment[], name = 'attachment'): ListedAttachment[] {
  return attachments.map(({ content: _content, ...rest }, index) => ({ ...rest, part: `${name}-${index}` }));
}

/** The parts with the bytes of a list's attachments. */
export function attachmentParts(attachments: readonly SourceAttachment[], name = 'attachment'): PartContent[] {
  return attachments.map(({ content }, index) => ({ name: `${name}-${index}`, format: 'bytes', content }));
}

/** The attachments of a list with their bytes. */
export async function readAttachments(
  listed: readonly ListedAttachment[],
  entry: ItemEntry,
  source: PartSource,
): Promise<SourceAttachment[]> {
  const attachments: SourceAttachment[] = [];
  for (const { part: name, ...rest } of listed) {
    const part = partOf(entry, name);
    attachments.push({ ...rest, content: part === undefined ? new Uint8Array(0) : await source.readPart(part) });
  }
  return attachments;
}
