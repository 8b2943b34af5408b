import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { FaultEffect, FaultMatch } from '@backhaul/graph-simulator';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 1, messages: 60, bytes: 60 * 3000, seed: 2 });
let user = '';
let list = '';

beforeAll(async () => {
  user = (await bench.simulator.control.users())[0]!.id;
  list = `/users/${user}/mailFolders/inbox/messages?$select=id&$top=5`;
});

afterEach(() => bench.simulator.control.clearFaults());

const order = (effect: FaultEffect, match: FaultMatch = {}): Promise<{ id: string }> =>
  bench.simulator.control.addFault({ match: { pathRegex: '/messages', ...match }, effect });

describe('fault rules', () => {
  test('a status with Retry-After, on the n-th match only', async () => {
    const rule = await order({ kind: 'status', status: 503, retryAfterSeconds: 7 }, { nth: 2 });
    const answers = [await bench.graph.call(list), await bench.graph.call(list), await bench.graph.call(list)];
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 200]);
    expect(answers[1]!.headers['retry-after']).toBe('7');
    expect(answers[1]!.json.error.code).toBe('ServiceUnavailable');
    expect(await bench.simulator.control.faults()).toMatchObject([{ id: rule.id, matched: 3, applied: 1 }]);
    const { entries } = await bench.simulator.control.log();
    expect(entries.filter(({ fault }) => fault === rule.id)).toMatchObject([{ status: 503, retryAfter: 7 }]);
  });

  test.each([
    [404, 'ErrorItemNotFound'],
    [410, 'SyncStateNotFound'],
    [429, 'ApplicationThrottled'],
    [500, 'ErrorInternalServerError'],
  ])('%d has its documented code', async (status, code) => {
    await order({ kind: 'status', status });
    const answer = await bench.graph.call(list);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
  });

  test('an error can have an empty body or a page of HTML', async () => {
    await order({ kind: 'status', status: 503, body: 'empty' }, { times: 1 });
    await order({ kind: 'status', status: 502, body: 'html' }, { times: 1 });
    expect((await bench.graph.call(list)).bytes).toHaveLength(0);
    const page = await bench.graph.call(list);
    expect([page.status, page.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8']);
  });

  test('a page of HTML with status 200 takes the place of the answer', async () => {
    await order({ kind: 'html' }, { times: 1 });
    const page = await bench.graph.call(list);
    expect([page.status, page.headers['content-type'], page.json]).toEqual([
      200,
      'text/html; charset=utf-8',
      undefined,
    ]);
    expect((await bench.graph.call(list)).json.value).toHaveLength(5);
  });

  test('a request that hangs gets no byte until its client gives up', async () => {
    await order({ kind: 'hang' }, { times: 1 });
    const { next } = await bench.simulator.control.log();
    await expect(bench.graph.call(list, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
    expect((await bench.graph.call(list)).status).toBe(200);
    const { entries } = await bench.simulator.control.log({ since: next });
    expect(entries.map(({ status, bytes }) => [status, bytes > 0])).toEqual([
      [0, false],
      [200, true],
    ]);
  });

  test('a reset cuts the connection in mid-body', async () => {
    await order({ kind: 'reset' });
    await expect(bench.graph.call(list)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    const { entries } = await bench.simulator.control.log();
    expect(entries.at(-1)!.bytes).toBeGreaterThan(0);
  });

  test('a lost answer has taken effect', async () => {
    await order({ kind: 'lost-answer' }, { method: 'POST' });
    const folder = `/users/${user}/mailFolders/archive/messages`;
    const count = async (): Promise<number> =>
      (await bench.graph.call(`${folder}?$count=true&$top=1`)).json['@odata.count'];
    const before = await count();
    await expect(bench.graph.call(folder, { method: 'POST', body: { subject: 'x' } })).rejects.toThrow();
    expect(await count()).toBe(before + 1);
  });

  test('truncated JSON arrives as a complete answer', async () => {
    await order({ kind: 'truncate' });
    const answer = await bench.graph.call(list);
    expect([answer.status, answer.json]).toEqual([200, undefined]);
    expect(answer.bytes.length).toBeGreaterThan(50);
  });

  test('a delay is waited for', async () => {
    await order({ kind: 'delay', ms: 300 });
    const before = performance.now();
    expect((await bench.graph.call(list)).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(295);
  });

  test('endless nextLink: the same link, or a new one with the same page', async () => {
    await order({ kind: 'endless-next-link', variant: 'same-link' }, { times: 1 });
    const same = await bench.graph.call(list);
    expect(same.json['@odata.nextLink']).toBe(`${bench.simulator.graphUrl}/v1.0${list}`);
    await bench.simulator.control.clearFaults();
    await order({ kind: 'endless-next-link', variant: 'new-link' });
    const links = new Set<string>();
    const pages = new Set<string>();
    let next = list;
    for (let page = 0; page < 5; page++) {
      const { json } = await bench.graph.call(next);
      next = json['@odata.nextLink'];
      links.add(next);
      pages.add(JSON.stringify(json.value));
    }
    expect([links.size, pages.size]).toEqual([5, 1]);
  });

  test('links can lead to a foreign host', async () => {
    await order({ kind: 'foreign-link' });
    const { json } = await bench.graph.call(list);
    expect(json['@odata.nextLink']).toMatch(/^https:\/\/evil\.example\/v1\.0\//);
    const delta = await bench.graph.call(`/users/${user}/mailFolders/drafts/messages/delta?$select=id`);
    expect(delta.json['@odata.deltaLink']).toMatch(/^https:\/\/evil\.example\//);
  });

  test('an empty page leads to the true one; duplicates come twice', async () => {
    const truth = (await bench.graph.call(list)).json.value;
    await order({ kind: 'empty-page' }, { times: 1 });
    const empty = (await bench.graph.call(list)).json;
    expect(empty.value).toEqual([]);
    expect((await bench.graph.call(empty['@odata.nextLink'])).json.value).toEqual(truth);
    await order({ kind: 'duplicate-items' }, { times: 1 });
    expect((await bench.graph.call(list)).json.value).toEqual([...truth, ...truth]);
  });

  test('an expired token stays dead; a new one works', async () => {
    await order({ kind: 'expire-token' }, { times: 1 });
    const expired = await bench.graph.call(list);
    expect([expired.status, expired.json.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    expect(expired.headers['www-authenticate']).toContain('invalid_token');
    expect((await bench.graph.call(list)).status).toBe(401);
    bench.graph.useToken(null);
    expect((await bench.graph.call(list)).status).toBe(200);
  });

  test('a probability is drawn from the seed', async () => {
    const run = async (): Promise<number[]> => {
      await bench.simulator.control.clearFaults();
      await order({ kind: 'status', status: 500 }, { probability: 0.4, seed: 9 });
      const statuses: number[] = [];
      for (let call = 0; call < 20; call++) statuses.push((await bench.graph.call(list)).status);
      return statuses;
    };
    const first = await run();
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await run()).toEqual(first);
  });

  test('a rule that cannot be understood is refused', async () => {
    await expect(order({ kind: 'explode' } as never)).rejects.toThrow(/effect.kind must be one of/);
    await expect(order({ kind: 'delay', ms: 1 }, { pathRegex: '(' })).rejects.toThrow();
  });
});
