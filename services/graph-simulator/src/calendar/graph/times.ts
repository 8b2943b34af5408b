import type { JsonObject } from '../../graph/json-body.ts';
import { badRequest } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import type { Window } from '../state/instances.ts';
import { DAY_MS } from '../time/days.ts';
import { timeZone, type TimeZone } from '../time/zones.ts';

/** The zone that answers give times in: `Prefer: outlook.timezone`, else UTC. @throws GraphError for one that is not known */
export function preferredZone(request: Pick<GraphRequest, 'preferences'>): TimeZone {
  return zoneNamed(request.preferences.timeZone ?? 'UTC');
}

/** @throws GraphError for a zone that is not known */
export function zoneNamed(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone !== null) return zone;
  const message = `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${name}'.`;
  throw badRequest(message, 'TimeZoneNotSupportedException');
}

/** A start or end as Graph writes it. @param time `YYYY-MM-DDTHH:MM:SSZ`, or `YYYY-MM-DD` of an all-day one */
export function timeJson(time: string, zone: TimeZone): { dateTime: string; timeZone: string } {
  const local = time.length === 10 ? `${time}T00:00:00` : localText(zone.toLocal(Date.parse(time)));
  return { dateTime: `${local}.0000000`, timeZone: zone.name };
}

/** A start or end as it is posted: local milliseconds, and the instant. @throws GraphError for what is none */
export function readTime(body: JsonObject, name: string): { local: number; instant: number; zone: TimeZone } {
  const { dateTime, timeZone: zoneName } = (body[name] ?? {}) as { dateTime?: unknown; timeZone?: unknown };
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?)?(Z?)$/.exec(String(dateTime));
  if (parts === null) throw badRequest(`${name} needs dateTime and timeZone.`, 'ErrorPropertyValidationFailure');
  const zone = zoneNamed(typeof zoneName === 'string' && zoneName !== '' ? zoneName : 'UTC');
  const local = Date.parse(`${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? ':00'}Z`);
  if (Number.isNaN(local))
    throw badRequest(`${name}: '${String(dateTime)}' is no time.`, 'ErrorPropertyValidationFailure');
  return { local, instant: parts[4] === 'Z' ? local : zone.toInstant(local), zone };
}

export function instantText(instant: number): string {
  return `${localText(instant)}Z`;
}

function localText(time: number): string {
  return new Date(time).toISOString().slice(0, 19);
}

const MOST_DAYS = 1825;

/**
 * The window that `startDateTime` and `endDateTime` name; times without an offset are of UTC.
 * @throws GraphError without both, for one that ends before it starts, and for more than 1825 days
 */
export function readWindow(query: { get(name: string): string | undefined }): Window {
  const [from, to] = ['startDateTime', 'endDateTime'].map((name) => {
    const text = query.get(name);
    if (text === undefined) {
      throw badRequest(
        `This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.`,
        'ErrorInvalidParameter',
      );
    }
    const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`);
    if (Number.isNaN(time)) throw badRequest(`The value '${text}' of ${name} is no time.`, 'ErrorInvalidParameter');
    return time;
  }) as [number, number];
  if (to < from) throw badRequest('The end of the window lies before its start.', 'ErrorInvalidRequest');
  if (to - from > MOST_DAYS * DAY_MS) {
    const message = `The range between the start and end dates is greater than the allowed range. Maximum number of days: ${MOST_DAYS}`;
    throw badRequest(message, 'ErrorInvalidRequest');
  }
  return { from, to };
}
