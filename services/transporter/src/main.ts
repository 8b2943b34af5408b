import { createPublicKey, randomBytes, type JsonWebKey } from 'node:crypto';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { Failure, isFailure, Secret, systemClock } from '@backhaul/domain';
import { connectNats, credentialsText, dispatchNames, openTransporterDispatch } from '@backhaul/dispatch';
import { createTransport } from '@backhaul/m365';
import { EXIT_CONFIGURATION, orExitOnBadSettings, readSettings } from '@backhaul/settings';
import { createLogger, type Logger } from '@backhaul/telemetry';
import { enrolTransporter } from './identity/enrol.ts';
import { openDataFolder } from './identity/data-folder.ts';
import { loadIdentity, saveIdentity, type Identity } from './identity/identity.ts';
import { directorFetch } from './identity/director-fetch.ts';
import { TRANSPORTER_SETTINGS, type TransporterSettings } from './settings.ts';
import { VERSION } from './version.ts';
import { microsoftWorkbench } from './wiring/microsoft-workbench.ts';
import { openRepositories } from './wiring/repositories.ts';
import { startTransporter } from './work/transporter.ts';

const settings = orExitOnBadSettings(() => readSettings(TRANSPORTER_SETTINGS, process.env));
const logger = createLogger({ service: 'transporter', level: settings.BACKHAUL_LOG_LEVEL });

/** After the tasks have given way, what is open is closed within this time; NATS, or a disk, may be away. */
const CLOSE_WITHIN_MS = 3_000;

await run(settings, logger).catch(endWithReason);

/** Runs until SIGTERM or SIGINT. */
async function run(settings: TransporterSettings, logger: Logger): Promise<void> {
  const clock = systemClock(uptime);
  await openDataFolder(settings.BACKHAUL_DATA_FOLDER);
  const identity = (await loadIdentity(settings.BACKHAUL_DATA_FOLDER)) ?? (await enrol(settings));
  const { transporterId, installation } = identity;
  const leaseTimeMs = settings.BACKHAUL_LEASE_SECONDS * 1000;
  const boot = randomBytes(12).toString('hex');

  const connection = await connectNats({
    servers: settings.NATS_URL,
    name: `transporter ${identity.name}`,
    credentials: credentialsText(identity.natsJwt, new Secret(identity.natsSeed)),
    inboxPrefix: dispatchNames(installation).inbox(transporterId),
    ...(settings.BACKHAUL_CA !== undefined && settings.NATS_URL.includes('tls://') ? { ca: settings.BACKHAUL_CA } : {}),
    warn: (message) => logger.warn(message),
  });
  const workbench = microsoftWorkbench({
    repositories: openRepositories({
      repositoryRoots: settings.BACKHAUL_REPOSITORY_ROOTS,
      cacheFolder: join(settings.BACKHAUL_DATA_FOLDER, 'cache'),
      workers: settings.BACKHAUL_WORKERS,
      toolVersion: VERSION,
      clock,
    }),
    transport: createTransport({ caCertificates: settings.BACKHAUL_CA === undefined ? [] : [settings.BACKHAUL_CA] }),
    clock,
  });
  const transporter = startTransporter({
    dispatch: openTransporterDispatch({
      connection,
      installation,
      transporterId,
      boot,
      directorKey: pemOf(identity.directorPublicKey),
      sealingKey: new Secret(identity.sealingPrivateKey),
      leaseTimeMs,
      clock,
    }),
    workbench,
    clock,
    logger,
    leaseTimeMs,
    transporterId,
    boot,
    slots: settings.BACKHAUL_SLOTS,
    version: VERSION,
  });
  process.stdout.write(`${JSON.stringify({ ready: true, transporterId, name: identity.name, pid: process.pid })}\n`);

  await stopSignal();
  logger.info('stopping');
  await transporter.drain(settings.BACKHAUL_SHUTDOWN_GRACE_SECONDS * 1000);
  await Promise.race([closeAll().catch(() => undefined), clock.sleep(CLOSE_WITHIN_MS)]);
  process.exit(0);

  async function closeAll(): Promise<void> {
    await workbench.close();
    await connection.drain();
  }
}

async function enrol(settings: TransporterSettings): Promise<Identity> {
  const { BACKHAUL_DIRECTOR_URL: directorUrl, BACKHAUL_JOIN_TOKEN: joinToken } = settings;
  if (directorUrl === undefined || joinToken === undefined) {
    throw new Failure('invalid-input', {
      code: 'transporter.not-enrolled',
      message: `This Transporter is not enrolled: there is no identity in ${settings.BACKHAUL_DATA_FOLDER}.`,
      hint: 'Set BACKHAUL_DIRECTOR_URL and BACKHAUL_JOIN_TOKEN for its first start, or the data folder of an enrolled one.',
      retry: 'never',
      where: { field: directorUrl === undefined ? 'BACKHAUL_DIRECTOR_URL' : 'BACKHAUL_JOIN_TOKEN' },
    });
  }
  const identity = await enrolTransporter({
    directorUrl,
    joinToken,
    name: settings.BACKHAUL_TRANSPORTER_NAME ?? hostname(),
    fetch: directorFetch(settings.BACKHAUL_CA),
  });
  await saveIdentity(settings.BACKHAUL_DATA_FOLDER, identity);
  return identity;
}

/** The key of a JWK in the form that signatures are checked with. */
function pemOf(key: JsonWebKey): string {
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
}

/** Resolves at the first signal to stop; a second one ends the process at once, as usual. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

/** One clear line for what an operator can mend; anything else is a mistake of ours and shows where. */
function endWithReason(error: unknown): never {
  if (!isFailure(error)) throw error;
  process.stderr.write(`${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}\n`);
  process.exit(isOperatorsMatter(error) ? EXIT_CONFIGURATION : 1);
}

/** Starting again by itself would not help. */
function isOperatorsMatter(failure: Failure): boolean {
  return isFailure(failure, 'invalid-input', 'not-writable', 'forbidden', 'unauthenticated', 'unsupported-format');
}
