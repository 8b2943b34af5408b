import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '@backhaul/graph-simulator';
import { createUser } from '@nats-io/nkeys';
import { exportJWK, generateKeyPair } from 'jose';
import { newBearerToken, tokenHash } from '../src/access/bearer-token.ts';
import { rows } from '../src/database/statement.ts';
import { createJoinToken } from '../src/transporters/join-tokens.ts';
import type { SentRequest } from './near-miss.ts';
import { newTenant } from './request-bodies.ts';
import type { ApiUnderTest, Inventory } from './running-api.ts';
import { MESSAGES, type StoredMailbox } from './stored-mailbox.ts';
import { FOLDERS, ITEMS } from './stored-everything.ts';

/** A request that is accepted in the state for which it was made. */
export interface ValidRequest extends SentRequest {
  /** Changes that state a little, because two requests cannot both be valid in it. */
  prepare?: () => Promise<unknown>;
  /** Costs much to answer: it comes up in one round of four. */
  costly?: boolean;
  /** Takes back what an accepted request did outside the database. */
  tidy?: () => void;
}

export interface Surroundings {
  api: ApiUnderTest;
  inventory: Inventory;
  mailbox: StoredMailbox;
  simulator: Simulator;
}

/** Makes the state in which there is one of everything, and one valid request of each operation, by operationId. */
export async function validRequests(around: Surroundings): Promise<Record<string, ValidRequest>> {
  return {
    ...systemRequests(),
    ...(await accessRequests(around)),
    ...(await tenantRequests(around)),
    ...(await repositoryRequests(around)),
    ...(await transporterRequests(around)),
    ...(await jobAndRunRequests(around)),
    ...(await pointRequests(around)),
  };
}

type Requests = Record<string, ValidRequest>;

const v1 = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): ValidRequest => ({
  method,
  path: `/api/v1${path}`,
  headers,
  ...(body === undefined ? {} : { body }),
});
const FIRST = { 'if-match': '"1"' };
/** Takes an `Idempotency-Key`; each sending gets one of its own. */
const ONCE = { 'idempotency-key': '' };

async function made(api: ApiUnderTest, path: string, body: object): Promise<string> {
  const answered = await api.call('POST', path, { body });
  if (answered.status >= 300) throw new Error(answered.text);
  return answered.body.id as string;
}

function systemRequests(): Requests {
  return {
    readHealth: v1('GET', '/health'),
    livez: { method: 'GET', path: '/livez', headers: {} },
    readyz: { method: 'GET', path: '/readyz', headers: {} },
    startupz: { method: 'GET', path: '/startupz', headers: {} },
    readDocument: { method: 'GET', path: '/api/openapi.json', headers: {}, costly: true },
  };
}

async function accessRequests({ api }: Surroundings): Promise<Requests> {
  const setupToken = newBearerToken('bhs').reveal();
  await rows(api.database, `insert into setup_tokens (token_hash, expires_at) values ($1, now() + interval '1 hour')`, [
    tokenHash(setupToken),
  ]);
  const token = await made(api, '/tokens', { name: 'x', role: 'viewer' });
  return {
    setUp: v1('POST', '/setup', { setupToken, name: 'Ada' }),
    listTokens: v1('GET', '/tokens'),
    createToken: v1('POST', '/tokens', { name: 'ci', role: 'viewer', days: 3 }, ONCE),
    readToken: v1('GET', `/tokens/${token}`),
    revokeToken: v1('DELETE', `/tokens/${token}`, undefined, FIRST),
  };
}

async function tenantRequests({ api, inventory, simulator }: Surroundings): Promise<Requests> {
  const connected = await made(api, '/tenants', newTenant(simulator));
  const { credential } = newTenant(simulator) as { credential: object };
  const elsewhere = () =>
    rows(api.database, 'update tenants set directory_id = gen_random_uuid()::text where id = $1', [connected]);
  return {
    listTenants: v1('GET', '/tenants'),
    connectTenant: {
      ...v1('POST', '/tenants', newTenant(simulator, { name: 'Fabrikam' }), ONCE),
      prepare: elsewhere,
      costly: true,
    },
    readTenant: v1('GET', `/tenants/${connected}`),
    changeTenant: { ...v1('PATCH', `/tenants/${connected}`, { name: 'New', credential }, FIRST), costly: true },
    testTenant: { ...v1('POST', `/tenants/${connected}:test`, {}), costly: true },
    refreshInventory: { ...v1('POST', `/tenants/${connected}/inventory:refresh`, {}), costly: true },
    listInventory: v1('GET', `/tenants/${inventory.tenantId}/inventory?kind=mailbox&search=m`),
    readObject: v1('GET', `/objects/${inventory.mailboxes[0]}`),
  };
}

async function repositoryRequests({ api, mailbox }: Surroundings): Promise<Requests> {
  const password = 'x'.repeat(12);
  const place = (name: string) => ({ name, type: 'disk', folder: join(api.repositoryRoot, name) });
  const known = await made(api, '/repositories', { ...place('known'), password });
  const forgotten = await made(api, '/repositories', { ...place('forgotten'), password });
  await rows(api.database, 'delete from repositories where id = $1', [forgotten]);
  const check = await made(api, `/repositories/${mailbox.repositoryId}:check`, {});
  return {
    listRepositories: v1('GET', '/repositories'),
    createRepository: {
      ...v1('POST', '/repositories', { ...place('new'), password }, ONCE),
      tidy: () => rmSync(place('new').folder, { recursive: true, force: true }),
      costly: true,
    },
    attachRepository: {
      ...v1('POST', '/repositories:attach', { ...place('forgotten'), password }, ONCE),
      costly: true,
    },
    readRepository: v1('GET', `/repositories/${mailbox.repositoryId}`),
    readRepositoryStats: v1('GET', `/repositories/${mailbox.repositoryId}/stats`),
    startRepositoryCheck: { ...v1('POST', `/repositories/${known}:check`, { data: false }, ONCE), costly: true },
    readRepositoryCheck: v1('GET', `/repositories/${mailbox.repositoryId}/checks/${check}`),
  };
}

