import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, systemClock, type Clock } from '@backhaul/domain';
import { createLogger } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import { createApiToken } from '../src/access/create-api-token.ts';
import type { Role } from '../src/access/role.ts';
import { promisedStatus } from '../src/api/catalogue/problem-catalogue.ts';
import { CONTROLLERS } from '../src/api/controllers.ts';
import { openApiDocument } from '../src/api/openapi.ts';
import type { Problem } from '../src/api/problem.ts';
import { startApi } from '../src/api/start-api.ts';
import type { DirectorCore } from '../src/core/director-core.ts';
import { rows } from '../src/database/statement.ts';
import { Readiness, type Dependency } from '../src/health/readiness.ts';
import { repositoryEngine } from '../src/repositories/engine.ts';
import { OpenRepositories } from '../src/repositories/open-repositories.ts';
import { KeyEncryptionKey } from '../src/secrets/key-encryption-key.ts';
import { SecretBox } from '../src/secrets/secret-box.ts';
import { microsoft365 } from '../src/tenants/m365.ts';
import { ApiContract } from './api-contract.ts';

/** What a call got. */
export interface Answered {
  status: number;
  headers: Headers;
  /** Parsed JSON; text of anything else; null when there was no body. */

  body: any;
  /** As it came. */
  text: string;
}

export interface Call {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  rawBody?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  /** Whose token; default the administrator's. `null`: none. */
  as?: Role | null;
}

/** The API over HTTP, on a real database, with an administrator, an operator and a viewer. Every answer is compared with the OpenAPI document. */
export interface ApiUnderTest {
  url: string;
  database: DataSource;
  secrets: SecretBox;
  tokens: Record<Role, string>;
  contract: ApiContract;
  /** Everything that was logged so far. */
  log: string[];
  /** A folder in which repositories may be made. */
  repositoryRoot: string;
  /** `path` below `/api/v1`, or absolute when it begins with a slash and `absolute`. */
  call(method: string, path: string, options?: Call): Promise<Answered>;
  /** Any path. */
  request(method: string, path: string, options?: Call): Promise<Answered>;
  close(): Promise<void>;
}

export interface ApiOptions {
  clock?: Clock;
  allowedHosts?: string[];
  caCertificates?: string[];
  dependencies?: Record<string, Dependency>;
  /** Of another API on the same database, as Directors of one installation have it; default new ones. */
  secrets?: SecretBox;
  /** Folders for repositories; default one new one. */
  repositoryRoots?: (made: string) => string[];
}

/** Trying passwords is to be dear; here it would be the dearest of all. */
const CHEAP_PASSWORDS = { memoryKiB: 64, passes: 1, lanes: 1 };

/** A core that hands out nothing: what runs stays queued. */
const IDLE_CORE: DirectorCore = {
  isLeader: () => false,
  whyWaiting: () => null,
  counters: { granted: 0, accepted: 0, stale: 0, lost: 0, unclaimed: 0, loansRefused: 0 },
  close: () => Promise.resolve(),
};

