import type { Random } from '../../generate/random.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import type { Address } from '../../mail/state/message.ts';
import type { AppointmentContent, AppointmentState } from '../state/appointment.ts';
import { instancesIn, type Instance } from '../state/instances.ts';
import { changedException } from '../state/next-state.ts';
import { DAY_MS } from '../time/days.ts';

/** Changes and cancels some of a series' first occurrences, as life does. */
export function addOddities(series: AppointmentState, people: readonly Address[], random: Random): AppointmentState {
  let state = series;
  for (const instance of firstInstances(series, 8).slice(1)) {
    const draw = random.next();
    const date = instance.date!;
    if (draw < 0.25) state = { ...state, cancelled: [...state.cancelled, date] };
    else if (draw < 0.55) {
      const exception = changedException(undefined, changeOf(instance, people, random), {}, series.createdAt);
      state = { ...state, exceptions: { ...state.exceptions, [date]: exception } };
    }
  }
  return state;
}

function firstInstances(state: AppointmentState, most: number): Instance[] {
  const from = Date.parse(state.content.start);
  const found: Instance[] = [];
  for (const instance of instancesIn(state, { from, to: from + 3 * 366 * DAY_MS })) {
    found.push(instance);
    if (found.length === most) break;
  }
  return found;
}

function changeOf({ content }: Instance, people: readonly Address[], random: Random): Partial<AppointmentContent> {
  const hour = 3_600_000;
  const later = (time: string): string => isoSeconds(Date.parse(time) + hour);
  const choices: Partial<AppointmentContent>[] = [
    { subject: `Changed ${random.below(1000)}` },
    { location: { ...content.location, displayName: 'Elsewhere' } },
    { attendees: [...content.attendees, { ...random.pick(people), type: 'optional', response: 'none' }] },
    { body: { type: 'html', source: { from: 'text', text: '<p>Only this time.</p>\r\n' } }, showAs: 'tentative' },
    {
      attachments: [
        {
          kind: 'file',
          key: 1,
          name: 'this time.txt',
          contentType: 'text/plain',
          contentId: null,
          isInline: false,
          bytes: { from: 'text', text: `only this time ${random.below(1000)}` },
        },
      ],
    },
  ];
  if (!content.isAllDay) choices.push({ start: later(content.start), end: later(content.end) });
  return random.pick(choices);
}
