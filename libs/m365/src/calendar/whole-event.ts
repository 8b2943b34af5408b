import { isFailure } from '@backhaul/domain';
import { EVENT_FIELDS, type EventProperties, type SourceEvent } from '@backhaul/engine';
import { segment, type Mailbox } from '../mail/mailbox.ts';
import { readAttachments } from '../outlook/read-attachments.ts';

/** Fields that Graph gives of a single event, and only when it is asked for them. */
const QUERY = `$select=${EVENT_FIELDS.join(',')},cancelledOccurrences&$expand=exceptionOccurrences($select=${EVENT_FIELDS.join(',')})`;

type GraphEvent = EventProperties & { exceptionOccurrences?: EventProperties[] | null };

/**
 * An event with its exceptions and all attachments, its times in `timeZone`, in UTC where Microsoft does not know the zone.
 * @throws Failure `not-found`
 */
export async function wholeEvent(
  mailbox: Mailbox,
  eventId: string,
  timeZone: string,
  signal: AbortSignal,
): Promise<SourceEvent> {
  const path = `/events/${segment(eventId)}`;
  const { exceptionOccurrences, ...master } = await inZone(timeZone, (prefer) =>
    mailbox.json<GraphEvent>({ path: `${path}?${QUERY}`, prefer: [...prefer, UNTOUCHED_BODY], signal }),
  );
  const exceptions: SourceEvent['exceptions'] = [];
  for (const exception of exceptionOccurrences ?? []) {
    exceptions.push({
      originalStart: exception.originalStart ?? '',
      properties: eventProperties(exception),
      attachments: await attachmentsOf(mailbox, exception, signal),
    });
  }
  return {
    properties: eventProperties(master),
    attachments: await attachmentsOf(mailbox, master, signal),
    exceptions,
  };
}

/** The body must come as it is stored, not as it would be safe to show. */
const UNTOUCHED_BODY = 'outlook.allow-unsafe-html';

/** Asks for times in a zone, and for UTC when Microsoft does not know it. */
export async function inZone<T>(timeZone: string, ask: (prefer: string[]) => Promise<T>): Promise<T> {
  try {
    return await ask([`outlook.timezone="${timeZone.replaceAll(/["\\\r\n]/g, '')}"`]);
  } catch (error) {
    if (timeZone === 'UTC' || !isFailure(error, 'invalid-input')) throw error;
    return ask(['outlook.timezone="UTC"']);
  }
}

const KEPT = [...EVENT_FIELDS, 'cancelledOccurrences'] as const;

function eventProperties(event: EventProperties): EventProperties {
  const kept: Partial<Record<(typeof KEPT)[number], unknown>> = {};
  for (const field of KEPT) if (event[field] !== undefined) kept[field] = event[field];
  return kept as unknown as EventProperties;
}

/** `hasAttachments` does not count those that are shown in the body. */
async function attachmentsOf(
  mailbox: Mailbox,
  event: EventProperties,
  signal: AbortSignal,
): Promise<SourceEvent['attachments']> {
  const mayHave = event.hasAttachments === true || (event.body?.content ?? '').includes('cid:');
  if (!mayHave) return [];
  const attachments = await readAttachments(mailbox, `/events/${segment(event.id)}`, signal);
  return attachments.map(({ id: _id, ...attachment }) => attachment);
}
