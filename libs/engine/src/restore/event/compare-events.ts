import type { SourceEvent } from '../../calendar-source.ts';
import { canonicalDifferences } from '../../canonical-form.ts';
import { canonicalEvent, type CanonicalEvent } from '../../canonical-event.ts';
import { withoutLinks } from '../without-links.ts';

/**
 * Members in which an event in the target differs.
 * @param found as it is there
 * @param as `as-restored`: whoever is its organizer now, since that is the owner of the mailbox; links to files in the cloud
 * are not missed
 */
export async function eventDifferences(
  expected: SourceEvent,
  found: SourceEvent,
  folderPath: string[],
  as: 'as-stored' | 'as-restored',
): Promise<string[]> {
  const [a, b] = [await formOf(expected, folderPath, as), await formOf(found, folderPath, as)];
  return canonicalDifferences(a, b);
}

async function formOf(
  event: SourceEvent,
  folderPath: string[],
  as: 'as-stored' | 'as-restored',
): Promise<CanonicalEvent> {
  const form = await canonicalEvent(event, folderPath);
  if (as === 'as-stored') return form;
  return { ...form, organizer: null, attachments: withoutLinks(form.attachments) };
}
