import { badRequest } from './graph-error.ts';

/** A request to Graph, taken apart as far as every handler needs it. Parts of a `$batch` have the same form. */
export interface GraphRequest {
  method: string;
  /** Path after the version and query, as it came, for links and log. */
  url: string;
  /** Decoded segments after the version. */
  segments: string[];
  query: Query;
  headers: Record<string, string | string[] | undefined>;
  preferences: Preferences;
  app: CallingApp;
  /** Reads the whole body; at most 4 MB as Graph allows. */
  body(): Promise<Buffer>;
  /** Reads the body piece by piece, for files. @throws GraphError 413 when it is larger than `limit` bytes */
  pieces(limit: number): AsyncIterable<Buffer>;
}

/** Who calls: what the access token says. */
export interface CallingApp {
  clientId: string;
  roles: ReadonlySet<string>;
}

/** A request as it came over the wire, or as a part of a batch. */
export interface RawGraphRequest {
  method: string;
  /** After the version, with query. */
  url: string;
  headers: GraphRequest['headers'];
  app: CallingApp;
  /** What its body has, as announced. */
  bodySize: number;
  body(): Promise<Buffer>;
  pieces(limit: number): AsyncIterable<Buffer>;
}

/** Query options without regard to case and to the leading `$`. */
export class Query {
  readonly #values = new Map<string, string>();

  constructor(text: string) {
    if (text === '') return;
    for (const [name, value] of new URLSearchParams(text)) this.#values.set(plainName(name), value);
  }

  get(name: string): string | undefined {
    return this.#values.get(name.toLowerCase());
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  /** Comma-separated names, e.g. of `$select`; null when the option is absent. */
  list(name: string): string[] | null {
    const value = this.get(name);
    if (value === undefined) return null;
    return value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  /** @throws GraphError when the value is no whole number from 0 on */
  number(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,9}$/.test(value)) throw badRequest(`Invalid value '${value}' for $${name} query option found.`);
    return Number(value);
  }

  flag(name: string): boolean {
    return this.get(name)?.toLowerCase() === 'true';
  }
}

function plainName(name: string): string {
  return (name.startsWith('$') ? name.slice(1) : name).toLowerCase();
}

/** What the `Prefer` header asks for. */
export interface Preferences {
  immutableIds: boolean;
  maxPageSize: number | null;
  bodyType: 'text' | 'html' | null;
  /** Windows' or IANA name of the zone for times of events. */
  timeZone: string | null;
}

export const NO_PREFERENCES: Preferences = {
  immutableIds: false,
  maxPageSize: null,
  bodyType: null,
  timeZone: null,
};

export function readPreferences(header: string | string[] | undefined): Preferences {
  if (header === undefined) return NO_PREFERENCES;
  const text = Array.isArray(header) ? header.join(',') : header;
  const size = /odata\.maxpagesize\s*=\s*"?(\d{1,6})/i.exec(text)?.[1];
  const bodyType = /outlook\.body-content-type\s*=\s*"?(text|html)/i.exec(text)?.[1]?.toLowerCase();
  return {
    immutableIds: /idtype\s*=\s*"?immutableid/i.test(text),
    maxPageSize: size === undefined ? null : Math.max(1, Number(size)),
    bodyType: (bodyType as 'text' | 'html' | undefined) ?? null,
    timeZone: /outlook\.timezone\s*=\s*"?([^",]+)/i.exec(text)?.[1]?.trim() ?? null,
  };
}

/**
 * Segments of a path; `users('id')/messages('id')` reads like `users/id/messages/id`, `microsoft.graph.delta()` like `delta`.
 * @throws GraphError for an empty segment or a broken escape
 */
export function readSegments(path: string): string[] {
  const segments: string[] = [];
  for (const part of path.split('/').slice(1)) {
    if (part === '') throw badRequest(`Resource not found for the segment ''.`);
    const keyed =
      part.endsWith("')") || part.endsWith('%27)') ? /^([A-Za-z.]+)\((?:'|%27)(.*)(?:'|%27)\)$/.exec(part) : null;
    if (keyed === null) segments.push(plainSegment(decode(part)));
    else segments.push(keyed[1]!, decode(keyed[2]!).replaceAll("''", "'"));
  }
  return segments;
}

function plainSegment(segment: string): string {
  const name = segment.endsWith('()') ? segment.slice(0, -2) : segment;
  return name.startsWith('microsoft.graph.') ? name.slice('microsoft.graph.'.length) : name;
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('The request URI is not valid.', 'RequestBroker--ParseUri');
  }
}
