import type { MailTarget, MessageToCreate } from '@backhaul/engine';
import { failureOf } from '@backhaul/engine/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mailTarget } from '../src/index.ts';
import { refuse, scriptedGraph } from './scripted-graph.ts';

// What is sent word by word, and what the service does now and then; that a restored message is what it was is tested
// against the simulator.

const USER = 'user-1';
const { signal } = new AbortController();
const graphs = scriptedGraph();
let target: MailTarget;

beforeEach(() => {
  target = mailTarget(graphs.open(), USER);
});

const sentBody = (index = 0) =>
  JSON.parse(graphs.server.arrivals[index]?.body.toString() ?? '') as Record<string, unknown>;

const person = (address: string) => ({ emailAddress: { name: 'N', address } });

function message(more: Partial<MessageToCreate> = {}): MessageToCreate {
  return {
    subject: 's',
    body: { contentType: 'html', content: '<p>' },
    from: person('a@x'),
    sender: null,
    toRecipients: [person('b@x')],
    ccRecipients: [],
    bccRecipients: [],
    replyTo: [],
    internetMessageId: '<1@x>',
    sentDateTime: '2024-01-02T03:04:05Z',
    receivedDateTime: '2024-01-02T03:04:06Z',
    isRead: true,
    isDraft: false,
    importance: 'high',
    categories: ['Red'],
    flag: { flagStatus: 'flagged' },
    extendedProperties: [],
    mark: { restoreId: 'r-1', itemId: 'AAkA/1', complete: false },
    ...more,
  };
}

type Property = { id: string; value: string };
const properties = () => sentBody()['singleValueExtendedProperties'] as Property[];
const property = (id: string) =>
  properties()
    .filter((one) => one.id === id)
    .map(({ value }) => value);

describe('a message to create', () => {
  beforeEach(() => {
    graphs.server.answer = (arrival) => arrival.reply(201, { id: 'new' });
  });

  test('is no draft and keeps its dates, by properties that count at creation only', async () => {
    expect(await target.create('f', message(), signal)).toEqual({ id: 'new' });
    expect(graphs.server.arrivals[0]).toMatchObject({
      method: 'POST',
      url: `/v1.0/users/${USER}/mailFolders/f/messages`,
    });
    expect(graphs.server.arrivals[0]?.headers['prefer']).toBe('IdType="ImmutableId"');
    expect(property('Integer 0x0E07')).toEqual(['1']);
    expect(property('SystemTime 0x0039')).toEqual(['2024-01-02T03:04:05Z']);
    expect(property('SystemTime 0x0E06')).toEqual(['2024-01-02T03:04:06Z']);
    expect(sentBody()).toMatchObject({
      isRead: true,
      importance: 'high',
      categories: ['Red'],
      flag: { flagStatus: 'flagged' },
    });
    expect(sentBody()).not.toHaveProperty('sender');
  });

  test('that is unread has no read bit and no draft bit', async () => {
    await target.create('f', message({ isRead: false }), signal);
    expect(Number(property('Integer 0x0E07')[0]) & (1 | 8)).toBe(0);
  });

  test('stays a draft when it was one', async () => {
    await target.create('f', message({ isDraft: true, sentDateTime: null, receivedDateTime: null }), signal);
    expect(
      properties()
        .map(({ id }) => id)
        .filter((id) => / 0x/.test(id)),
    ).toEqual([]);
  });

  test('carries over what the original had besides, but not what decides its nature, nor classes that are no mail', async () => {
    const extendedProperties = [
      { id: 'Integer 0x1080', value: '261' },
      { id: 'integer 0xe07', value: '8' },
      { id: 'SystemTime 0x39', value: '1999-01-01T00:00:00Z' },
      { id: 'String 0x1a', value: 'IPM.Schedule.Meeting.Request' },
    ];
    await target.create('f', message({ extendedProperties }), signal);
    expect(property('Integer 0x1080')).toEqual(['261']);
    expect(properties().map(({ id }) => id)).toHaveLength(6);
    await target.create('f', message({ extendedProperties: [{ id: 'String 0x1a', value: 'IPM.Note.SMIME' }] }), signal);
    expect(sentBody(1)['singleValueExtendedProperties']).toContainEqual({ id: 'String 0x1a', value: 'IPM.Note.SMIME' });
  });

  test('loses reply addresses for which the service would refuse it', async () => {
    await target.create('f', message({ replyTo: [person('/o=ExchangeLabs/ou=x'), person('ok@x'), {}] }), signal);
    expect(sentBody()['replyTo']).toEqual([person('ok@x')]);
  });

  test('whose answer is lost is not created again', async () => {
    graphs.server.answer = (arrival) => arrival.response.destroy();
    expect((await failureOf(target.create('f', message(), signal))).kind).toBe('unavailable');
    expect(graphs.server.arrivals).toHaveLength(1);
  });

  test('that the service refuses is invalid, also where the same code says of a listed one that it is unreadable', async () => {
    graphs.server.answer = refuse(400, 'ErrorInvalidRecipients');
    expect((await failureOf(target.create('f', message(), signal))).kind).toBe('invalid-input');
  });
});

