import type { CalendarTruth, CanonicalEvent, CanonicalOccurrence } from '@backhaul/graph-simulator';
import { compareMultisets } from './compare-multisets.ts';
import type { Comparison } from './difference.ts';

/**
 * Holds restored events against those they were restored from. Whoever restores becomes the organizer, attendees are named
 * in the body instead of being invited, and links to cloud files cannot be made; all the rest is equal.
 */
export function compareRestoredCalendar(source: CalendarTruth, target: CalendarTruth): Comparison {
  const comparison = compareMultisets(
    target.userPrincipalName,
    [...forms(source)].map((event) => asRestored(event, event, source.userPrincipalName)),
    [...forms(target)].map((event) => asRestored(event, originOf(event, source), source.userPrincipalName)),
  );
  for (const { attendees, subject } of forms(target)) {
    if (attendees.length === 0) continue;
    comparison.differences.push({ object: target.userPrincipalName, item: subject, problem: 'has attendees' });
  }
  return comparison;
}

/** The default calendar may have another name in another language. */
function* forms(truth: CalendarTruth): Iterable<CanonicalEvent> {
  const name = truth.calendars.find(({ isDefault }) => isDefault)?.name;
  for (const { canonical } of truth.events) {
    if (canonical === undefined) continue;
    yield { ...canonical, folderPath: canonical.folderPath[0] === name ? ['{default}'] : canonical.folderPath };
  }
}

/** The event a restored one may be the copy of; only its attendees matter. */
function originOf(restored: CanonicalEvent, source: CalendarTruth): CanonicalEvent {
  const candidates = [...forms(source)].filter(
    ({ subject, start, folderPath }) =>
      subject === restored.subject && start === restored.start && folderPath[0] === restored.folderPath[0],
  );
  return (
    candidates.find(({ attendees }) =>
      namesAll(
        restored,
        attendees.map(({ address }) => address),
      ),
    ) ??
    candidates[0] ??
    restored
  );
}

type Comparable = Omit<CanonicalEvent, 'organizer' | 'exceptions'> & {
  exceptions: { originalStart: string; event: CanonicalOccurrence }[];
};

/** What both must have in common: where others took part, their addresses in the body stand for body and attendees. */
function asRestored(event: CanonicalEvent, origin: CanonicalEvent, owner: string): Comparable {
  const { organizer: _organizer, exceptions, ...rest } = event;
  return {
    ...rest,
    ...commonParts(event, origin, organizersBesides(owner, origin)),
    exceptions: exceptions.map(({ originalStart, event: occurrence }, index) => ({
      originalStart,
      event: { ...occurrence, ...commonParts(occurrence, origin.exceptions[index]?.event ?? occurrence) },
    })),
  };
}

function organizersBesides(owner: string, { organizer }: CanonicalEvent): string[] {
  return organizer === null || organizer.address === owner.toLowerCase() ? [] : [organizer.address];
}

function commonParts(
  event: CanonicalOccurrence,
  origin: CanonicalOccurrence,
  organizers: readonly string[] = [],
): Pick<CanonicalOccurrence, 'attendees' | 'attachments' | 'body'> {
  const attachments = event.attachments.filter(({ kind }) => kind !== 'reference');
  const people = [...origin.attendees.map(({ address }) => address), ...organizers];
  if (people.length === 0) return { attendees: [], attachments, body: event.body };
  const isNamed = event === origin || namesAll(event, people);
  const text = isNamed ? 'names everybody who took part' : event.body.text;
  return { attendees: [], attachments, body: { type: event.body.type, text } };
}

function namesAll({ body }: CanonicalOccurrence, addresses: readonly string[]): boolean {
  const text = body.text.toLowerCase();
  return addresses.every((address) => text.includes(address));
}
