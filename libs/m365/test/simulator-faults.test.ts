import { createHash } from 'node:crypto';
import type { FaultEffect, Simulator } from '@backhaul/graph-simulator';
import { failureOf } from '@backhaul/engine/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mailSource, type Graph } from '../src/index.ts';
import { idsOf, pagesOf, simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
let simulator: Simulator;
let graph: Graph;
/** A mailbox, and its folder that has most messages. */
let user: string;
let folder: string;
let logStart: number;
const { signal } = new AbortController();

beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 500, largeFolder: 300, bytes: 500 * 3_000, seed: 7 });
  simulator = scene.simulator;
  user = (await simulator.control.users()).find(({ messages }) => messages > 0)?.id ?? '';
  const { messages } = await simulator.control.truth({ mailbox: user, forms: false });
  const sizes = new Map<string, number>();
  for (const { folderId } of messages) sizes.set(folderId, (sizes.get(folderId) ?? 0) + 1);
  folder = [...sizes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
});
beforeEach(async () => {
  logStart = (await simulator.control.log({})).next;
  graph = scene.open();
});
afterEach(async () => {
  await simulator.control.clearFaults();
  await simulator.control.updateSettings({ earlyGraceMs: 250, latencyMs: 0 });
});
afterAll(() => scene.close());

describe('a fault of the service', () => {
  test.each<[string, FaultEffect]>([
    ['truncated JSON', { kind: 'truncate' }],
    ['a web page with status 200', { kind: 'html' }],
    ['a reset in the middle of the body', { kind: 'reset' }],
    ['a lost answer', { kind: 'lost-answer' }],
    ['an error 503 without a body', { kind: 'status', status: 503, body: 'empty' }],
    ['an error 502 that is a web page', { kind: 'status', status: 502, body: 'html' }],
    ['no answer', { kind: 'hang' }],
    ['a dead token', { kind: 'expire-token' }],
    ['an empty page with a link', { kind: 'empty-page' }],
    ['entries that come twice', { kind: 'duplicate-items' }],
  ])('(%s) at a page of changes loses and doubles nothing', async (_what, effect) => {
    const expected = new Set(idsOf(await pagesOf(graph, user, folder)));
    await simulator.control.addFault({ match: { pathRegex: '/messages/delta', nth: 1 }, effect });
    expect(new Set(idsOf(await pagesOf(graph, user, folder)))).toEqual(expected);
    expect((await simulator.control.faults()).map(({ applied }) => applied)).toEqual([1]);
  });

  test.each(['reset', 'lost-answer', 'html', 'expire-token'] as const)(
    '(%s) at a message gives the whole message',
    async (kind) => {
      const [id = ''] = idsOf(await pagesOf(graph, user, folder));
      await simulator.control.addFault({ match: { pathRegex: '/\\$value', nth: 1 }, effect: { kind } });
      const mime = await mailSource(graph, user).mime(id, signal);
      const last = (await scene.logged(logStart)).findLast(({ path }) => path.endsWith('/$value'));
      expect(createHash('sha256').update(mime).digest('hex')).toBe(last?.sha256);
    },
  );

  test.each(['same-link', 'new-link'] as const)('(endless links, %s) ends', async (variant) => {
    await simulator.control.addFault({
      match: { pathRegex: '/messages/delta' },
      effect: { kind: 'endless-next-link', variant },
    });
    expect((await failureOf(pagesOf(graph, user, folder))).code).toBe('graph.endless-paging');
    expect((await scene.logged(logStart)).filter(({ path }) => path.includes('/delta')).length).toBeLessThan(6);
  });

  test('(links to another host) is not followed', async () => {
    await simulator.control.addFault({ match: { pathRegex: '/messages/delta' }, effect: { kind: 'foreign-link' } });
    expect((await failureOf(pagesOf(graph, user, folder))).code).toBe('graph.foreign-link');
  });
});

describe('politeness', () => {
  test('no request comes before a Retry-After is over, whoever asks, and never more than four at once', async () => {
    await simulator.control.updateSettings({ earlyGraceMs: 100, latencyMs: 5 });
    const ids = idsOf(await pagesOf(graph, user, folder));
    await simulator.control.addFault({
      match: { pathRegex: '/\\$value', probability: 0.02, seed: 3, times: 4 },
      effect: { kind: 'status', status: 429, retryAfterSeconds: 1, code: 'ApplicationThrottled' },
    });
    const source = mailSource(graph, user);
    await Promise.all(ids.map((id) => source.mime(id, signal)));
    const summary = await simulator.control.logSummary({ since: logStart });
    expect(summary.byStatus['429']).toBeGreaterThan(0);
    expect(summary.early).toBe(0);
    expect(summary.maxConcurrentPerMailbox).toBe(4);
    expect(graph.counters.throttledMs).toBeGreaterThan(900);
  });

  test('a wait longer than the slot may be held is reported instead of waited', async () => {
    await simulator.control.addFault({ match: {}, effect: { kind: 'status', status: 429, retryAfterSeconds: 300 } });
    const failure = await failureOf(mailSource(graph, user).folders(signal));
    expect(failure.kind).toBe('throttled');
    expect(failure.retryAfterMs).toBeGreaterThan(299_000);
    expect((await scene.logged(logStart)).length).toBe(1);
  });
});
