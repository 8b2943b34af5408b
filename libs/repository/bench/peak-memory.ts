import { readFileSync } from 'node:fs';

/**
 * Highest resident memory of this process so far, in bytes. A child's `maxRSS` begins with that of the process that started it,
 * on Linux; the peak of its own memory map does not.
 */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
