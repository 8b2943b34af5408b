/** A request as it is sent to the API. */
export interface SentRequest {
  method: string;
  /** Below the root, with its query. */
  path: string;
  headers: Record<string, string>;
  /** JSON, or nothing. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  rawBody?: string;
}

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Values that have broken programs before. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  6,
  0.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  'a',
  'x'.repeat(300),
  'a\0b',
  'a\nb',
  '\ud800',
  '\u202e😀',
  "'; drop table jobs; --",
  '../../etc/passwd',
  '/proc/self/mem',
  NOBODY,
  [],
  {},
  [[]],
  [null],
  JSON.parse('{"__proto__":{"role":"admin"},"constructor":1}'),
  JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`),
];
/** Values that cost something to send; now and then is enough. */
const HUGE_VALUES: readonly unknown[] = ['x'.repeat(100_000), Array.from({ length: 10_001 }, () => NOBODY)];
const HUGE_EVERY = 100;

const ODD_SEGMENTS = [
  NOBODY,
  'x',
  '%00',
  '..%2f..',
  '%ff',
  '%F0%9F%98%80',
  '-1',
  `${NOBODY}.${NOBODY}.1`,
  'a'.repeat(2_000),
];
const ODD_QUERIES = [
  'limit=0',
  'limit=201',
  'limit=1e3',
  'limit=x',
  'cursor=x',
  'cursor=',
  'x=1',
  'limit=1&limit=2',
  'kind=%00',
  'search=%25%27',
  'folder=%ff',
];
const ODD_HEADERS = ['', 'text/html', '"', '"0"', '"99999999999"', '*', 'W/"1"', 'a b', 'x'.repeat(400)];

/** `valid` with one thing wrong. What is wrong may still be allowed. */
export function nearMiss(valid: SentRequest, random: () => number): SentRequest {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const changes: ((request: SentRequest) => SentRequest)[] = [
    (request) => ({ ...request, path: oddSegment(request.path, pick, random) }),
    (request) => ({ ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}${pick(ODD_QUERIES)}` }),
    (request) => ({ ...request, headers: oddHeader(request.headers, pick) }),
    (request) => ({ ...request, method: pick(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS']) }),
    (request) => ({ ...request, rawBody: JSON.stringify(request.body ?? {}).slice(0, -1) }),
  ];
  // Bodies are where most can go wrong.
  if (typeof valid.body === 'object' && Math.floor(random() * 4) > 0) {
    return { ...valid, body: oddMember(valid.body, pick, random) };
  }
  return pick(changes)(valid);
}

/** Nothing of it is right but the address. */
export function nonsense(valid: SentRequest, random: () => number): SentRequest {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const value = () => oddValue(pick, random);
  return {
    ...valid,
    headers: {},
    body: pick([value(), [value(), value()], { [String(random())]: value(), name: value() }]),
  };
}

type Pick = <T>(from: readonly T[]) => T;

function oddSegment(path: string, pick: Pick, random: () => number): string {
  const [plain = '', query] = path.split('?');
  const segments = plain.split('/');
  // What stands before is the fixed part, /api/v1 and the name of the list.
  const at = Math.min(segments.length - 1, 4 + Math.floor(random() * Math.max(1, segments.length - 4)));
  const [, action = ''] = /(:[a-z-]+)$/.exec(segments[at] ?? '') ?? [];
  segments[at] = `${pick(ODD_SEGMENTS)}${action}`;
  return segments.join('/') + (query === undefined ? '' : `?${query}`);
}

function oddHeader(headers: Record<string, string>, pick: Pick): Record<string, string> {
  const [needed] = Object.keys(headers);
  if (needed !== undefined && pick([true, false])) {
    const { [needed]: _, ...others } = headers;
    return others;
  }
  const name = pick(['if-match', 'idempotency-key', 'content-type', 'accept', 'last-event-id', 'traceparent']);
  return { ...headers, [name]: pick(ODD_HEADERS) };
}

function oddValue(pick: Pick, random: () => number): unknown {
  return pick(random() < 1 / HUGE_EVERY ? HUGE_VALUES : ODD_VALUES);
}

function oddMember(body: unknown, pick: Pick, random: () => number): unknown {
  const changed: unknown = structuredClone(body);
  let holder = changed as Record<string, unknown>;
  for (;;) {
    const names = Object.keys(holder);
    if (names.length === 0 || random() < 0.1) {
      if (Array.isArray(holder)) holder.push(oddValue(pick, random));
      else holder['unknownField'] = oddValue(pick, random);
      return changed;
    }
    const name = pick(names);
    const inner = holder[name];
    if (typeof inner === 'object' && inner !== null && random() < 0.6) {
      holder = inner as Record<string, unknown>;
      continue;
    }
    if (random() < 0.2 && !Array.isArray(holder)) delete holder[name];
    else holder[name] = oddValue(pick, random);
    return changed;
  }
}
