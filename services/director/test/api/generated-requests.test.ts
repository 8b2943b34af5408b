import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '@backhaul/local-servers';
import { createUser } from '@nats-io/nkeys';
import { exportJWK, generateKeyPair } from 'jose';
import { CONTROLLERS } from '../../src/api/controllers.ts';
import { routesOf } from '../../src/api/routes.ts';
import { rows } from '../../src/database/statement.ts';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { mailboxForTests } from '../../testing/fixtures/mailbox.ts';
import { nearMiss, nonsense, seededRandom, type SentRequest } from '../../testing/near-miss.ts';
import { MESSAGES } from '../../testing/stored-mailbox.ts';

const REQUESTS = 1_000;
/** Of ten, so many are one change away from a valid one. */
const NEAR_MISSES = 9;

const seed = Number(process.env['BACKHAUL_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Where nobody listens: trials of tenant connections end there. */
const deadHost = `127.0.0.1:${await freePort()}`;
const deadUrl = `https://${deadHost}`;

const api = apiForTests(() => ({ allowedHosts: [deadHost] }));
const inventory = inventoryForTests(api);
const mailbox = mailboxForTests(api, inventory);
let valid: Record<string, SentRequest>;

beforeAll(async () => {
  await rows(api.database, 'update tenants set login_url = $1, graph_url = $1', [deadUrl]);
  valid = await validRequests();
}, 60_000);

/** One request of each operation that is right in form and names what is there. */
async function validRequests(): Promise<Record<string, SentRequest>> {
  const pointId = await mailbox.backUp(MESSAGES);
  const job = await made('/jobs', { ...newJob(), name: 'Lasting' });
  const run = await made(`/jobs/${job}:run`, {});
  const [task] = (await api.call('GET', `/runs/${run}/tasks`)).body.items;
  await api.call('POST', `/runs/${run}:stop`);
  const token = await made('/tokens', { name: 'x', role: 'viewer' });
  const transporter = await enrolled();
  const check = await made(`/repositories/${mailbox.repositoryId}:check`, {});
  const { tenantId } = inventory;
  const item = `/points/${pointId}/items/${encodeURIComponent(MESSAGES[0]?.id ?? '')}`;
  const v1 = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): SentRequest => ({
    method,
    path: `/api/v1${path}`,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const once = { 'idempotency-key': randomUUID() };
  const first = { 'if-match': '"1"' };
  const repository = {
    name: 'Other',
    type: 'disk',
    folder: join(api.repositoryRoot, 'main'),
    password: 'x'.repeat(12),
  };
  return {
    setUp: v1('POST', '/setup', { setupToken: `bhs_${'0'.repeat(72)}`, name: 'Ada' }),
    listTokens: v1('GET', '/tokens'),
    createToken: v1('POST', '/tokens', { name: 'ci', role: 'viewer', days: 3 }),
    revokeToken: v1('DELETE', `/tokens/${token}`),
    listTenants: v1('GET', '/tenants'),
    connectTenant: v1('POST', '/tenants', newTenant()),
    readTenant: v1('GET', `/tenants/${tenantId}`),
    changeTenant: v1('PATCH', `/tenants/${tenantId}`, { name: 'New', credential: newTenant().credential }, first),
    testTenant: v1('POST', `/tenants/${tenantId}:test`, {}),
    refreshInventory: v1('POST', `/tenants/${tenantId}/inventory:refresh`, {}),
    listInventory: v1('GET', `/tenants/${tenantId}/inventory?kind=mailbox&search=m`),
    readObject: v1('GET', `/objects/${inventory.mailboxes[0]}`),
    listRepositories: v1('GET', '/repositories'),
    createRepository: v1('POST', '/repositories', repository),
    attachRepository: v1('POST', '/repositories:attach', repository),
    readRepository: v1('GET', `/repositories/${mailbox.repositoryId}`),
    readRepositoryStats: v1('GET', `/repositories/${mailbox.repositoryId}/stats`),
    startRepositoryCheck: v1('POST', `/repositories/${mailbox.repositoryId}:check`, { data: false }),
    readRepositoryCheck: v1('GET', `/repositories/${mailbox.repositoryId}/checks/${check}`),
    listTransporters: v1('GET', '/transporters'),
    createJoinToken: v1('POST', '/transporters/join-tokens', { minutes: 5 }),
    enrolTransporter: v1('POST', '/transporters:enrol', await enrolment('bhj_unknown')),
    readTransporter: v1('GET', `/transporters/${transporter}`),
    drainTransporter: v1('POST', `/transporters/${transporter}:drain`, {}),
    resumeTransporter: v1('POST', `/transporters/${transporter}:resume`, {}),
    revokeTransporter: v1('POST', `/transporters/${transporter}:revoke`, {}),
    listJobs: v1('GET', '/jobs?limit=2'),
    createJob: v1('POST', '/jobs', newJob(), once),
    readJob: v1('GET', `/jobs/${job}`),
    changeJob: v1('PATCH', `/jobs/${job}`, newChange(), first),
    deleteJob: v1('DELETE', `/jobs/${job}`, undefined, first),
    runJob: v1(
      'POST',
      `/jobs/${job}:run`,
      { scope: { type: 'objects', objectIds: [inventory.mailboxes[0]] }, forceFull: true },
      once,
    ),
    listRuns: v1('GET', '/runs?state=ended&kind=backup'),
    readRun: v1('GET', `/runs/${run}`),
    listTasks: v1('GET', `/runs/${run}/tasks?state=cancelled`),
    readTask: v1('GET', `/runs/${run}/tasks/${task.id}`),
    followRun: v1('GET', `/runs/${run}/events`),
    stopRun: v1('POST', `/runs/${run}:stop`, {}),
    retryFailed: v1('POST', `/runs/${run}:retry-failed`, {}, once),
    listPoints: v1('GET', `/objects/${inventory.mailboxes[0]}/points?jobId=${mailbox.jobId}`),
    readPoint: v1('GET', `/points/${pointId}`),
    listFolders: v1('GET', `/points/${pointId}/folders`),
    listItems: v1('GET', `/points/${pointId}/items?folder=inbox`),
    readItem: v1('GET', `${item}?folder=inbox`),
    downloadItem: v1('GET', `${item}/content`),
    startRestore: v1('POST', '/restores', newRestore(pointId), once),
    readHealth: v1('GET', '/health'),
    livez: { method: 'GET', path: '/livez', headers: {} },
    readyz: { method: 'GET', path: '/readyz', headers: {} },
    startupz: { method: 'GET', path: '/startupz', headers: {} },
    readDocument: { method: 'GET', path: '/api/openapi.json', headers: {} },
  };
}

async function made(path: string, body: object): Promise<string> {
  const answered = await api.call('POST', path, { body });
  if (answered.status >= 300) throw new Error(answered.text);
  return answered.body.id as string;
}

const newJob = () => ({
  name: 'Nightly',
  tenantId: inventory.tenantId,
  repositoryId: mailbox.repositoryId,
  objectIds: inventory.mailboxes,
  ...newChange(),
});
const newChange = () => ({
  priority: 2,
  transporterLoad: 5,
  changeTracking: { mode: 'microsoft', onError: 'fail-object' },
  itemKinds: ['mail'],
});
const newTenant = () => ({
  name: 'Fabrikam',
  directoryId: randomUUID(),
  clientId: randomUUID(),
  credential: { type: 'secret', secret: 'secret' },
  loginUrl: deadUrl,
  graphUrl: deadUrl,
});
const newRestore = (pointId: string) => ({
  pointId,
  selection: { type: 'items', items: [{ folderId: 'inbox', itemId: MESSAGES[0]?.id }] },
  targetObjectId: inventory.mailboxes[1],
  placement: { type: 'new-folder', name: 'Restored' },
  collision: 'skip',
});

async function enrolment(joinToken: string) {
  const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const { kty, crv, x, y } = await exportJWK(publicKey);
  return { joinToken, name: 'North', natsPublicKey: createUser().getPublicKey(), sealingKey: { kty, crv, x, y } };
}

async function enrolled(): Promise<string> {
  const { body } = await api.call('POST', '/transporters/join-tokens', { body: {} });
  return (await api.call('POST', '/transporters:enrol', { body: await enrolment(body.joinToken) })).body.transporterId;
}

/** Everything that is stored, but when tokens were used and which keys of requests are remembered. */
async function everything(): Promise<string> {
  const [all] = await rows<{ content: string }>(
    api.database,
    `select string_agg(hash, ' ' order by hash) as content from (
       select tablename || (xpath('/row/hash/text()', query_to_xml(format(
         'select md5(string_agg(t::text, '''' order by t::text)) as hash from %I t', tablename), true, true, '')))[1]::text
         as hash
         from pg_tables
        where schemaname = 'public' and tablename not in ('migrations', 'api_tokens', 'idempotency_keys')) as hashes`,
  );
  return all?.content ?? '';
}

const send = ({ method, path, headers, body, rawBody }: SentRequest) =>
  api.request(method, path, {
    headers,
    ...(method === 'GET' ? {} : rawBody === undefined ? { body } : { rawBody }),
  });

test('every operation of the API is among the requests', () => {
  expect(Object.keys(valid).sort()).toEqual(
    routesOf(CONTROLLERS)
      .map(({ spec }) => spec.id)
      .sort(),
  );
});

test('a change of any row is noticed', async () => {
  const before = await everything();
  const { body } = await api.call('POST', '/jobs', { body: { ...newJob(), name: 'Noticed' } });
  const between = await everything();
  await api.call('DELETE', `/jobs/${body.id}`, { headers: { 'if-match': '"1"' } });
  expect([between === before, await everything()]).toEqual([false, before]);
});

describe(`of ${REQUESTS} generated requests (BACKHAUL_TEST_SEED=${seed})`, () => {
  test('none breaks the Director, and none that is refused changes anything', async () => {
    const random = seededRandom(seed);
    const requests = Object.values(valid);
    const statuses: Record<string, number> = {};
    let before = await everything();
    for (let count = 0; count < REQUESTS; count += 1) {
      const request = requests[count % requests.length] as SentRequest;
      const sent = count % 10 < NEAR_MISSES ? nearMiss(request, random) : nonsense(request, random);
      const { status, text } = await send(sent);
      const about = JSON.stringify(sent).slice(0, 2_000);
      if (status >= 500) throw new Error(`${status} for ${about}: ${text}\n${api.log.slice(-2).join('')}`);
      if (/node_modules|\.[jt]s:\d+|\bat \S+ \(/.test(text)) throw new Error(`A stack trace for ${about}: ${text}`);
      const after = await everything();
      if (status >= 400 && after !== before) throw new Error(`${status}, but something changed: ${about}`);
      before = after;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    const refused = Object.entries(statuses).filter(([status]) => Number(status) >= 400);
    expect(refused.reduce((sum, [, number]) => sum + number, 0)).toBeGreaterThan(REQUESTS / 3);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400', '404', '422']));
  }, 120_000);
});
