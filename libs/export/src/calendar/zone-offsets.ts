const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** No zone has ever changed its offset twice within less. */
const STEP = 7 * DAY;

/** A moment at which a zone's clocks are changed; offsets in seconds east of UTC. */
export interface Transition {
  /** Milliseconds since 1970, UTC. */
  at: number;
  from: number;
  to: number;
}

/** The zone's offset at `instant`, in seconds east of UTC. @param zone an IANA name that is known. */
export function offsetSeconds(zone: string, instant: number): number {
  const parts = formatOf(zone).formatToParts(instant);
  const shown = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /^GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(shown) ?? [];
  const offset = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -offset : offset;
}

/** What the zone's clocks show at `instant`: `YYYY-MM-DDTHH:MM:SS`. */
export function localTime(zone: string, instant: number): string {
  return wallClock(instant + offsetSeconds(zone, instant) * SECOND);
}

/** `YYYY-MM-DDTHH:MM:SS` of a time in milliseconds that was shifted by an offset already. */
export function wallClock(shifted: number): string {
  return new Date(shifted).toISOString().slice(0, 19);
}

/** Every change of the zone's clocks between two instants, oldest first. */
export function transitionsOf(zone: string, from: number, until: number): Transition[] {
  const found: Transition[] = [];
  let before = offsetSeconds(zone, from);
  for (let at = from; at < until; at += STEP) {
    const after = offsetSeconds(zone, at + STEP);
    if (after === before) continue;
    found.push({ at: changeBetween(zone, at, at + STEP), from: before, to: after });
    before = after;
  }
  return found;
}

/** The first second at which the later offset holds. */
function changeBetween(zone: string, low: number, high: number): number {
  const before = offsetSeconds(zone, low);
  let [known, changed] = [low, high];
  while (changed - known > SECOND) {
    const middle = known + Math.floor((changed - known) / 2 / SECOND) * SECOND;
    if (offsetSeconds(zone, middle) === before) known = middle;
    else changed = middle;
  }
  return changed;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format is dear, so each is kept. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  return format;
}
