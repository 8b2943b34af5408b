import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ControlClient, type SimulatorReady } from '@backhaul/graph-simulator';
import {
  createDatabase,
  createNatsAuthority,
  directorCredentials,
  freePort,
  startNats,
  startPostgres,
  type NatsServer,
  type PostgresServer,
} from '@backhaul/local-servers';
import { startProcess, type SystemProcess } from './child-process.ts';
import { DirectorClient } from './director-client.ts';
import { serviceScript } from './service-script.ts';

export interface SystemOptions {
  /** Where everything lies: logs, data, the repository. Must exist and be empty. */
  folder: string;
  tenant: TenantShape;
  /** How many Transporters; more can be started later. */
  transporters: number;
  /** Tasks of a Transporter at the same time. */
  slots: number;
  /** Lease time in seconds. Default 30. */
  leaseSeconds?: number;
  logLevel?: string;
  /** Told what is being done, one sentence at a time. */
  say?: (text: string) => void;
}

/** What the simulated tenant is made from. */
export interface TenantShape {
  seed: number;
  mailboxes: number;
  messages: number;
  largeFolder: number;
  bytes: number;
  latencyMs: number;
  /** Default 0, as for all that follows: contacts and events of all mailboxes together. */
  contacts?: number;
  events?: number;
  /** How many users have a OneDrive, the files of all of them together, and their bytes. */
  drives?: number;
  files?: number;
  fileBytes?: number;
  /** Bytes of one more file, in the first drive. */
  largeFile?: number;
}

/** The whole system, each part a process of its own. */
export interface System {
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  readonly simulator: SystemProcess;
  readonly tenant: SimulatorReady;
  readonly control: ControlClient;
  readonly director: SystemProcess;
  readonly transporters: SystemProcess[];
  /** The admin API, with the token of the first admin. */
  readonly api: DirectorClient;
  readonly databaseUrl: string;
  /** The folder under which repositories may be made. */
  readonly repositoryRoot: string;
  readonly setupToken: string;
  /** Starts one more; with the data folder of another one, it is that one's twin. */
  startTransporter(options?: { dataFolder?: string }): Promise<SystemProcess>;
  /** Ends everything in order, the data stays in the folder. */
  stop(): Promise<void>;
}

