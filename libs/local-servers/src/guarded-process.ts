import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** What to start. There is no shell in between, and nothing of this process's environment is passed on but `env`. */
export interface GuardedCommand {
  program: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Run as this user and group; only root may ask for another than its own. */
  runAs?: { uid: number; gid: number } | undefined;
  /** What asks the program to end in good order. */
  stopSignal: NodeJS.Signals;
  /** Receives every line the program writes, both outputs together. */
  onLine: (line: string) => void;
}

/**
 * A server process that never outlives this one: a warden process ends it when this one is gone, however that happened.
 * It is its own process group, so Ctrl-C in a terminal does not reach it before this process has finished its work; and
 * it does not keep this process alive.
 */
export interface GuardedProcess {
  readonly pid: number;
  /** How it ended; undefined while it runs. */
  readonly end: ProcessEnd | undefined;
  /** Sends a signal; nothing happens if it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Waits until it has ended and its output was read; undefined when that takes longer than `ms`. */
  waitForEnd(ms: number): Promise<ProcessEnd | undefined>;
  /** Sends the stop signal, after `graceMs` SIGKILL, and waits for the end. */
  stop(graceMs?: number): Promise<void>;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines it wrote, oldest first. */
  lastLines: string[];
}

const LAST_LINES = 20;

/** Starts a program under guard. Rejects if it cannot be started at all. */
export async function startGuarded(command: GuardedCommand): Promise<GuardedProcess> {
  const warden = joinWarden();
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(command.runAs ?? {}),
  });
  const pid = child.pid;
  if (pid === undefined) {
    warden.leave();
    const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw new Error(`${command.program} could not be started: ${cause.message}`, { cause });
  }
  warden.tell({ order: 'guard', pid, stopSignal: command.stopSignal });
  const lastLines: string[] = [];
  readLines([child.stdout, child.stderr], (line) => {
    if (lastLines.push(line) > LAST_LINES) lastLines.shift();
    command.onLine(line);
  });
  letExit(child, child.stdout, child.stderr);

  let end: ProcessEnd | undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => {
      end = { code, signal, lastLines };
      warden.tell({ order: 'forget', pid });
      warden.leave();
      resolve(end);
    });
  });
  return {
    pid,
    get end() {
      return end;
    },
    waitForEnd: (ms) => within(ended, ms),
    signal: (name) => void (end === undefined && child.kill(name)),
    async stop(graceMs = 10_000) {
      if (end === undefined) child.kill(command.stopSignal);
      if (await within(ended, graceMs)) return;
      child.kill('SIGKILL');
      await within(ended, graceMs);
    },
  };
}

/** A temporary folder that goes away at the latest when this process is gone. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a folder below the system's temporary folder. Readable by this user only. */
export async function makeTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const warden = joinWarden();
  const path = await mkdtemp(join(tmpdir(), prefix));
  warden.tell({ order: 'remove-at-end', folder: path });
  let removed: Promise<void> | undefined;
  return {
    path,
    remove() {
      removed ??= rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).then(() => {
        warden.tell({ order: 'removed', folder: path });
        warden.leave();
      });
      return removed;
    },
  };
}

/** What the promise gives, or undefined if that takes longer. The timer keeps this process alive meanwhile. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  const result = await Promise.race([promise, late]);
  timer.abort();
  return result;
}

function readLines(outputs: Readable[], onLine: (line: string) => void): void {
  for (const input of outputs) createInterface({ input }).on('line', onLine);
}

/** Lets this process exit although the child runs. */
function letExit(child: ChildProcess, ...streams: (Readable | Writable | null)[]): void {
  child.unref();
  // The streams of a child process are sockets; their static type does not say so.
  for (const stream of streams) (stream as unknown as { unref?: () => void } | null)?.unref?.();
}

interface WardenMembership {
  tell(order: object): void;
  leave(): void;
}

let currentWarden: { input: Writable; members: number } | undefined;

/** One warden serves everything this process has started; it ends when the last thing is gone. */
function joinWarden(): WardenMembership {
  const warden = (currentWarden ??= startWarden());
  warden.members += 1;
  return {
    tell: (order) => void warden.input.write(`${JSON.stringify(order)}\n`),
    leave() {
      warden.members -= 1;
      if (warden.members > 0) return;
      warden.input.end();
      if (currentWarden === warden) currentWarden = undefined;
    },
  };
}

function startWarden(): { input: Writable; members: number } {
  // The neighbour has this file's own extension: .ts as a source, .js once built.
  const script = fileURLToPath(new URL(`./warden${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  const child = spawn(process.execPath, [script], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  letExit(child, child.stdin);
  return { input: child.stdin, members: 0 };
}
