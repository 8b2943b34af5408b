import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { workspaceRoot } from '../system/workspace-root.ts';

/** A library's own bench: how fast one part is without the others. */
export interface PartBench {
  /** How it is named on the command line. */
  id: string;
  /** What it tells, for people. */
  title: string;
  /** The script, from the root of the project, and its arguments. */
  argv: readonly string[];
}

/** The benches of the libraries; each prints what it measured. */
export const PART_BENCHES: readonly PartBench[] = [
  {
    id: 'scheduler',
    title: 'choosing among 1,000 jobs with 100,000 tasks queued',
    argv: ['libs/scheduler/bench/choose.ts'],
  },
  { id: 'dispatch', title: 'grants a second over nats-server', argv: ['libs/dispatch/bench/grants.ts'] },
  {
    id: 'dispatch-durable',
    title: 'the same, with every message flushed to disk',
    argv: ['libs/dispatch/bench/grants.ts', '--durable'],
  },
  {
    id: 'mail-source',
    title: 'reading 10,000 small messages, nothing stored',
    argv: ['libs/m365/bench/read-mailboxes.ts'],
  },
  {
    id: 'repository',
    title: 'storing, checking and reading 10,000 messages, no network',
    argv: ['libs/repository/bench/backup.ts', '--tasks', '10', '--workers', '2'],
  },
];

/** Runs the bench in a process of its own. Resolves with what it printed; rejects when it failed. */
export async function runPart({ id, argv }: PartBench): Promise<string> {
  // With the flag that the services are started with; see deploy/README.md.
  const flags = ['--conditions=@backhaul/source', '--max-semi-space-size=4'];
  const bench = spawn(process.execPath, [...flags, ...argv], {
    cwd: workspaceRoot(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  bench.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(bench, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The bench "${id}" ended with ${String(code)}.`);
  return output.trim();
}
