import { keyPath } from '../../graph/graph-context.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import type { AttachmentHolder } from '../../outlook/attachments/attachment-holder.ts';
import { addToAppointment, removeFromAppointment } from '../state/operations.ts';
import { readDay } from '../time/days.ts';
import type { EventSubject } from './event-subject.ts';
import { instanceId } from './open-calendar.ts';

/** Attachments of one appointment are numbered below this. */
const MOST_ATTACHMENTS = 4096;

/**
 * An appointment, series or occurrence as what its attachments hang on. Those that an exception has from its series have
 * other ids there.
 */
export function appointmentHolder({ context, request, book, key, state, instance }: EventSubject): AttachmentHolder {
  const { tenant } = context;
  const date = instance?.date ?? null;
  const { attachments } = instance?.content ?? state.content;
  const id = (number: number): string =>
    tenant.ids.encode(
      'event-attachment',
      book.number,
      key,
      (date === null ? 0 : readDay(date)) * MOST_ATTACHMENTS + number,
    );
  const now = (): string => isoSeconds(context.now().getTime());
  const event = instanceId(context, book, key, instance ?? { date: null, exception: null }, request.preferences);
  return {
    context,
    attachments,
    modifiedAt: (instance?.exception ?? state).modifiedAt,
    path: keyPath(['users', tenant.owner(book.number).id], ['events', event]),
    id,
    key: (wanted) => attachments.find((attachment) => id(attachment.key) === wanted)?.key ?? null,
    add: (make) => addToAppointment(tenant, book, { key, date }, make, now()),
    remove: (number) => removeFromAppointment(tenant, book, { key, date }, number, now()),
  };
}
