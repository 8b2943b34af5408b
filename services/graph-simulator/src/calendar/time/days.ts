/*
 * Calendar dates as numbers: days since 1970-01-01. No time zone is involved.
 */

export const DAY_MS = 86_400_000;

/** @param month 1–12 */
export function dayOf(year: number, month: number, day: number): number {
  return Math.round(Date.UTC(year, month - 1, day) / DAY_MS);
}

/** @param date `YYYY-MM-DD` */
export function readDay(date: string): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

/** `YYYY-MM-DD` */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** 0 = Sunday … 6 = Saturday. */
export function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

export function yearOf(day: number): number {
  return new Date(day * DAY_MS).getUTCFullYear();
}

/** Months since the year 0: `year * 12 + month`, January being 0. */
export function monthNumber(day: number): number {
  const date = new Date(day * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The first day of a month as {@link monthNumber} counts them. */
export function firstOfMonth(month: number): number {
  return dayOf(Math.floor(month / 12), (month % 12) + 1, 1);
}
