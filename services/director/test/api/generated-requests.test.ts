import { beforeAll, describe, expect, test } from '@jest/globals';
import { CONTROLLERS } from '../../src/api/controllers.ts';
import { routesOf } from '../../src/api/routes.ts';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { mailboxForTests } from '../../testing/fixtures/mailbox.ts';
import { simulatorForTests, trusting } from '../../testing/fixtures/simulator.ts';
import { nearMiss, nonsense, seededRandom, type SentRequest } from '../../testing/near-miss.ts';
import type { Answered } from '../../testing/running-api.ts';
import { validRequests, withOwnKey, type ValidRequest } from '../../testing/valid-requests.ts';
import { WatchedDatabase, type Look } from '../../testing/watched-database.ts';

const REQUESTS = Number(process.env['BACKHAUL_TEST_REQUESTS'] ?? 5_000);
/** Of ten, so many are one change away from a valid one. */
const NEAR_MISSES = 9;

const seed = Number(process.env['BACKHAUL_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const simulator = simulatorForTests({ mailboxes: 2, messages: 2 });
const api = apiForTests(() => trusting(simulator));
const inventory = inventoryForTests(api);
const mailbox = mailboxForTests(api, inventory);
let valid: Record<string, ValidRequest>;
let watched: WatchedDatabase;
/** What is seen while nothing happens. */
let rest: Look;
let wasOnlyRead = false;

beforeAll(async () => {
  valid = await validRequests({ api, inventory, mailbox, simulator });
  watched = await WatchedDatabase.watch(api.database);
  rest = await watched.look();
}, 60_000);

const send = ({ method, path, headers, body, rawBody }: SentRequest): Promise<Answered> =>
  api.request(method, path, {
    headers,
    ...(method === 'GET' || method === 'HEAD' ? {} : rawBody === undefined ? { body } : { rawBody }),
  });

const READING = ['GET', 'HEAD', 'OPTIONS'];

/** Sends a request in the state that all of them are sent in, and takes back what it did. */
async function sendAlone(sent: SentRequest, { prepare, tidy }: ValidRequest) {
  if (READING.includes(sent.method)) {
    wasOnlyRead = true;
    return { ...(await send(sent)), didChange: false };
  }
  await requireRest();
  await prepare?.();
  const before = prepare === undefined ? rest : await watched.look();
  const answered = await send(withOwnKey(sent));
  const after = await watched.look();
  await watched.restore(after.changes);
  if (answered.status < 300) tidy?.();
  rest = { ...after, changes: [] };
  return { ...answered, didChange: JSON.stringify(after) !== JSON.stringify(before) };
}

/** What was only read since the last look has changed nothing. Looking once for many such requests spares half the time. */
async function requireRest(): Promise<void> {
  if (wasOnlyRead) expect(await watched.look()).toEqual(rest);
  wasOnlyRead = false;
}

describe('the requests from which others are made', () => {
  test('are one of each operation of the API', () => {
    const ids = routesOf(CONTROLLERS).map(({ spec }) => spec.id);
    expect(Object.keys(valid).sort()).toEqual(ids.sort());
  });

  test('are valid: each is accepted, and those that do something are seen to', async () => {
    const before = await watched.mark();
    const seen: Record<string, [number, boolean]> = {};
    for (const [id, request] of Object.entries(valid)) {
      const { status, didChange } = await sendAlone(request, request);
      seen[id] = [status, didChange];
    }
    expect(Object.entries(seen).filter(([, [status]]) => status >= 300)).toEqual([]);
    const quiet = Object.entries(valid).filter(([id, { method }]) => method !== 'GET' && seen[id]?.[1] === false);
    // An export says in a body what is wanted, and only reads.
    expect(quiet.map(([id]) => id)).toEqual(['exportPoint']);
    await requireRest();
    expect(await watched.mark()).toBe(before);
  });
});

describe(`of ${REQUESTS} generated requests (BACKHAUL_TEST_SEED=${seed})`, () => {
  test('none breaks the Director, and none that is refused changes anything', async () => {
    const random = seededRandom(seed);
    // Those that read come one after the other.
    const all = Object.values(valid).sort((a, b) => (a.method < b.method ? -1 : 1));
    const cheap = all.filter(({ costly }) => costly !== true);
    const requests = [...all, ...cheap, ...cheap, ...cheap];
    const before = await watched.mark();
    const statuses: Record<string, number> = {};
    for (let count = 0; count < REQUESTS; count += 1) {
      const request = requests[count % requests.length] as ValidRequest;
      const sent = count % 10 < NEAR_MISSES ? nearMiss(request, random) : nonsense(request, random);
      const { status, text, headers, didChange } = await sendAlone(sent, request);
      const about = () => `${JSON.stringify(sent).slice(0, 2_000)}: ${text}\n${api.log.slice(-2).join('')}`;
      if (status >= 500) throw new Error(`${status} for ${about()}`);
      if (/node_modules|\.[jt]s:\d+|\bat \S+ \(/.test(text)) throw new Error(`A stack trace for ${about()}`);
      if (status >= 400 && didChange) throw new Error(`${status}, but something changed: ${about()}`);
      if (status >= 400 && !/^application\/problem\+json/.test(headers.get('content-type') ?? '')) {
        throw new Error(`${status}, but no problem: ${about()}`);
      }
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    await requireRest();
    expect(await watched.mark()).toBe(before);
    const refused = Object.entries(statuses).filter(([status]) => Number(status) >= 400);
    expect(refused.reduce((sum, [, number]) => sum + number, 0)).toBeGreaterThan(REQUESTS / 3);
    expect(Object.keys(statuses)).toEqual(
      expect.arrayContaining(['200', '201', '202', '400', '404', '405', '406', '415', '422', '428']),
    );
  }, 300_000);
});
