import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { type GuardedProcess, makeTemporaryFolder, startGuarded } from './guarded-process.ts';
import type { NatsAuthority } from './nats-authority.ts';
import { findNatsServer } from './nats-binary.ts';
import { natsConfig, type NatsTlsFiles } from './nats-config.ts';
import { natsGreeting } from './nats-greeting.ts';
import { ServerUnavailable } from './unavailable.ts';

export interface EmbeddedNatsOptions {
  storeFolder?: string | undefined;
  port?: number | undefined;
  durable: boolean;
  authority: NatsAuthority;
  /** PEM texts. */
  tls?: NatsTlsFiles | undefined;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
}

export interface EmbeddedNats {
  readonly url: string;
  readonly pid: number | undefined;
  readonly storeFolder: string;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(options?: { wipeStore?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** Starts a nats-server on 127.0.0.1 with its store in `storeFolder`, or in a temporary folder. */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  const { file } = await findNatsServer({ env: options.env, log: options.log });
  const temporary = options.storeFolder === undefined ? await makeTemporaryFolder('backhaul-nats-') : undefined;
  const home = resolve(options.storeFolder ?? temporary?.path ?? '');
  let server: GuardedProcess | undefined;
  let port = options.port;
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const tls = options.tls && (await writeTlsFiles(options.tls, home));
    const start = async () => {
      ({ server, port } = await launch({ ...options, tls, file, home }, port));
    };
    await start();
    return {
      storeFolder: home,
      get url() {
        return options.tls ? `tls://localhost:${port}` : `nats://127.0.0.1:${port}`;
      },
      get pid() {
        return server?.end === undefined ? server?.pid : undefined;
      },
      async kill(signal) {
        server?.signal(signal);
        await server?.waitForEnd(10_000);
      },
      async start({ wipeStore = false } = {}) {
        if (server?.end === undefined) return;
        // nats-server makes this folder inside the one it is given.
        if (wipeStore) await rm(join(home, 'jetstream'), { recursive: true, force: true });
        await start();
      },
      async stop() {
        await server?.stop();
        await temporary?.remove();
      },
    };
  } catch (error) {
    await server?.stop();
    await temporary?.remove();
    throw error;
  }
}

async function writeTlsFiles(tls: NatsTlsFiles, home: string): Promise<NatsTlsFiles> {
  const write = async (name: string, pem: string) => {
    const file = join(home, name);
    await writeFile(file, pem, { mode: 0o600 });
    return file;
  };
  return {
    cert: await write('cert.pem', tls.cert),
    key: await write('key.pem', tls.key),
    ca: tls.ca && (await write('ca.pem', tls.ca)),
  };
}

type Launch = EmbeddedNatsOptions & { file: string; home: string };

/** Starts the server and waits until it greets; tries other ports unless one is asked for. */
async function launch(options: Launch, wanted: number | undefined): Promise<{ server: GuardedProcess; port: number }> {
  const { home, file, log } = options;
  const deadline = performance.now() + START_TIMEOUT_MS;
  // A name of its own tells this server from another one that took the port first.
  const serverName = `backhaul-${randomBytes(6).toString('hex')}`;
  for (;;) {
    const port = wanted ?? (await freePort());
    const configFile = join(home, 'nats-server.conf');
    const config = natsConfig({ ...options, serverName, host: '127.0.0.1', port, storeFolder: home });
    await writeFile(configFile, config, { mode: 0o600 });
    const server = await startGuarded({
      program: file,
      args: ['--config', configFile],
      cwd: home,
      env: {},
      stopSignal: 'SIGTERM',
      onLine: log,
    });
    if (await greets(server, port, serverName, deadline)) return { server, port };
    const words = server.end?.lastLines.join('\n') ?? '';
    await server.stop();
    if (performance.now() > deadline || wanted !== undefined || !/address already in use/.test(words)) {
      throw new ServerUnavailable(`nats-server did not start on port ${port}:\n${words}`);
    }
  }
}

async function greets(server: GuardedProcess, port: number, name: string, deadline: number): Promise<boolean> {
  while (server.end === undefined && performance.now() < deadline) {
    if ((await natsGreeting('127.0.0.1', port))?.server_name === name) return true;
    await delay(10);
  }
  return false;
}