export async function startApiUnderTest(database: DataSource, options: ApiOptions = {}): Promise<ApiUnderTest> {
  const clock = options.clock ?? systemClock();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'director-api-')));
  const repositoryRoot = join(folder, 'repositories');
  const log: string[] = [];
  const kek = new KeyEncryptionKey(new Secret(randomBytes(32)));
  const secrets = options.secrets ?? new SecretBox(kek);
  const engine = repositoryEngine({ cacheFolder: join(folder, 'cache'), workers: 1, toolVersion: 'test' });
  const repositories = new OpenRepositories(database, secrets, engine);
  const microsoft = microsoft365({
    clock,
    allowedHosts: options.allowedHosts ?? [],
    caCertificates: options.caCertificates ?? [],
  });
  mkdirSync(repositoryRoot);
  const roots = options.repositoryRoots?.(repositoryRoot) ?? [repositoryRoot];
  const api = await startApi(
    {
      database,
      clock,
      log: createLogger({ service: 'test', level: 'trace', destination: { write: (line) => void log.push(line) } }),
      core: IDLE_CORE,
      readiness: new Readiness(clock, options.dependencies ?? {}),
      tenants: { database, clock, secrets, microsoft },
      addRepository: { database, clock, secrets, engine, roots, passwordCosts: CHEAP_PASSWORDS },
      repositories,
      enroller: {
        installation: randomUUID(),
        directorPublicKey: { kty: 'OKP', crv: 'Ed25519', x: 'x' },
        mintCredentials: () => Promise.resolve('jwt'),
      },
      cursorKey: kek.derive('cursors'),
      fingerprintKey: kek.derive('request fingerprints'),
      version: 'test',
    },
    { host: '127.0.0.1', port: 0, tls: null },
  );
  const tokens = await tokensOfAllRoles(database, clock);
  const contract = new ApiContract(openApiDocument(CONTROLLERS, 'test'));
  const request = (method: string, path: string, call: Call = {}) =>
    send({ url: api.url, tokens, contract }, method, path, call);
  return {
    url: api.url,
    database,
    secrets,
    tokens,
    contract,
    log,
    repositoryRoot,
    request,
    call: (method, path, call) => request(method, `/api/v1${path}`, call),
    async close() {
      await api.close();
      await repositories.close();
      await microsoft.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function tokensOfAllRoles(database: DataSource, clock: Clock): Promise<Record<Role, string>> {
  const token = async (role: Role) =>
    (await createApiToken(database, clock, { name: `test ${role}`, role, days: 1 })).token.reveal();
  return { admin: await token('admin'), operator: await token('operator'), viewer: await token('viewer') };
}

async function send(
  api: Pick<ApiUnderTest, 'url' | 'tokens' | 'contract'>,
  method: string,
  path: string,
  { body, rawBody, headers = {}, as = 'admin' }: Call,
): Promise<Answered> {
  const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(api.url + path, {
    method,
    headers: {
      ...(as === null ? {} : { authorization: `Bearer ${api.tokens[as]}` }),
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const contentType = response.headers.get('content-type') ?? '';
  const parsed: unknown = text === '' ? null : /json/.test(contentType) ? JSON.parse(text) : text;
  if (contentType.startsWith('application/problem+json') && parsed !== null) requireCatalogued(parsed as Problem);
  api.contract.check(method, new URL(path, api.url).pathname, {
    status: response.status,
    headers: response.headers,
    body: parsed,
  });
  return { status: response.status, headers: response.headers, body: parsed, text };
}

/** Every problem stands in the catalogue, with this status and title. @throws Error */
function requireCatalogued({ code, status, title }: Problem): void {
  const promised = promisedStatus(code);
  if (promised?.status === status && promised.title === title) return;
  throw new Error(`The catalogue of problems does not tell of ${code} with ${status} ${title}.`);
}

/** A tenant and a repository as rows, and mailboxes in the inventory: what a job can refer to. */
export interface Inventory {
  tenantId: string;
  repositoryId: string;
  mailboxes: string[];
  team: string;
}

export async function seedInventory(database: DataSource, secrets: SecretBox, mailboxCount = 3): Promise<Inventory> {
  const tenantId = randomUUID();
  const repositoryId = randomUUID();
  const place = (table: string, column: string, rowId: string) => ({ table, column, rowId });
  await rows(
    database,
    `insert into tenants (id, name, name_folded, directory_id, client_id, login_url, graph_url, credential_type,
       credential, credential_fingerprint, credential_set_at, preflight)
     values ($1, $3, $3, $2, $2, 'https://login.microsoftonline.com', 'https://graph.microsoft.com', 'secret',
             $4, 'abcd1234', now(), $5)`,
    [
      tenantId,
      randomUUID(),
      `tenant ${tenantId}`,
      secrets.seal(new Secret('{"type":"secret","secret":"x"}'), place('tenants', 'credential', tenantId)),
      { roles: ['Mail.ReadWrite'], missing: [], excess: [], checkedAt: new Date().toISOString() },
    ],
  );
  await rows(
    database,
    `insert into repositories (id, name, name_folded, location, location_key, keys) values ($1, $2, $2, $3, $2, $4)`,
    [
      repositoryId,
      `repository ${repositoryId}`,
      { type: 'disk', folder: '/nowhere' },
      secrets.seal(new Secret('{}'), place('repositories', 'keys', repositoryId)),
    ],
  );
  const mailboxes = Array.from({ length: mailboxCount }, () => randomUUID());
  const team = randomUUID();
  await rows(
    database,
    `insert into protected_objects (id, tenant_id, kind, external_id, display_name, address, seen_at)
     select id, $1, 'mailbox', id::text, 'Mailbox ' || lpad(n::text, 4, '0'), 'm' || n || '@contoso.test', now()
       from unnest($2::uuid[]) with ordinality as mailbox (id, n)`,
    [tenantId, mailboxes],
  );
  await rows(
    database,
    `insert into protected_objects (id, tenant_id, kind, external_id, display_name, seen_at)
     values ($1::uuid, $2, 'team', $1::text, 'A team', now())`,
    [team, tenantId],
  );
  return { tenantId, repositoryId, mailboxes, team };
}
