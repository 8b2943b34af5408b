import type { Component, Property } from '../content-line.ts';
import { offsetSeconds, transitionsOf, wallClock, type Transition } from './zone-offsets.ts';

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
/** Rules of zones are written out for these years; the last ones go on for ever. */
const FIRST = Date.UTC(1970, 0, 1);
const LAST_YEAR = 2037;

/**
 * The definition of a time zone as iCalendar carries it (RFC 5545 3.6.5), from the time zone database of the running
 * program: each change of the clocks since 1970, changes that repeat by a yearly rule as this rule.
 * @param zone an IANA name that is known.
 */
export function timeZoneComponent(zone: string): Component {
  const known = components.get(zone);
  if (known !== undefined) return known;
  const initial = offsetSeconds(zone, FIRST);
  const runs = runsOf(transitionsOf(zone, FIRST, Date.UTC(LAST_YEAR + 1, 0, 1)));
  const component: Component = [
    'vtimezone',
    [['tzid', {}, 'text', zone]],
    [
      observance({ at: FIRST, from: initial, to: initial }, null),
      ...runs.map((run) => observance(run.first, ruleOf(run))),
    ],
  ];
  components.set(zone, component);
  return component;
}

const components = new Map<string, Component>();

/** Changes of the same kind in consecutive years, on the same weekday of the same month at the same time. */
interface Run {
  first: Transition;
  last: Transition;
  years: number;
  /** Which of these weekdays in the month it may be: 1 to 5 from the beginning, -1 the last. */
  positions: number[];
}

function runsOf(transitions: readonly Transition[]): Run[] {
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  for (const change of transitions) {
    const kind = `${change.from}/${change.to}`;
    const run = open.get(kind);
    const positions =
      run !== undefined && isNextYear(run.last, change) ? common(run.positions, positionsOf(change)) : [];
    if (run !== undefined && positions.length > 0) {
      Object.assign(run, { last: change, years: run.years + 1, positions });
    } else {
      const begun = { first: change, last: change, years: 1, positions: positionsOf(change) };
      open.set(kind, begun);
      runs.push(begun);
    }
  }
  return runs;
}

/** What the clocks showed when they were changed, as a date whose UTC fields are the local ones. */
function onset({ at, from }: Transition): Date {
  return new Date(at + from * 1_000);
}

function isNextYear(before: Transition, after: Transition): boolean {
  const [one, other] = [onset(before), onset(after)];
  return (
    other.getUTCFullYear() === one.getUTCFullYear() + 1 &&
    other.getUTCMonth() === one.getUTCMonth() &&
    other.getUTCDay() === one.getUTCDay() &&
    other.getTime() % 86_400_000 === one.getTime() % 86_400_000
  );
}

function positionsOf(change: Transition): number[] {
  const date = onset(change);
  const day = date.getUTCDate();
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return [...(day + 7 > daysInMonth ? [-1] : []), Math.ceil(day / 7)];
}

function common(one: readonly number[], other: readonly number[]): number[] {
  return one.filter((position) => other.includes(position));
}

function ruleOf({ first, last, years, positions }: Run): Record<string, unknown> | null {
  if (years === 1) return null;
  const date = onset(first);
  const goesOn = onset(last).getUTCFullYear() >= LAST_YEAR;
  return {
    freq: 'YEARLY',
    bymonth: [date.getUTCMonth() + 1],
    byday: [`${positions[0] ?? 1}${WEEKDAYS[date.getUTCDay()] ?? 'SU'}`],
    ...(goesOn ? {} : { until: `${wallClock(last.at)}Z` }),
  };
}

function observance(change: Transition, rule: Record<string, unknown> | null): Component {
  const properties: Property[] = [
    ['dtstart', {}, 'date-time', wallClock(onset(change).getTime())],
    ['tzoffsetfrom', {}, 'utc-offset', offsetText(change.from)],
    ['tzoffsetto', {}, 'utc-offset', offsetText(change.to)],
    ...(rule === null ? [] : [['rrule', {}, 'recur', rule] satisfies Property]),
  ];
  return [change.to > change.from ? 'daylight' : 'standard', properties, []];
}

/** `+01:00`; with seconds only where there are some. */
function offsetText(seconds: number): string {
  const clock = new Date(Math.abs(seconds) * 1_000).toISOString();
  return `${seconds < 0 ? '-' : '+'}${clock.slice(11, seconds % 60 === 0 ? 16 : 19)}`;
}
