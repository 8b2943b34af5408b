import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { newJob } from '../../testing/request-bodies.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);
const other = inventoryForTests(api);

const create = async (changes: object = {}) =>
  (await api.call('POST', '/jobs', { body: newJob(inventory, changes) })).body;
const count = async (table: 'jobs' | 'lanes') => {
  const [counted] = await rows<{ count: number }>(
    api.database,
    { jobs: 'select count(*)::int as count from jobs', lanes: 'select count(*)::int as count from lanes' }[table],
  );
  return counted?.count;
};

const long = (length: number) => 'x'.repeat(length);

describe('bad input', () => {
  const cases: [string, () => object, string][] = [
    ['limit 0', () => ({ transporterLoad: 0 }), '/transporterLoad'],
    ['limit 1001', () => ({ transporterLoad: 1001 }), '/transporterLoad'],
    ['limit 2.5', () => ({ transporterLoad: 2.5 }), '/transporterLoad'],
    ['limit as text', () => ({ transporterLoad: '3' }), '/transporterLoad'],
    ['priority 6', () => ({ priority: 6 }), '/priority'],
    ['priority 0', () => ({ priority: 0 }), '/priority'],
    ['priority null', () => ({ priority: null }), '/priority'],
    ['a name of 256 characters', () => ({ name: long(256) }), '/name'],
    ['an empty name', () => ({ name: '   ' }), '/name'],
    ['a name with a line break', () => ({ name: 'a\r\nBcc: x@y' }), '/name'],
    ['a name with NUL', () => ({ name: 'a\0b' }), '/name'],
    ['a name that is a number', () => ({ name: 7 }), '/name'],
    ['an unknown object', () => ({ objectIds: [inventory.mailboxes[0], randomUUID()] }), '/objectIds/1'],
    ['an object twice', () => ({ objectIds: [inventory.mailboxes[0], inventory.mailboxes[0]] }), '/objectIds/1'],
    ['an object of another tenant', () => ({ objectIds: [other.mailboxes[0]] }), '/objectIds/0'],
    ['a team', () => ({ objectIds: [inventory.team] }), '/objectIds/0'],
    ['no object', () => ({ objectIds: [] }), '/objectIds'],
    ['an object id that is none', () => ({ objectIds: ['1; drop table jobs'] }), '/objectIds/0'],
    ['an unknown tenant', () => ({ tenantId: randomUUID() }), '/tenantId'],
    ['an unknown repository', () => ({ repositoryId: randomUUID() }), '/repositoryId'],
    ['an unknown mode', () => ({ changeTracking: { mode: 'magic', onError: 'fail-object' } }), '/changeTracking/mode'],
    ['half of change tracking', () => ({ changeTracking: { mode: 'full' } }), '/changeTracking/onError'],
    ['a kind that no mailbox has', () => ({ itemKinds: ['mail', 'files'] }), '/itemKinds/1'],
    ['an extra that does not exist', () => ({ include: { thumbnails: true } }), '/include/thumbnails'],
    ['an extra that is no switch', () => ({ include: { fileVersions: 'yes' } }), '/include/fileVersions'],
    ['an unknown field', () => ({ shedule: 'daily' }), '/shedule'],
  ];

  test.each(cases)('%s is refused with its field and what would be right', async (_name, wrong, pointer) => {
    const before = [await count('jobs'), await count('lanes')];
    const { status, body } = await api.call('POST', '/jobs', { body: newJob(inventory, wrong()) });
    expect([status, body.code]).toEqual([422, 'request.invalid']);
    const error = body.errors.find((entry: { pointer: string }) => entry.pointer === pointer);
    expect(error.message.length).toBeGreaterThan(10);
    expect([await count('jobs'), await count('lanes')]).toEqual(before);
  });

  test.each(cases.filter(([name]) => !/tenant$|unknown tenant/.test(name)))(
    '%s is refused in a change, too',
    async (_name, wrong, pointer) => {
      const job = await create();
      const { status, body } = await api.call('PATCH', `/jobs/${job.id}`, {
        body: wrong(),
        headers: { 'if-match': '"1"' },
      });
      expect([status, body.errors?.map((entry: { pointer: string }) => entry.pointer)]).toEqual([
        422,
        expect.arrayContaining([pointer]),
      ]);
      expect((await api.call('GET', `/jobs/${job.id}`)).body).toEqual(job);
    },
  );

  test('all wrong fields are named together', async () => {
    const { body } = await api.call('POST', '/jobs', {
      body: newJob(inventory, { priority: 9, transporterLoad: -1, name: '' }),
    });
    expect(body.errors.map((entry: { pointer: string }) => entry.pointer).sort()).toEqual([
      '/name',
      '/priority',
      '/transporterLoad',
    ]);
  });

  test('a taken name is a conflict without regard to case', async () => {
    const job = await create({ name: 'Straße Ä' });
    const { status, body } = await api.call('POST', '/jobs', { body: newJob(inventory, { name: 'STRAßE ä' }) });
    expect([status, body.code, body.errors[0].pointer]).toEqual([409, 'job.name-taken', '/name']);
    const third = await create();
    const renamed = await api.call('PATCH', `/jobs/${third.id}`, {
      body: { name: 'straße ä' },
      headers: { 'if-match': '"1"' },
    });
    expect(renamed.body.code).toBe('job.name-taken');
    const same = await api.call('PATCH', `/jobs/${job.id}`, {
      body: { name: 'STRAßE Ä' },
      headers: { 'if-match': '"1"' },
    });
    expect([same.status, same.body.name]).toEqual([200, 'STRAßE Ä']);
  });

  test.each([
    ['{"name":', 400, 'request.malformed'],
    ['', 422, 'request.invalid'],
    ['null', 422, 'request.invalid'],
    ['[]', 422, 'request.invalid'],
    ['"text"', 422, 'request.invalid'],
    [`{"__proto__":{"role":"admin"},"constructor":{"prototype":{}}}`, 422, 'request.invalid'],
    [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 422, 'request.invalid'],
    [JSON.stringify({ name: 'x'.repeat(2_000_000) }), 413, 'request.too-large'],
  ])('a body such as %.40s… is answered in form', async (rawBody, status, code) => {
    const answered = await api.call('POST', '/jobs', { rawBody });
    expect([answered.status, answered.body.code]).toEqual([status, code]);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  test('a body that is not JSON is refused by its type', async () => {
    const { status, body } = await api.call('POST', '/jobs', {
      rawBody: 'name=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([status, body.code]).toEqual([415, 'request.media-type']);
  });
});
