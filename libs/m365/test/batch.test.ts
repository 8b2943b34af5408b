import { Failure } from '@backhaul/domain';
import { failureOf } from '@backhaul/engine/testing';
import { describe, expect, test } from '@jest/globals';
import { ok, scriptedGraph } from './scripted-graph.ts';

const MAILBOX = 'mailbox-1';
const graphs = scriptedGraph();

describe('a batch', () => {
  const parts = ['/a', '/b', '/c'].map((path) => ({ path }));

  test('gives its results in the order of the parts, failures beside successes', async () => {
    graphs.answerInTurn(
      ok({
        responses: [
          { id: '2', status: 200, body: { n: 2 } },
          { id: '0', status: 200, body: { n: 0 } },
          { id: '1', status: 404, body: { error: { code: 'ErrorItemNotFound' } } },
        ],
      }),
    );
    const outcomes = await graphs.open().batch(parts);
    expect(outcomes).toMatchObject([
      { ok: true, body: { n: 0 } },
      { ok: false, failure: { kind: 'not-found' } },
      { ok: true, body: { n: 2 } },
    ]);
  });

  test('sends only throttled and failed parts again, after the pause that they ask for', async () => {
    graphs.answerInTurn(
      ok({
        responses: [
          { id: '0', status: 200, body: 0 },
          { id: '1', status: 429, headers: { 'Retry-After': '1' }, body: {} },
          { id: '2', status: 503, body: {} },
        ],
      }),
      ok({ responses: [1, 2].map((id) => ({ id: String(id), status: 200, body: id })) }),
    );
    const outcomes = await graphs.open().batch(parts, { scope: MAILBOX });
    expect(outcomes).toEqual([0, 1, 2].map((body) => ({ ok: true, body })));
    const [first, second] = graphs.server.arrivals;
    expect(JSON.parse(second?.body.toString() ?? '').requests).toHaveLength(2);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test('gives up a part that keeps failing after five tries, with a rest before each', async () => {
    graphs.answerInTurn(ok({ responses: parts.map((_part, id) => ({ id: String(id), status: 503, body: {} })) }));
    const [outcome] = await graphs.open({ firstPauseMs: 40 }).batch(parts);
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unavailable' } });
    expect(graphs.server.arrivals).toHaveLength(5);
  });

  test('that is stopped while it rests ends with the reason of the stop', async () => {
    const reason = new Failure('lease-lost', { code: 'lease.lost', message: 'Taken.', retry: 'never' });
    graphs.server.answer = (arrival) => {
      ok({ responses: [{ id: '0', status: 503, body: {} }] })(arrival);
      setImmediate(() => graphs.stop.abort(reason));
    };
    expect(await failureOf(graphs.open({ firstPauseMs: 3_600_000 }).batch(parts))).toBe(reason);
  });

  test('of more than twenty parts goes out in several', async () => {
    graphs.server.answer = (a) => {
      const { requests } = JSON.parse(a.body.toString()) as { requests: { id: string }[] };
      a.reply(200, { responses: requests.map(({ id }) => ({ id, status: 200, body: id })) });
    };
    const many = Array.from({ length: 45 }, (_, index) => ({ path: `/${index}` }));
    expect(await graphs.open().batch(many)).toHaveLength(45);
    expect(graphs.server.arrivals).toHaveLength(3);
  });
});
