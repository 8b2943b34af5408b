import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** One program of the system under test, as a process of its own that can be killed and started again. */
export interface SystemProcess {
  readonly name: string;
  readonly pid: number;
  /** What its ready line said. */
  readonly ready: Record<string, unknown>;
  readonly logFile: string;
  /** CPU seconds and peak memory of all lives of this process so far; zeros where the system does not tell. */
  usage(): ProcessUsage;
  /** SIGKILL: no chance to clean up. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again with the same arguments; resolves when it is ready. */
  restart(): Promise<void>;
  /** SIGSTOP, SIGCONT and the like. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM and, after `graceMs`, SIGKILL. Resolves with the exit code, null when it had to be killed. */
  stop(graceMs?: number): Promise<number | null>;
  readonly running: boolean;
}

export interface ProcessUsage {
  cpuSeconds: number;
  /** Bytes of resident memory at the highest point. */
  peakMemory: number;
}

export interface ProcessPlan {
  name: string;
  /** Script for the Node that runs us. */
  script: string;
  args: string[];
  /** The whole environment; nothing is inherited. */
  env: Record<string, string>;
  logFile: string;
  /** Which JSON line of its standard output says that it is ready. Default: one with `ready: true`. */
  isReady?: (message: Record<string, unknown>) => boolean;
  /** How long it may take until its ready line. Default 60 s. */
  readyWithinMs?: number;
  /** Every line of its standard output, e.g. to find a token it prints. */
  onLine?: (line: string) => void;
}

const EXIT_GRACE_MS = 30_000;
const READY_WITHIN_MS = 60_000;

/** Starts a program and waits for its ready line, a JSON object on its standard output. */
export async function startProcess(plan: ProcessPlan): Promise<SystemProcess> {
  let life = await begin(plan);
  const past: ProcessUsage = { cpuSeconds: 0, peakMemory: 0 };

  function remember(): void {
    const usage = life.lastUsage();
    past.cpuSeconds += usage.cpuSeconds;
    past.peakMemory = Math.max(past.peakMemory, usage.peakMemory);
  }

  return {
    name: plan.name,
    logFile: plan.logFile,
    get pid() {
      return life.child.pid ?? -1;
    },
    get ready() {
      return life.ready;
    },
    get running() {
      return life.child.exitCode === null && life.child.signalCode === null;
    },
    usage() {
      const now = life.lastUsage();
      return {
        cpuSeconds: past.cpuSeconds + now.cpuSeconds,
        peakMemory: Math.max(past.peakMemory, now.peakMemory),
      };
    },
    async kill() {
      life.lastUsage();
      life.child.kill('SIGKILL');
      await life.exited;
    },
    async restart() {
      await life.exited;
      remember();
      life = await begin(plan);
    },
    signal(signal) {
      life.child.kill(signal);
    },
    async stop(graceMs = EXIT_GRACE_MS) {
      life.lastUsage();
      life.child.kill('SIGTERM');
      const timer = setTimeout(() => life.child.kill('SIGKILL'), graceMs);
      const code = await life.exited;
      clearTimeout(timer);
      return code;
    },
  };
}

interface Life {
  child: ChildProcess;
  ready: Record<string, unknown>;
  exited: Promise<number | null>;
  lastUsage(): ProcessUsage;
}

async function begin(plan: ProcessPlan): Promise<Life> {
  const log = createWriteStream(plan.logFile, { flags: 'a' });
  const child = spawn(process.execPath, ['--enable-source-maps', plan.script, ...plan.args], {
    env: plan.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  endWithParent(child);
  child.stderr.pipe(log, { end: false });
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<Record<string, unknown>>((resolve) => {
    lines.on('line', (line) => {
      log.write(`${line}\n`);
      plan.onLine?.(line);
      const message = readyLine(line, plan.isReady ?? ((object) => object['ready'] === true));
      if (message !== null) resolve(message);
    });
  });
  let usage: ProcessUsage = { cpuSeconds: 0, peakMemory: 0 };
  return {
    child,
    exited,
    ready: await readyOrReason(plan, ready, exited, child),
    lastUsage: () => (usage = usageOf(child.pid) ?? usage),
  };
}

function readyLine(
  line: string,
  isReady: (message: Record<string, unknown>) => boolean,
): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const message = JSON.parse(line) as Record<string, unknown>;
    return isReady(message) ? message : null;
  } catch {
    return null;
  }
}

async function readyOrReason(
  plan: ProcessPlan,
  ready: Promise<Record<string, unknown>>,
  exited: Promise<number | null>,
  child: ChildProcess,
): Promise<Record<string, unknown>> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${plan.name} was not ready in time.\n${lastLines(plan.logFile)}`));
    }, plan.readyWithinMs ?? READY_WITHIN_MS);
  });
  const ended = exited.then((code): never => {
    throw new Error(`${plan.name} ended with ${String(code)} before it was ready.\n${lastLines(plan.logFile)}`);
  });
  try {
    return await Promise.race([ready, ended, tooLate]);
  } finally {
    clearTimeout(timer);
    ended.catch(() => undefined);
  }
}

/** The end of a log, for an error message. */
export function lastLines(file: string, count = 20): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}

const living = new Set<ChildProcess>();

/** No child outlives us, however we end. */
function endWithParent(child: ChildProcess): void {
  if (living.size === 0) process.on('exit', killAll);
  living.add(child);
  child.once('exit', () => {
    living.delete(child);
    if (living.size === 0) process.off('exit', killAll);
  });
}

function killAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

const CLOCK_TICKS_PER_SECOND = 100;

/** From /proc on Linux; null elsewhere, or when the process is gone. */
function usageOf(pid: number | undefined): ProcessUsage | null {
  if (pid === undefined) return null;
  try {
    // The name in parentheses may contain spaces; what follows it is separated by single ones (proc_pid_stat(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { cpuSeconds: ticks / CLOCK_TICKS_PER_SECOND, peakMemory: Number(peak?.[1] ?? 0) * 1024 };
  } catch {
    return null;
  }
}