describe('a mark', () => {
  test('is searched by its restore and read back whatever the spelling of property ids, ids with slashes included', async () => {
    graphs.server.answer = (arrival) => arrival.reply(201, { id: 'new' });
    await target.create('f', message(), signal);
    const stored = properties().filter(({ id }) => id.includes('Backhaul'));
    graphs.server.arrivals.length = 0;

    const respelled = stored.map(({ id, value }) => ({
      id: id.replace(/\{.*\}/, (guid) => guid.toUpperCase()),
      value,
    }));
    graphs.server.answer = (arrival) =>
      arrival.reply(200, { value: [{ id: 'm', singleValueExtendedProperties: respelled }, { id: 'other' }] });
    expect(await target.findMarked('f', "r-1'", signal)).toEqual([
      { id: 'm', mark: { restoreId: 'r-1', itemId: 'AAkA/1', complete: false } },
    ]);
    const query = decodeURIComponent(graphs.server.arrivals[0]?.url ?? '');
    expect(query).toContain(`ep/id eq '${stored[0]?.id}' and ep/value eq 'r-1''')`);
  });

  test('is completed by changing the message', async () => {
    graphs.server.answer = (arrival) => arrival.reply(200, {});
    await target.markComplete('m/1', { restoreId: 'r', itemId: 'i', complete: false }, signal);
    expect(graphs.server.arrivals[0]).toMatchObject({ method: 'PATCH', url: `/v1.0/users/${USER}/messages/m%2F1` });
    expect(properties().map(({ value }) => value)).toEqual(['r', 'complete/i']);
  });
});

describe('twins', () => {
  test('are found by message id, quotes in it notwithstanding', async () => {
    graphs.server.answer = (arrival) => arrival.reply(200, { value: [{ id: 't', changeKey: 'k' }] });
    const twins = await target.findTwins(
      'f',
      { internetMessageId: "<o'neil&co@x>", subject: '', sentDateTime: null },
      signal,
    );
    expect(twins).toEqual([{ id: 't', changeKey: 'k' }]);
    const { searchParams } = new URL(`${graphs.server.root}${graphs.server.arrivals[0]?.url}`);
    expect(searchParams.get('$filter')).toBe("internetMessageId eq '<o''neil&co@x>'");
  });

  test('without a message id are found by subject and sent date', async () => {
    graphs.server.answer = (arrival) =>
      arrival.reply(200, {
        value: [
          { id: 'a', sentDateTime: '2024-01-01T00:00:00.000Z' },
          { id: 'b', sentDateTime: '2024-01-01T00:00:01Z' },
        ],
      });
    const like = { internetMessageId: '', subject: 's', sentDateTime: '2024-01-01T00:00:00Z' };
    expect((await target.findTwins('f', like, signal)).map(({ id }) => id)).toEqual(['a']);
  });
});

describe('a folder', () => {
  test('is made, hidden where asked', async () => {
    graphs.server.answer = (arrival) => arrival.reply(201, { id: 'n', displayName: 'New', isHidden: true });
    expect(await target.ensureFolder('', 'New', { hidden: true }, signal)).toMatchObject({
      id: 'n',
      parentId: '',
      hidden: true,
    });
    expect(graphs.server.arrivals[0]?.url).toBe(`/v1.0/users/${USER}/mailFolders`);
    expect(sentBody()).toEqual({ displayName: 'New', isHidden: true });
  });

  test('that exists, in whatever case, is the one that is there; a lost answer makes no second one', async () => {
    let made = 0;
    graphs.server.answer = (arrival) => {
      if (arrival.method === 'GET')
        return arrival.reply(200, {
          value: [
            { id: 'x', displayName: 'X' },
            { id: 'n', displayName: 'nEW' },
          ],
        });
      made += 1;
      if (made === 1) arrival.response.destroy();
      else refuse(409, 'ErrorFolderExists')(arrival);
    };
    expect(await target.ensureFolder('p', 'New', { hidden: false }, signal)).toEqual({
      id: 'n',
      parentId: 'p',
      name: 'nEW',
      wellKnownName: null,
      hidden: false,
    });
  });
});

describe('removing', () => {
  test('removes for good, and succeeds when it is gone already', async () => {
    graphs.server.answer = (arrival) => arrival.reply(204);
    await target.remove('m', signal);
    expect(graphs.server.arrivals[0]).toMatchObject({
      method: 'POST',
      url: `/v1.0/users/${USER}/messages/m/permanentDelete`,
    });
    graphs.server.answer = refuse(404, 'ErrorItemNotFound');
    await target.remove('m', signal);
  });
});
