import { createHash } from 'node:crypto';
import { isFailure } from '@backhaul/domain';
import type { AttachedHere, CalendarTarget, Occurrence } from '../../calendar-target.ts';
import type { AttachmentToCreate } from '../../item-target.ts';
import { utcTime } from '../../zoned-time.ts';
import { refusedAttachment } from '../attachments.ts';
import type { Addition, Ask, Loss } from '../restore-kind.ts';
import type { RestorableEvent, RestorableOccurrence } from './restorable-event.ts';

const DAY_MS = 86_400_000;

/**
 * What makes a series out of its pattern: first the cancelled occurrences (one that was moved may have come to lie on such a
 * day), then the changed ones, in the order of their days. Each is looked for among the series' occurrences.
 */
export function seriesAdditions(
  target: CalendarTarget,
  { event, attachments, changed }: RestorableEvent,
  ask: Ask,
): Addition[] {
  const { recurrence, start, cancelledOccurrences } = event.properties;
  if (!recurrence) return [];
  const zone = recurrence.range?.recurrenceTimeZone || start?.timeZone || 'UTC';
  const dates = (cancelledOccurrences ?? []).flatMap((id) => /\.(\d{4}-\d{2}-\d{2})$/.exec(id ?? '')?.[1] ?? []);
  const inherits = attachments.length > 0;
  return [
    ...dates.toSorted().map((date) => cancelledOccurrence(target, date, zone, ask)),
    ...changed.map((occurrence) => changedOccurrence(target, occurrence, inherits, ask)),
  ];
}

function cancelledOccurrence(target: CalendarTarget, date: string, zone: string, ask: Ask): Addition {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return {
    async add(seriesId) {
      const near = await occurrencesBetween(target, seriesId, midnight - DAY_MS, midnight + 2 * DAY_MS, zone, ask);
      const found = near.find(({ start, isException }) => !isException && start.dateTime.startsWith(date));
      // A day on which the pattern has no occurrence needs no cancelling.
      if (found !== undefined) await ask((signal) => target.cancelOccurrence(found.id, signal));
      return [];
    },
    whenRefused: (message) => occurrenceLeftOut(`The cancelled occurrence of ${date} is there: ${message}`),
  };
}

function changedOccurrence(
  target: CalendarTarget,
  { originalStart, fields, attachments }: RestorableOccurrence,
  inherits: boolean,
  ask: Ask,
): Addition {
  const at = Date.parse(originalStart);
  return {
    async add(seriesId) {
      const near = await occurrencesBetween(target, seriesId, at - DAY_MS, at + DAY_MS, 'UTC', ask);
      const found = near.find((one) => !one.isException && seriesStart(one) === at);
      if (found === undefined) {
        return [occurrenceLeftOut(`The changed occurrence of ${originalStart} has no place in the series.`)];
      }
      const { id } = await ask((signal) => target.changeOccurrence(found.id, fields, signal));
      return alignAttachments(target, id, attachments, inherits, ask);
    },
    whenRefused: (message) =>
      occurrenceLeftOut(`The change of the occurrence of ${originalStart} was refused: ${message}`),
  };
}

function seriesStart({ originalStart, start }: Occurrence): number | undefined {
  return originalStart === null ? utcTime(start)?.getTime() : Date.parse(originalStart);
}

function occurrencesBetween(
  target: CalendarTarget,
  seriesId: string,
  from: number,
  to: number,
  timeZone: string,
  ask: Ask,
): Promise<Occurrence[]> {
  const within = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return ask((signal) => target.occurrences(seriesId, within, timeZone, signal));
}

/** An occurrence that becomes an exception takes over what is attached to the series: what it had not is removed again. */
async function alignAttachments(
  target: CalendarTarget,
  id: string,
  wanted: readonly AttachmentToCreate[],
  inherits: boolean,
  ask: Ask,
): Promise<Loss[]> {
  const there = inherits ? await ask((signal) => target.attachments(id, signal)) : [];
  const surplus = new Map(there.map((attachment) => [attachment.id, attachment]));
  const lost: Loss[] = [];
  for (const attachment of wanted) {
    const equal = [...surplus.values()].find((one) => isEqual(one, attachment));
    if (equal !== undefined) surplus.delete(equal.id);
    else lost.push(...(await attachOrLose(attachment, () => ask((signal) => target.attach(id, attachment, signal)))));
  }
  for (const attachmentId of surplus.keys()) await ask((signal) => target.detach(id, attachmentId, signal));
  return lost;
}

/** An attachment that is refused costs the occurrence this attachment and no more. */
async function attachOrLose({ name }: AttachmentToCreate, attach: () => Promise<void>): Promise<Loss[]> {
  try {
    await attach();
    return [];
  } catch (error) {
    if (!isFailure(error, 'invalid-input')) throw error;
    return [refusedAttachment(name, error.message)];
  }
}

/** Items in items are rendered anew at each fetch, so of them the name counts. */
function isEqual(there: AttachedHere, wanted: AttachmentToCreate): boolean {
  if (there.kind !== wanted.kind || there.name !== wanted.name) return false;
  return wanted.kind === 'item' || hashOf(there.content) === hashOf(wanted.content);
}

function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function occurrenceLeftOut(message: string): Loss {
  return { code: 'restore.occurrence-left-out', message };
}