async function transporterRequests({ api }: Surroundings): Promise<Requests> {
  const joinToken = async () => (await createJoinToken(api.database, { validForMs: 3_600_000 })).token.reveal();
  const enrolment = async (name: string) => {
    const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
    const { kty, crv, x, y } = await exportJWK(publicKey);
    const natsPublicKey = createUser().getPublicKey();
    return { joinToken: await joinToken(), name, natsPublicKey, sealingKey: { kty, crv, x, y } };
  };
  const enrolled = await api.call('POST', '/transporters:enrol', { body: await enrolment('South') });
  const path = `/transporters/${enrolled.body.transporterId}`;
  return {
    listTransporters: v1('GET', '/transporters'),
    createJoinToken: v1('POST', '/transporters/join-tokens', { minutes: 5 }, ONCE),
    enrolTransporter: v1('POST', '/transporters:enrol', await enrolment('North')),
    readTransporter: v1('GET', path),
    drainTransporter: v1('POST', `${path}:drain`, {}),
    resumeTransporter: v1('POST', `${path}:resume`, {}),
    revokeTransporter: v1('POST', `${path}:revoke`, {}),
  };
}

async function jobAndRunRequests({ api, inventory, mailbox }: Surroundings): Promise<Requests> {
  const options = {
    priority: 2,
    transporterLoad: 5,
    changeTracking: { mode: 'microsoft', onError: 'fail-object' },
    itemKinds: ['mail'],
  };
  const [first, ...others] = inventory.mailboxes;
  const job = (name: string) => ({
    name,
    tenantId: inventory.tenantId,
    repositoryId: mailbox.repositoryId,
    objectIds: [first, ...others],
    ...options,
  });
  const idle = await made(api, '/jobs', job('Idle'));
  const lasting = await made(api, '/jobs', job('Lasting'));
  const ended = await made(api, `/jobs/${lasting}:run`, {});
  const [task] = (await api.call('GET', `/runs/${ended}/tasks`)).body.items;
  await api.call('POST', `/runs/${ended}:stop`);
  const running = await made(api, `/jobs/${await made(api, '/jobs', job('Busy'))}:run`, {});
  const scope = { type: 'objects', objectIds: [first] };
  return {
    listJobs: v1('GET', '/jobs?limit=2'),
    createJob: v1('POST', '/jobs', job('Nightly'), ONCE),
    readJob: v1('GET', `/jobs/${idle}`),
    changeJob: v1('PATCH', `/jobs/${idle}`, options, FIRST),
    deleteJob: v1('DELETE', `/jobs/${idle}`, undefined, FIRST),
    runJob: v1('POST', `/jobs/${idle}:run`, { scope, forceFull: true }, ONCE),
    listRuns: v1('GET', '/runs?state=ended&kind=backup'),
    readRun: v1('GET', `/runs/${ended}`),
    listTasks: v1('GET', `/runs/${ended}/tasks?state=cancelled`),
    readTask: v1('GET', `/runs/${ended}/tasks/${task.id}`),
    followRun: v1('GET', `/runs/${ended}/events`),
    stopRun: v1('POST', `/runs/${running}:stop`, {}),
    retryFailed: v1('POST', `/runs/${ended}:retry-failed`, {}, ONCE),
  };
}

async function pointRequests({ inventory, mailbox }: Surroundings): Promise<Requests> {
  const pointId = await mailbox.backUp(MESSAGES);
  const [source, target] = inventory.mailboxes;
  const itemId = MESSAGES[0]?.id ?? '';
  const item = `/points/${pointId}/items/${encodeURIComponent(itemId)}`;
  const everything = await mailbox.store(FOLDERS, ITEMS);
  return {
    listPoints: v1('GET', `/objects/${source}/points?jobId=${mailbox.jobId}`),
    readPoint: v1('GET', `/points/${pointId}`),
    listFolders: v1('GET', `/points/${pointId}/folders`),
    listItems: v1('GET', `/points/${pointId}/items?folder=inbox`),
    readItem: v1('GET', `${item}?folder=inbox`),
    downloadItem: v1('GET', `${item}/content`),
    searchItems: v1('GET', `/points/${pointId}/search?text=Message&since=2026-01-01T00:00:00Z`),
    downloadAttachment: v1('GET', `${item}/attachments/0?folder=inbox`),
    downloadVersion: v1('GET', `/points/${everything}/items/f1/versions/1.0`),
    comparePoints: v1('GET', `/points/${everything}/changes?since=${pointId}&type=new`),
    exportPoint: v1('POST', `/points/${everything}:export`, {
      selection: { type: 'folders', folderIds: ['inbox', 'calendar'] },
      perFolder: ['mail'],
      fileVersions: true,
    }),
    startRestore: v1(
      'POST',
      '/restores',
      {
        pointId,
        selection: { type: 'items', items: [{ folderId: 'inbox', itemId }] },
        targetObjectId: target,
        placement: { type: 'new-folder', name: 'Restored' },
        collision: 'skip',
      },
      ONCE,
    ),
  };
}

/** `request` as it is sent this time. */
export function withOwnKey<T extends SentRequest>(request: T): T {
  if (request.headers['idempotency-key'] !== '') return request;
  return { ...request, headers: { ...request.headers, 'idempotency-key': randomUUID() } };
}
