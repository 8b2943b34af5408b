import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogEntry } from '@backhaul/graph-simulator';
import { summarize } from '../src/control/log-summary.ts';
import { RequestLog } from '../src/control/request-log.ts';
import { seededRandom } from '../src/generate/random.ts';
import { useSimulator } from './support/use-simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'request-log-'));
const path = join(folder, 'requests.log');
afterAll(() => rmSync(folder, { recursive: true }));

function arrival(set: Partial<LogEntry>): Omit<LogEntry, 'n'> {
  return {
    start: 0,
    end: 1,
    method: 'GET',
    path: '/v1.0/users',
    mailbox: null,
    drive: null,
    app: 'app',
    status: 200,
    requestBytes: 0,
    bytes: 0,
    sha256: null,
    clientRequestId: null,
    task: null,
    early: false,
    retryAfter: null,
    fault: null,
    ...set,
  };
}

describe('the request log', () => {
  test('tells thousands of entries in order, from any number on and of one mailbox, most of them from its file', () => {
    const log = new RequestLog(path);
    for (let at = 0; at < 9000; at++) log.add(arrival({ mailbox: at % 3 === 0 ? 'third' : 'other' }));
    expect(statSync(path).size).toBeGreaterThan(4000 * 100);
    const numbers = (query: object): number[] => Array.from(log.entries(query), ({ n }) => n);
    const all = Array.from({ length: 9000 }, (_, at) => at + 1);
    expect(numbers({})).toEqual(all);
    for (const since of [1, 1999, 2000, 2001, 5500, 8999, 9000, 20_000]) {
      expect(numbers({ since })).toEqual(all.slice(since));
    }
    expect(numbers({ since: 3000, mailbox: 'third' })).toEqual(all.slice(3000).filter((n) => n % 3 === 1));
    log.close();
  });

  test('keeps what a request under way does later, also when thousands came after it', () => {
    const log = new RequestLog(path);
    const slow = log.add(arrival({ end: null }));
    for (let at = 0; at < 9000; at++) log.add(arrival({}));
    slow.end = 5;
    slow.status = 503;
    for (let at = 0; at < 9000; at++) log.add(arrival({}));
    expect(log.entries({}).next().value).toMatchObject({ n: 1, end: 5, status: 503 });
    expect([...log.entries({})]).toHaveLength(18_001);
    log.close();
  });

  test('leaves out what arrives while it is read, and begins anew with each start', () => {
    const log = new RequestLog(path);
    for (let at = 0; at < 3000; at++) log.add(arrival({}));
    const reading = log.entries({});
    reading.next();
    for (let at = 0; at < 3000; at++) log.add(arrival({}));
    expect([...reading]).toHaveLength(2999);
    log.close();
    const next = new RequestLog(path);
    expect([next.last, [...next.entries({})]]).toEqual([0, []]);
    next.close();
  });
});

describe('the summary', () => {
  test.each([1, 2, 3, 4, 5])('counts at once what a count at every instant finds (seed %d)', (seed) => {
    const random = seededRandom(seed);
    const entries = Array.from({ length: 120 }, (_, at): LogEntry => {
      const start = random.below(200);
      return {
        n: at + 1,
        ...arrival({
          start,
          end: random.chance(0.05) ? null : start + 1 + random.below(20),
          mailbox: random.chance(0.1) ? null : random.pick(['m1', 'm2', 'm3']),
          app: random.pick(['a', 'b']),
          task: random.chance(0.2) ? null : random.pick(['t1', 't2', 't3', 't4', 't5']),
          status: random.chance(0.1) ? 429 : 200,
        }),
      };
    });
    const openAt = (instant: number): LogEntry[] =>
      entries.filter(({ start, end }) => start <= instant && (end ?? Infinity) > instant);
    let onMailbox = 0;
    let tasks = 0;
    for (let instant = 0; instant < 230; instant++) {
      const open = openAt(instant);
      tasks = Math.max(tasks, new Set(open.flatMap(({ task }) => task ?? [])).size);
      for (const mailbox of ['m1', 'm2', 'm3']) {
        for (const app of ['a', 'b']) {
          const here = open.filter((entry) => entry.mailbox === mailbox && entry.app === app && entry.status !== 429);
          onMailbox = Math.max(onMailbox, here.length);
        }
      }
    }
    expect(summarize(entries)).toMatchObject({
      requests: 120,
      maxConcurrentPerMailbox: onMailbox,
      maxTasksInFlight: tasks,
    });
  });

  test('of nothing is zero everywhere', () => {
    expect(summarize([])).toMatchObject({ requests: 0, maxConcurrentPerMailbox: 0, busiestMailbox: null, tasks: {} });
  });
});

describe('what was sent', () => {
  const bench = useSimulator({ mailboxes: 1, messages: 40, bytes: 40 * 60_000, seed: 9 });
  let base = '';

  beforeAll(async () => {
    base = `/users/${(await bench.simulator.control.users())[0]!.id}`;
  });

  test('is logged by its SHA-256: pages, errors, short and long MIME, and what a fault cut short', async () => {
    const { value } = await bench.graph.all(`${base}/messages?$select=id&$top=50`);
    await bench.simulator.control.addFault({
      match: { pathRegex: 'childFolders' },
      effect: { kind: 'truncate', keepBytes: 30 },
    });
    const { next } = await bench.simulator.control.log();
    const bodies: Buffer[] = [];
    for (const tail of [
      '/messages?$top=40',
      '/messages/nonsense',
      '/mailFolders/inbox/childFolders',
      ...value.map(({ id }) => `/messages/${id}/$value`),
    ]) {
      bodies.push((await bench.graph.call(base + tail)).bytes);
    }
    const { entries } = await bench.simulator.control.log({ since: next });
    expect(entries.map(({ bytes, sha256 }) => ({ bytes, sha256 }))).toEqual(
      bodies.map((body) => ({ bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') })),
    );
    const sizes = bodies.map(({ length }) => length);
    expect(sizes[2]).toBe(30);
    // Both ways of sending are met: with the header in one write, and in pieces.
    expect([Math.min(...sizes.slice(3)) < 16_384, Math.max(...sizes) > 400_000]).toEqual([true, true]);
    for (const { start, end } of entries) expect(end!).toBeGreaterThanOrEqual(start);
  });
});
