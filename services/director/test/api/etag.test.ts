import { beforeEach, describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { newJob } from '../../testing/request-bodies.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);

/** Everything that can be changed or removed: how one comes into being, and a change of it. */
interface Changeable {
  make: () => Promise<string>;
  method: 'PATCH' | 'DELETE';
  body?: () => object;
}

const post = async (path: string, body: object) => `${path}/${(await api.call('POST', path, { body })).body.id}`;

const CHANGEABLE: Record<string, Changeable> = {
  changeJob: { make: () => post('/jobs', newJob(inventory)), method: 'PATCH', body: () => ({ priority: 1 }) },
  deleteJob: { make: () => post('/jobs', newJob(inventory)), method: 'DELETE' },
  changeTenant: {
    make: async () => `/tenants/${inventory.tenantId}`,
    method: 'PATCH',
    body: () => ({ name: `Contoso ${performance.now()}` }),
  },
  revokeToken: { make: () => post('/tokens', { name: 'ci', role: 'viewer' }), method: 'DELETE' },
};

beforeEach(async () => {
  await rows(api.database, 'update tenants set version = 1');
});

const change = ({ method, body }: Changeable, path: string, headers: Record<string, string>) =>
  api.call(method, path, { headers, ...(body === undefined ? {} : { body: body() }) });

describe.each(Object.keys(CHANGEABLE))('%s', (id) => {
  const changeable = CHANGEABLE[id] as Changeable;

  test('without the version that was seen is refused, and changes nothing', async () => {
    const path = await changeable.make();
    const before = await api.call('GET', path);
    const refused = await change(changeable, path, {});
    expect([refused.status, refused.body.code]).toEqual([428, 'if-match.missing']);
    expect((await api.call('GET', path)).body).toEqual(before.body);
  });

  test.each(['"7"', '*', '1', 'W/"1"', '"1", "2"', ''])(
    'of another version (If-Match: %s) is refused',
    async (etag) => {
      const path = await changeable.make();
      const before = await api.call('GET', path);
      const refused = await change(changeable, path, { 'if-match': etag });
      expect([refused.status, refused.body.code]).toEqual([412, 'if-match.stale']);
      expect((await api.call('GET', path)).body).toEqual(before.body);
    },
  );

  test('of the version that was seen is made, and of 50 at the same instant one', async () => {
    const path = await changeable.make();
    const etag = (await api.call('GET', path)).headers.get('etag') ?? '';
    const answers = await Promise.all(Array.from({ length: 50 }, () => change(changeable, path, { 'if-match': etag })));
    const won = answers.filter(({ status }) => status < 300);
    const lost = answers.filter(({ status }) => status >= 300);
    expect([won.length, lost.length]).toEqual([1, 49]);
    // What is gone cannot be found; all else is in another version.
    const isGone = won[0]?.status === 204;
    expect(lost.filter(({ status }) => status !== 412 && !(isGone && status === 404))).toEqual([]);
    if (!isGone) expect((await api.call('GET', path)).headers.get('etag')).not.toBe(etag);
  });
});
