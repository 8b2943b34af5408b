import { malformedCursor } from '../cursor.ts';

/**
 * Graph tracks changes of events only within a view of the calendar, whose window stands in its links and never slides. So
 * a window is kept for as long as it reaches a year ahead, and then another one is begun.
 */
export interface ViewWindow {
  /** ISO 8601 UTC. */
  from: string;
  to: string;
}

/** What is remembered between two runs: the view's delta link, and the window that is in it. */
export interface ViewCursor extends ViewWindow {
  link: string;
}

/** Together less than 1825 days, the longest window that Graph takes. */
const YEARS_BACK = 1;
const YEARS_AHEAD = 2;
/** With less than this ahead of it, a window is given up for another one. */
const LEAST_YEARS_AHEAD = 1;

/** A window around now, from midnight to midnight. */
export function windowAround(now: Date): ViewWindow {
  return { from: yearsFrom(now, -YEARS_BACK), to: yearsFrom(now, YEARS_AHEAD) };
}

export function isUsedUp({ to }: ViewWindow, now: Date): boolean {
  return to < yearsFrom(now, LEAST_YEARS_AHEAD);
}

export function writeViewCursor({ link, from, to }: ViewCursor): string {
  return JSON.stringify({ link, from, to });
}

/** @throws Failure `invalid-input` for a cursor that was damaged */
export function readViewCursor(cursor: string): ViewCursor {
  const { link, from, to } = parsed(cursor);
  if (typeof link !== 'string' || typeof from !== 'string' || typeof to !== 'string') throw malformedCursor();
  return { link, from, to };
}

function parsed(cursor: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(cursor);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function yearsFrom(now: Date, years: number): string {
  return new Date(Date.UTC(now.getUTCFullYear() + years, now.getUTCMonth(), now.getUTCDate())).toISOString();
}
