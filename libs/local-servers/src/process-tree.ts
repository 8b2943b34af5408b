import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/**
 * Stops a process so that it can start no more children, and returns its id followed by those of its children. Where
 * there is no /proc (not Linux) only the process itself is known.
 */
export function freezeWithChildren(pid: number): number[] {
  try {
    process.kill(pid, 'SIGSTOP');
  } catch {
    return [];
  }
  return [pid, ...childrenOf(pid)];
}

function childrenOf(parent: number): number[] {
  let entries: string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  return entries.filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === parent).map(Number);
}

/** From /proc/<pid>/stat, see proc(5): `id (name) state parent …`, where the name may hold spaces and brackets. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Whether the process lives and, where that can be seen, was started by a command with `name` in it. */
export async function isRunning(pid: number, name: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => undefined);
  return command === undefined || command.includes(name);
}
