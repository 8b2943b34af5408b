import { createHash } from 'node:crypto';
import type { SourceEvent } from '../../calendar-source.ts';
import type { CalendarTarget } from '../../calendar-target.ts';
import type { RestoreMark } from '../../item-target.ts';
import { canonicalName } from '../../canonical-texts.ts';
import { readStoredEvent, type StoredEvent } from '../../stored-event.ts';
import { utcTime } from '../../zoned-time.ts';
import { additionsOf } from '../attachments.ts';
import type { TargetFolder } from '../target-folder.ts';
import type { Ask, Loss, RestorableItem, RestoreKind } from '../restore-kind.ts';
import { eventDifferences } from './compare-events.ts';
import { restorableEvent } from './restorable-event.ts';
import { seriesAdditions } from './series-additions.ts';

/** How events are restored: singly, and series with their exceptions and cancelled occurrences. */
export function eventKind(target: CalendarTarget): RestoreKind {
  return {
    kind: 'calendar',
    noun: 'event',
    target,
    folders: 'flat',
    refusedEarlier: {
      code: 'restore.attachment-refused',
      message: 'An earlier attempt was refused an attachment or an occurrence of it.',
    },
    async open(entry, point, ask) {
      const stored = await readStoredEvent(entry, point);
      return stored === null ? null : openEvent(target, stored, entry.containerId, ask);
    },
  };
}

async function openEvent(
  target: CalendarTarget,
  stored: StoredEvent,
  containerId: string,
  ask: Ask,
): Promise<RestorableItem> {
  const restorable = await restorableEvent(stored);
  const { event, fields, attachments, losses } = restorable;
  const { properties } = stored;
  const readBack = (id: string) => ask((signal) => target.event(id, zoneOf(stored), signal));
  return {
    losses,
    likeness: JSON.stringify([canonicalName(properties.subject ?? ''), utcTime(properties.start)]),
    async findVersions(folder) {
      const id = folder.id === containerId ? properties.id : null;
      const { subject, start, isAllDay } = event.properties;
      const of = { subject: subject ?? '', start: start ?? null, isAllDay: isAllDay ?? false, id };
      const found = await ask((signal) => target.findTwins(folder.id, of, signal));
      return found.map((candidate) => ({
        id: candidate.id,
        isSame: async () => isSame(stored, event, await readBack(candidate.id), folder),
        whyKept: async () => whyKept(await readBack(candidate.id)),
      }));
    },
    create: (folderId, mark, making) =>
      ask((signal) => target.create(folderId, { fields, transactionId: transactionId(mark, making), mark }, signal)),
    additions: [
      ...additionsOf(attachments, (id, attachment) => ask((signal) => target.attach(id, attachment, signal))),
      ...seriesAdditions(target, restorable, ask),
    ],
    async differences(folder, id) {
      const found = await readBack(id);
      return found === null ? ['readable'] : eventDifferences(event, found, folder.path, 'as-restored');
    },
  };
}

/** Unharmed, or as a restore leaves it behind. */
async function isSame(
  stored: SourceEvent,
  restored: SourceEvent,
  found: SourceEvent | null,
  { path }: TargetFolder,
): Promise<boolean> {
  if (found === null) return false;
  if ((await eventDifferences(stored, found, path, 'as-stored')).length === 0) return true;
  return (await eventDifferences(restored, found, path, 'as-restored')).length === 0;
}

/** Microsoft tells everybody who is invited when an organizer's event goes, and cannot be asked not to. */
function whyKept(found: SourceEvent | null): Loss | null {
  if (found === null || found.properties.isOrganizer === false) return null;
  const all = [found.properties, ...found.exceptions.map(({ properties }) => properties)];
  if (all.every(({ attendees }) => (attendees ?? []).length === 0)) return null;
  const message = 'Another version stays beside it: its attendees would be told of its removal.';
  return { code: 'restore.version-kept', message };
}

/** The zone in which an event was made, and in which its times are stored. */
function zoneOf({ properties }: SourceEvent): string {
  return properties.start?.timeZone ?? properties.originalStartTimeZone ?? 'UTC';
}

/** Microsoft's own safeguard against doubles; the same for every attempt at one making. */
function transactionId({ restoreId, itemId }: RestoreMark, making: string): string {
  return createHash('sha256')
    .update(JSON.stringify([restoreId, itemId, making]))
    .digest('hex')
    .slice(0, 36);
}
