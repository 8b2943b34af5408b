import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StartedTestContainer } from 'testcontainers';
import { freePort } from './free-port.ts';
import { natsGreeting } from './nats-greeting.ts';
import { withConnection } from './sql.ts';
import { ServerUnavailable } from './unavailable.ts';

/** The images that are used; their versions are those that the product ships with. */
const POSTGRES_IMAGE = 'postgres:18-alpine';
const NATS_IMAGE = 'nats:2.12-alpine';
const START_TIMEOUT_MS = 30_000;

/** A server in a container, reached by a port of this machine that stays the same over a restart. */
export interface ContainerServer {
  readonly url: string;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContainerOptions {
  port?: number | undefined;
  durable?: boolean | undefined;
  log: (line: string) => void;
}

/** Whether a Docker engine (or one that speaks its protocol) answers. The mere presence of a client says nothing. */
export async function dockerAnswers(): Promise<boolean> {
  // The client takes a second to load: it is not asked where there is nothing that it could talk to.
  if (!mayHaveEngine()) return false;
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

/** The places where testcontainers looks for an engine: settings, and sockets of Docker with and without root. */
function mayHaveEngine(): boolean {
  if (process.platform === 'win32' || process.env['DOCKER_HOST']) return true;
  const home = homedir();
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`;
  return [
    join(home, '.testcontainers.properties'),
    '/var/run/docker.sock',
    join(runtime, '.docker/run/docker.sock'),
    join(runtime, 'docker.sock'),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
  ].some(existsSync);
}

export async function startPostgresContainer(options: ContainerOptions): Promise<ContainerServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = options.port ?? (await freePort());
  const password = randomBytes(24).toString('base64url');
  const settings = options.durable ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off'];
  const container = await new GenericContainer(POSTGRES_IMAGE)
    .withEnvironment({ POSTGRES_PASSWORD: password, POSTGRES_INITDB_ARGS: '--encoding=UTF8' })
    .withCommand(['postgres', '-c', 'max_connections=200', ...settings])
    .withExposedPorts({ container: 5432, host: port })
    // The image starts a first server for its own set-up; only the second one stays.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .withLogConsumer((stream) => stream.on('data', (line) => options.log(String(line).trimEnd())))
    .start();
  const url = `postgresql://postgres:${password}@${container.getHost()}:${port}/postgres`;
  return control(container, url, () =>
    withConnection(url, (client) => client.query('SELECT 1')).then(
      () => true,
      () => false,
    ),
  );
}

/** `config` is the text of nats-server's configuration file, for port 4222 and the store in /data. */
export async function startNatsContainer(options: ContainerOptions & { config: string }): Promise<ContainerServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = options.port ?? (await freePort());
  const container = await new GenericContainer(NATS_IMAGE)
    .withCopyContentToContainer([{ content: options.config, target: '/etc/nats/backhaul.conf' }])
    .withCommand(['nats-server', '--config', '/etc/nats/backhaul.conf'])
    .withExposedPorts({ container: 4222, host: port })
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .withLogConsumer((stream) => stream.on('data', (line) => options.log(String(line).trimEnd())))
    .start();
  const host = container.getHost();
  return control(container, `nats://${host}:${port}`, async () => (await natsGreeting(host, port)) !== undefined);
}

async function control(
  container: StartedTestContainer,
  url: string,
  answers: () => Promise<boolean>,
): Promise<ContainerServer> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const client = await getContainerRuntimeClient();
  const engine = client.container.getById(container.getId());
  const isRunning = async () => (await client.container.inspect(engine)).State.Running;
  return {
    url,
    async kill(signal) {
      if (!(await isRunning())) return;
      await engine.kill({ signal });
      await engine.wait();
    },
    async start() {
      if (await isRunning()) return;
      await client.container.start(engine);
      const deadline = performance.now() + START_TIMEOUT_MS;
      while (!(await answers())) {
        if (performance.now() > deadline) throw new ServerUnavailable(`The container of ${url} did not come back.`);
        await delay(50);
      }
    },
    stop: async () => void (await container.stop({ remove: true, removeVolumes: true })),
  };
}
