import { createPublicKey, randomUUID } from 'node:crypto';
import { connectNats, dispatchNames, mintTransporterCredentials, openDirectorDispatch } from '@backhaul/dispatch';
import { systemClock, type Clock } from '@backhaul/domain';
import type { Logger } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import { issueSetupToken, type SetupToken } from './access/setup-token.ts';
import { startApi } from './api/start-api.ts';
import { startDirectorCore } from './core/start-director-core.ts';
import { makeDataFolder } from './data-folder.ts';
import { openDatabase } from './database/open-database.ts';
import { oneRow } from './database/statement.ts';
import { Readiness } from './health/readiness.ts';
import { listenFailure } from './listen-failure.ts';
import { readNatsAccount, type NatsAccount } from './nats-account.ts';
import { Opened } from './opened.ts';
import { repositoryEngine } from './repositories/engine.ts';
import { OpenRepositories } from './repositories/open-repositories.ts';
import { openInstallation, type Installation } from './secrets/installation.ts';
import type { DirectorSettings } from './settings.ts';
import type { TenantParts } from './tenants/connect-tenant.ts';
import { microsoft365 } from './tenants/m365.ts';
import { connectionOf } from './tenants/tenant-credential.ts';
import { readTenant } from './tenants/tenant.store.ts';
import type { Enroller } from './transporters/enrol.ts';

/** Version of this program, as it stands in points and in the API's document. */
export const DIRECTOR_VERSION = '0.1.0';

/** A Director that answers. */
export interface RunningDirector {
  /** Address of the API. */
  url: string;
  /** While nobody can administer the installation; null afterwards. */
  setupToken: SetupToken | null;
  /**
   * Stops in good order: no new callers, nothing new granted, what is under way finished. Takes 20 s at most, also when
   * PostgreSQL or NATS is away. Idempotent; never throws.
   */
  close(): Promise<void>;
}

/**
 * Starts a Director: database, installation, NATS, the core that hands out tasks, the API. When any of it fails, what was
 * opened is closed again.
 * @throws Failure that says what to do: see `openDatabase`, `openInstallation`, `readNatsAccount`, `connectNats`,
 * `openDirectorDispatch`, `listenFailure`.
 */
export async function startDirector(
  settings: DirectorSettings,
  log: Logger,
  clock: Clock = systemClock(),
): Promise<RunningDirector> {
  const opened = new Opened(clock, log);
  try {
    return await start(settings, log, clock, opened);
  } catch (error) {
    await opened.closeAll();
    throw error;
  }
}

async function start(settings: DirectorSettings, log: Logger, clock: Clock, opened: Opened): Promise<RunningDirector> {
  const natsAccount = await readNatsAccount(settings.nats);
  await makeDataFolder(settings.dataFolder);
  const database = await openDatabase({
    url: settings.databaseUrl.reveal(),
    onIdleError: (error) => log.warn({ err: error }, 'A database connection broke while idle.'),
  });
  opened.add('database', () => database.destroy());
  const installation = await openInstallation(database, settings.key);

  const connection = await connectNats({
    servers: settings.nats.url,
    name: 'backhaul director',
    credentials: settings.nats.credentials,
    inboxPrefix: dispatchNames(installation.id).directorInbox(),
    // Naming an authority demands TLS, which a server on loopback need not speak.
    ...(settings.extraCa !== null && settings.nats.url.includes('tls://') ? { ca: settings.extraCa } : {}),
    warn: (message) => log.warn(message),
  });
  opened.add('NATS', () => connection.close());

  const caCertificates = settings.extraCa === null ? [] : [settings.extraCa];
  const microsoft = microsoft365({ clock, allowedHosts: settings.extraGraphHosts, caCertificates });
  opened.add('Microsoft 365', () => microsoft.close());
  const tenants: TenantParts = { database, clock, secrets: installation.secrets, microsoft };

  const { cacheFolder, workers } = settings;
  const engine = repositoryEngine({ cacheFolder, workers, toolVersion: DIRECTOR_VERSION });
  const repositories = new OpenRepositories(database, installation.secrets, engine);
  opened.add('repositories', () => repositories.close());

  const leaseTimeMs = settings.leaseSeconds * 1_000;
  const dispatch = await openDirectorDispatch({
    connection,
    installation: installation.id,
    signingKey: installation.signingKey,
    nextIncarnation: () => nextIncarnation(database),
    leaseTimeMs,
    onStoreReplaced: () => log.warn('The store of leases was made anew.'),
    clock,
  });
  const core = startDirectorCore({
    database,
    dispatch,
    clock,
    logger: log,
    directorId: randomUUID(),
    leaseTimeMs,
    tokenSourceOf: (tenantId, options) => lendGraph(tenants, tenantId, options),
    repositoryAccessOf: async (repositoryId) => {
      const { location, keys } = await repositories.loan(repositoryId);
      return { location, keys: keys.reveal() };
    },
  });
  opened.add('dispatching', () => core.close());

  const setupToken = await issueSetupToken(database, clock);
  const readiness = new Readiness(clock, {
    postgresql: () => oneRow(database, 'select 1 as one'),
    nats: () => connection.flush(),
  });
  const api = await startApi(
    {
      database,
      clock,
      log,
      core,
      readiness,
      tenants,
      addRepository: { database, clock, secrets: installation.secrets, engine, roots: settings.repositoryRoots },
      repositories,
      enroller: enrollerOf(installation, natsAccount),
      cursorKey: installation.kek.derive('cursors'),
      fingerprintKey: installation.kek.derive('request fingerprints'),
      version: DIRECTOR_VERSION,
    },
    settings.listen,
  ).catch((error: unknown) => {
    throw listenFailure(error, settings.listen);
  });
  opened.add('API', () => api.close());
  opened.add('readiness', async () => readiness.stop());
  return { url: api.url, setupToken, close: () => opened.closeAll() };
}

async function nextIncarnation(database: DataSource): Promise<number> {
  const { next } = await oneRow<{ next: number }>(
    database,
    `select nextval('lease_incarnation_sequence')::integer as next`,
  );
  return next;
}

/** What a Transporter is lent to speak with Microsoft. */
async function lendGraph(parts: TenantParts, tenantId: string, options: { anew: boolean }) {
  const connection = connectionOf(parts.secrets, await readTenant(parts.database, tenantId));
  const { accessToken, expiresAt, root, linkHosts } = await parts.microsoft.access(connection, options);
  return {
    accessToken: accessToken.reveal(),
    expiresAt: expiresAt.toISOString(),
    root,
    linkHosts: [...linkHosts],
  };
}

function enrollerOf(installation: Installation, account: NatsAccount): Enroller {
  const publicKey = createPublicKey(installation.signingKey.reveal());
  return {
    installation: installation.id,
    directorPublicKey: { ...publicKey.export({ format: 'jwk' }) },
    mintCredentials: ({ transporterId, natsPublicKey }) =>
      mintTransporterCredentials({
        accountSigningSeed: account.signingSeed,
        accountPublicKey: account.publicKey,
        installation: installation.id,
        transporterId,
        userPublicKey: natsPublicKey,
      }),
  };
}