/** Starts everything and sets the first admin up. Ends what it started when anything fails. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { folder, say = () => undefined } = options;
  const logs = join(folder, 'logs');
  const repositoryRoot = join(folder, 'repositories');
  await Promise.all([logs, repositoryRoot].map((path) => mkdir(path, { recursive: true })));
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };

  try {
    say('PostgreSQL and nats-server');
    const postgres = await startPostgres();
    stops.push(() => postgres.stop());
    const database = await createDatabase(postgres);
    const authority = await createNatsAuthority();
    const nats = await startNats({ authority });
    stops.push(() => nats.stop());

    say(`Graph simulator: ${tenantText(options.tenant)}`);
    const simulator = await startSimulatorProcess(options, logs);
    stops.push(() => simulator.stop());
    const tenant = simulator.ready as unknown as SimulatorReady;

    say('Director');
    const secrets = await writeSecrets(folder, {
      'director.creds': await directorCredentials(authority),
      'nats-account.seed': authority.accountSigningSeed,
    });
    let setupToken = '';
    const director = await startProcess({
      name: 'director',
      script: serviceScript('director'),
      args: [],
      logFile: join(logs, 'director.log'),
      env: {
        ...commonEnvironment(options, tenant),
        // Halves what it keeps for short-lived objects; nothing of it needs more.
        NODE_OPTIONS: '--max-semi-space-size=4',
        MALLOC_ARENA_MAX: '2',
        DATABASE_URL: database.url,
        NATS_URL: nats.url,
        BACKHAUL_NATS_CREDENTIALS_FILE: secrets('director.creds'),
        BACKHAUL_NATS_ACCOUNT_SEED_FILE: secrets('nats-account.seed'),
        BACKHAUL_DATA_FOLDER: join(folder, 'director'),
        BACKHAUL_PORT: String(await freePort()),
        BACKHAUL_GRAPH_HOSTS: [...new Set([new URL(tenant.graphUrl).host, new URL(tenant.loginUrl).host])].join(','),
        BACKHAUL_REPOSITORY_ROOTS: repositoryRoot,
      },
      onLine: (line) => (setupToken = setupTokenIn(line) ?? setupToken),
    });
    stops.push(() => director.stop());
    const api = new DirectorClient(String(director.ready['url']));
    await api.setUp(setupToken);

    const transporters: SystemProcess[] = [];
    const startTransporter: System['startTransporter'] = async ({ dataFolder } = {}) => {
      const name = `transporter-${transporters.length + 1}`;
      const transporter = await startProcess({
        name,
        script: serviceScript('transporter'),
        args: [],
        logFile: join(logs, `${name}.log`),
        env: {
          ...commonEnvironment(options, tenant),
          // What deploy/README.md tells everybody to start a Transporter with.
          NODE_OPTIONS: '--max-semi-space-size=4',
          MALLOC_ARENA_MAX: '2',
          NATS_URL: nats.url,
          BACKHAUL_DIRECTOR_URL: api.url,
          BACKHAUL_JOIN_TOKEN: await api.createJoinToken(),
          BACKHAUL_TRANSPORTER_NAME: name,
          BACKHAUL_DATA_FOLDER: dataFolder ?? join(folder, name),
          BACKHAUL_SLOTS: String(options.slots),
          BACKHAUL_WORKERS: '2',
          BACKHAUL_REPOSITORY_ROOTS: repositoryRoot,
        },
      });
      stops.push(() => transporter.stop());
      transporters.push(transporter);
      return transporter;
    };
    for (let count = 0; count < options.transporters; count += 1) {
      say(`Transporter ${count + 1}`);
      await startTransporter();
    }
    return {
      postgres,
      nats,
      simulator,
      tenant,
      control: new ControlClient(tenant.controlUrl, tenant.controlToken),
      director,
      transporters,
      api,
      databaseUrl: database.url,
      repositoryRoot,
      setupToken,
      startTransporter,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function tenantText({ mailboxes, messages, drives = 0, files = 0 }: TenantShape): string {
  return `${mailboxes} mailboxes, ${messages} messages${drives === 0 ? '' : `, ${drives} OneDrives, ${files} files`}`;
}

async function startSimulatorProcess(options: SystemOptions, logs: string): Promise<SystemProcess> {
  const { tenant, folder } = options;
  const flags: Record<string, string | number> = {
    port: await freePort(),
    'control-port': await freePort(),
    state: join(folder, 'tenant'),
    seed: tenant.seed,
    mailboxes: tenant.mailboxes,
    messages: tenant.messages,
    'large-folder': tenant.largeFolder,
    bytes: tenant.bytes,
    'latency-ms': tenant.latencyMs,
    contacts: tenant.contacts ?? 0,
    events: tenant.events ?? 0,
    drives: tenant.drives ?? 0,
    files: tenant.files ?? 0,
    'file-bytes': tenant.fileBytes ?? 0,
    'large-file': tenant.largeFile ?? 0,
  };
  return startProcess({
    name: 'graph-simulator',
    script: serviceScript('graph-simulator'),
    args: Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    logFile: join(logs, 'graph-simulator.log'),
    // Its short-lived texts would else make the young generation grow to as much as the machine allows.
    env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: '--max-semi-space-size=8' },
    isReady: (message) => typeof message['controlUrl'] === 'string',
  });
}

function commonEnvironment(options: SystemOptions, tenant: SimulatorReady): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    BACKHAUL_CA_FILE: tenant.caPath,
    BACKHAUL_LEASE_SECONDS: String(options.leaseSeconds ?? 30),
    BACKHAUL_LOG_LEVEL: options.logLevel ?? 'info',
  };
}

async function writeSecrets(folder: string, files: Record<string, string>): Promise<(name: string) => string> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { mode: 0o600 });
  return (name) => join(folder, name);
}

/** The one-time token of the first admin, in the line that names it. */
function setupTokenIn(line: string): string | null {
  return /\b(bhs?_[A-Za-z0-9_-]{20,})\b/.exec(line)?.[1] ?? null;
}
