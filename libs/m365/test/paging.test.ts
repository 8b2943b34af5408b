import { failureOf } from '@backhaul/engine/testing';
import { describe, expect, test } from '@jest/globals';
import { createTransport } from '../src/index.ts';
import { ok, refuse, scriptedGraph } from './scripted-graph.ts';
import { startScriptedServer } from './scripted-server.ts';

const graphs = scriptedGraph();

describe('paging', () => {
  const page = (ids: string[], links: Record<string, string>) => ({ value: ids.map((id) => ({ id })), ...links });
  const next = (link: string) => ({ '@odata.nextLink': link });

  async function walk(graph = graphs.open()): Promise<string[]> {
    const ids: string[] = [];
    for await (const { value } of graph.pages<{ id: string }>({ path: '/messages', prefer: ['p'] })) {
      ids.push(...value.map(({ id }) => id));
    }
    return ids;
  }

  test('follows each link word by word, with the same headers, through empty pages', async () => {
    const link = `${graphs.server.root}/v1.0/users('u')/messages?$skiptoken=a%2Bb=/&$filter=x&z=1`;
    graphs.answerInTurn(ok(page(['1'], next(link))), ok(page([], next(`${link}2`))), ok(page(['2'], {})));
    expect(await walk()).toEqual(['1', '2']);
    expect(graphs.server.arrivals[1]?.url).toBe("/v1.0/users('u')/messages?$skiptoken=a%2Bb=/&$filter=x&z=1");
    expect(graphs.server.arrivals.map(({ headers }) => headers['prefer'])).toEqual(['p', 'p', 'p']);
  });

  test.each([
    'https://evil.example/v1.0/messages',
    'http://localhost/v1.0/messages',
    'https://localhost/v1.0/messages',
    'https://user:pass@HOST/v1.0/messages',
    'https://HOST.evil.example/v1.0/messages',
    '//HOST/v1.0/messages',
    '/v1.0/messages',
  ])('never follows %s', async (link) => {
    graphs.answerInTurn(ok(page(['1'], next(link.replace('HOST', graphs.server.host)))));
    const failure = await failureOf(walk());
    expect([failure.kind, failure.code, failure.retry]).toEqual(['forbidden', 'graph.foreign-link', 'never']);
    expect(graphs.server.arrivals).toHaveLength(1);
  });

  test('never follows a link with an empty segment, and takes it for a fault of the service', async () => {
    graphs.answerInTurn(ok(page(['1'], next(`${graphs.server.root}/v1.0/users//mailFolders//messages`))));
    expect(await failureOf(walk())).toMatchObject({ kind: 'unavailable', code: 'graph.broken-link', retry: 'later' });
    expect(graphs.server.arrivals).toHaveLength(1);
  });

  test('never sends anything, least of all the token, to the host of a foreign link', async () => {
    const stranger = await startScriptedServer();
    graphs.answerInTurn(ok(page(['1'], next(`${stranger.root}/v1.0/messages`))));
    const trusting = createTransport({ caCertificates: [graphs.server.ca, stranger.ca] });
    expect((await failureOf(walk(graphs.open({ transport: trusting })))).code).toBe('graph.foreign-link');
    expect(stranger.arrivals).toHaveLength(0);
    await trusting.close();
    await stranger.close();
  });

  test.each<[string, object | null]>([
    ['an object without a list', {}],
    ['a list that is none', { value: { id: '1' } }],
    ['nothing', null],
  ])('takes %s for a failure of the service, not for an empty list', async (_what, body) => {
    graphs.server.answer = (arrival) =>
      arrival.reply(200, JSON.stringify(body), { 'content-type': 'application/json' });
    expect(await failureOf(walk())).toMatchObject({ kind: 'unavailable' });
  });

  test('ends when the same link comes again', async () => {
    graphs.answerInTurn(
      ok(page(['1'], next(`${graphs.server.root}/a`))),
      ok(page(['2'], next(`${graphs.server.root}/b`))),
      ok(page(['3'], next(`${graphs.server.root}/a`))),
    );
    expect((await failureOf(walk())).code).toBe('graph.endless-paging');
  });

  test('ends when new links bring the same page again and again', async () => {
    let turn = 0;
    graphs.server.answer = (a) => a.reply(200, page(['1', '2'], next(`${graphs.server.root}/${(turn += 1)}`)));
    expect((await failureOf(walk())).code).toBe('graph.endless-paging');
    expect(turn).toBe(3);
  });

  test('ends when new links bring the same two pages in turn, again and again', async () => {
    let turn = 0;
    graphs.server.answer = (a) => {
      turn += 1;
      a.reply(200, page([String(turn % 2), 'x'], next(`${graphs.server.root}/${turn}`)));
    };
    expect((await failureOf(walk())).code).toBe('graph.endless-paging');
    expect(turn).toBe(5);
  });

  test('ends when new links bring nothing, again and again', async () => {
    let turn = 0;
    graphs.server.answer = (a) => a.reply(200, page([], next(`${graphs.server.root}/${(turn += 1)}`)));
    expect((await failureOf(walk())).code).toBe('graph.endless-paging');
  });

  test('asks for smaller pages where the service fails on large ones', async () => {
    graphs.server.answer = (arrival) => {
      const size = Number(/maxpagesize=(\d+)/.exec(String(arrival.headers['prefer']))?.[1]);
      if (size > 50) refuse(504)(arrival);
      else ok(page([`size ${size}`], {}))(arrival);
    };
    const ids: string[] = [];
    for await (const { value } of graphs.open({ maxTries: 2 }).pages<{ id: string }>({ path: '/m', pageSize: 500 })) {
      ids.push(...value.map(({ id }) => id));
    }
    expect(ids).toEqual(['size 50']);
  });

  test('reports a link that has expired as expired', async () => {
    graphs.answerInTurn(ok(page(['1'], next(`${graphs.server.root}/a`))), refuse(410, 'SyncStateNotFound'));
    expect((await failureOf(walk())).kind).toBe('expired');
  });
});
