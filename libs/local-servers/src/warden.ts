/**
 * A small process that outlives its parent for a moment and cleans up after it. It is told on its standard input what
 * the parent started; when that input ends, for whatever reason (a clean exit, Ctrl-C, an uncaught error, SIGKILL),
 * it ends what is still running and removes the temporary folders. Run by `guarded-process.ts`, never imported.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a server may take to end by itself before it is killed. */
const GRACE_MS = 8_000;

type Order =
  | { order: 'guard'; pid: number; stopSignal: NodeJS.Signals }
  | { order: 'forget'; pid: number }
  | { order: 'remove-at-end'; folder: string }
  | { order: 'removed'; folder: string };

const guarded = new Map<number, NodeJS.Signals>();
const folders = new Set<string>();

function obey(order: Order): void {
  switch (order.order) {
    case 'guard':
      guarded.set(order.pid, order.stopSignal);
      return;
    case 'forget':
      guarded.delete(order.pid);
      return;
    case 'remove-at-end':
      folders.add(order.folder);
      return;
    case 'removed':
      folders.delete(order.folder);
      return;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Ended meanwhile.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // A process that has ended keeps its number until its parent asks; the one that would have asked is gone.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}

async function endEverything(): Promise<void> {
  for (const [pid, stopSignal] of guarded) signal(pid, stopSignal);
  const deadline = performance.now() + GRACE_MS;
  while (performance.now() < deadline && [...guarded.keys()].some(isAlive)) await delay(50);
  for (const pid of guarded.keys()) signal(pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

// Only the end of the input ends this process: Ctrl-C in a terminal reaches the parent, which may need its servers
// until it has finished its own work.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line) as Order))
  .on('close', () => void endEverything());
