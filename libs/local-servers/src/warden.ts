/**
 * A small process that outlives its parent for a moment and cleans up after it. It is told on its standard input what
 * the parent started; when that input ends, for whatever reason (a clean exit, Ctrl-C, an uncaught error, SIGKILL),
 * it ends what is still running and removes the temporary folders. Run by `guarded-process.ts`, never imported.
 */
import { rmSync } from 'node:fs';
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

/** Sends a signal (0: only asks); false when there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function endEverything(): Promise<void> {
  for (const [pid, stopSignal] of guarded) signal(pid, stopSignal);
  const deadline = performance.now() + GRACE_MS;
  while (performance.now() < deadline && [...guarded.keys()].some((pid) => signal(pid, 0))) await delay(50);
  for (const pid of guarded.keys()) signal(pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

// Only the end of the input ends this process: Ctrl-C in a terminal reaches the parent, which may need its servers
// until it has finished its own work.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line) as Order))
  .on('close', () => void endEverything());
