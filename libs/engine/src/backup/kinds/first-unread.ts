import type { FailureRecord } from '@backhaul/domain';
import type { SourceAttachment } from '../../mail-source.ts';

/** Why the first of the attachments that could not be read is missing; null when all are there. */
export function firstUnread(attachments: readonly SourceAttachment[]): FailureRecord | null {
  const missing = attachments.find(({ unread }) => unread !== undefined);
  if (missing?.unread === undefined) return null;
  return { ...missing.unread, where: { ...missing.unread.where, attachment: missing.name } };
}
