import type { CanonicalAttachment } from '../canonical-attachments.ts';
import { sortedByJson } from '../canonical-texts.ts';

/** Attachments without links to files in the cloud, at any depth: no restore can give them back. */
export function withoutLinks(attachments: readonly CanonicalAttachment[]): CanonicalAttachment[] {
  const kept = attachments
    .filter(({ kind }) => kind !== 'reference')
    .map((attachment) =>
      attachment.kind === 'item'
        ? { ...attachment, item: { ...attachment.item, attachments: withoutLinks(attachment.item.attachments) } }
        : attachment,
    );
  return sortedByJson(kept);
}
