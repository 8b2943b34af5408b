import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BackupOrder } from './backup-process.ts';

const FILE = fileURLToPath(new URL('./backup-process.ts', import.meta.url));

/** How a backup process ended. */
export interface BackupRun {
  /** What it told, in order. */
  steps: string[];
  /** Null when it was killed. */
  exitCode: number | null;
  /** From `ready` to the end. */
  milliseconds: number;
  errors: string;
}

/** When to kill it: so long after it told so many steps. */
export interface KillMoment {
  steps: number;
  ms: number;
}

/** Runs a backup in a process of its own. */
export async function runBackup(order: BackupOrder, kill?: KillMoment): Promise<BackupRun> {
  const child = spawn(process.execPath, ['--conditions=@backhaul/source', FILE, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const steps: string[] = [];
  let errors = '';
  let readyAt = performance.now();
  let killer: NodeJS.Timeout | undefined;
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  createInterface(child.stdout).on('line', (line) => {
    steps.push(line);
    if (line === 'ready') readyAt = performance.now();
    if (steps.length === kill?.steps) killer = setTimeout(() => child.kill('SIGKILL'), kill.ms);
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(killer);
  return { steps, exitCode, milliseconds: performance.now() - readyAt, errors };
}
