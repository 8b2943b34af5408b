import type { ContactTarget } from '@backhaul/engine';
import { failureOf } from '@backhaul/engine/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { contactTarget } from '../src/index.ts';
import { ok, refuse, scriptedGraph } from './scripted-graph.ts';

// What is sent word by word, and what the service does now and then; that a restored contact is what it was is tested against
// the simulator.

const USER = 'user-1';
const { signal } = new AbortController();
const graphs = scriptedGraph();
let target: ContactTarget;

beforeEach(() => {
  target = contactTarget(graphs.open(), USER);
});

const arrivals = () => graphs.server.arrivals.map(({ method, url }) => `${method} ${decodeURIComponent(url)}`);
const sentBody = (index = 0) =>
  JSON.parse(graphs.server.arrivals[index]?.body.toString() ?? '') as Record<string, unknown>;

const mark = { restoreId: 'r-1', itemId: 'AAkA/1', complete: false };

describe('a contact to create', () => {
  test('is its fields and its mark', async () => {
    graphs.server.answer = (arrival) => arrival.reply(201, { id: 'new' });
    expect(await target.create('f/1', { fields: { displayName: 'Ada' }, mark }, signal)).toEqual({ id: 'new' });
    expect(graphs.server.arrivals[0]).toMatchObject({
      method: 'POST',
      url: `/v1.0/users/${USER}/contactFolders/f%2F1/contacts`,
    });
    const { singleValueExtendedProperties: properties, ...fields } = sentBody();
    expect(fields).toEqual({ displayName: 'Ada' });
    expect((properties as { value: string }[]).map(({ value }) => value)).toEqual(['r-1', 'partial/AAkA/1']);
  });

  test('whose answer is lost is not created again', async () => {
    graphs.server.answer = (arrival) => arrival.response.destroy();
    expect((await failureOf(target.create('f', { fields: {}, mark }, signal))).kind).toBe('unavailable');
    expect(graphs.server.arrivals).toHaveLength(1);
  });
});

describe('a photo', () => {
  test.each([
    ['image/png', [0x89, 0x50, 0x4e, 0x47]],
    ['image/gif', [0x47, 0x49, 0x46, 0x38]],
    ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0]],
  ])('is sent as %s, byte for byte', async (type, bytes) => {
    graphs.server.answer = (arrival) => arrival.reply(200);
    await target.setPhoto('c', Uint8Array.from(bytes), signal);
    const [arrival] = graphs.server.arrivals;
    expect(arrival).toMatchObject({ method: 'PUT', url: `/v1.0/users/${USER}/contacts/c/photo/$value` });
    expect(arrival?.headers['content-type']).toBe(type);
    expect([...(arrival?.body ?? [])]).toEqual(bytes);
  });

  test('that is refused is invalid', async () => {
    graphs.server.answer = refuse(400, 'ErrorInvalidRequest');
    expect((await failureOf(target.setPhoto('c', new Uint8Array(3), signal))).kind).toBe('invalid-input');
  });

  test('is null for a contact that has none; for a contact that is gone it is not found', async () => {
    graphs.answerInTurn(refuse(404, 'ErrorItemNotFound'), ok({ id: 'c' }));
    expect(await target.photo('c', signal)).toBeNull();
    graphs.answerInTurn(refuse(404, 'ErrorItemNotFound'));
    expect((await failureOf(target.photo('c', signal))).kind).toBe('not-found');
  });
});

describe('twins', () => {
  test('are asked for by name, quotes in it notwithstanding', async () => {
    graphs.server.answer = ok({ value: [{ id: 't', displayName: "O'NEIL & co", extra: 1 }] });
    const twins = await target.findTwins('f', { displayName: "O'Neil & co", id: null }, signal);
    expect(twins).toEqual([{ id: 't', displayName: "O'NEIL & co" }]);
    const { searchParams } = new URL(`${graphs.server.root}${graphs.server.arrivals[0]?.url}`);
    expect(searchParams.get('$filter')).toBe("displayName eq 'O''Neil & co'");
  });

  test('of a contact without a name are sought among all, because nobody can be asked for no name', async () => {
    graphs.server.answer = ok({ value: [{ id: 'a', displayName: null }, { id: 'b', displayName: 'B' }, { id: 'c' }] });
    const twins = await target.findTwins('f', { displayName: '', id: null }, signal);
    expect(twins.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(arrivals()[0]).not.toContain('$filter');
  });

  test('include the original only where it still lies in the folder', async () => {
    const original = (parentFolderId: string) =>
      graphs.answerInTurn(ok({ value: [] }), ok({ id: 'o', displayName: 'Other', parentFolderId }));
    const ask = () => target.findTwins('f', { displayName: 'Ada', id: 'o' }, signal);
    original('f');
    expect((await ask()).map(({ id }) => id)).toEqual(['o']);
    original('elsewhere');
    expect(await ask()).toEqual([]);
    graphs.answerInTurn(ok({ value: [] }), refuse(404, 'ErrorItemNotFound'));
    expect(await ask()).toEqual([]);
  });
});
