import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import { createRepository } from '@backhaul/repository';
import type { Phase, PhaseFigures } from './backup-phases.ts';
import { bytesOf, readCorpus, writeCorpus } from './mail-corpus.ts';

/**
 * What a backup of mailboxes costs: a full one, an incremental one after 3 % have changed, a check of all data, a restore of
 * everything; each in a process of its own, of the build (with `--conditions=@backhaul/source` of the sources, which costs 50 MB
 * of memory more), started as deploy/README.md says of Transporters.
 *
 *     node bench/backup.ts [--mailboxes 10] [--messages 1000] [--large] [--seed 1] [--workers 2]
 *         [--tasks 2] [--folder DIR] [--json]
 *
 * `--tasks` mailboxes are backed up at once; with `--large` their messages have 1 to 4 MB. The folder needs about twice the size of the mailboxes; default: the system's
 * temporary folder.
 */
const { values: options } = parseArgs({
  options: {
    mailboxes: { type: 'string', default: '10' },
    messages: { type: 'string', default: '1000' },
    large: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
    tasks: { type: 'string', default: '2' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});

const folder = await mkdtemp(join(options.folder, 'backhaul-bench-'));
try {
  const size = {
    seed: Number(options.seed),
    mailboxes: Number(options.mailboxes),
    messages: Number(options.messages),
    large: options.large,
  };
  await writeCorpus(join(folder, 'corpus'), size);
  await mkdir(join(folder, 'repository'));
  const store = await openDiskStore(join(folder, 'repository'));
  const keys = await createRepository(store, { password: new Secret('bench') });
  await writeFile(join(folder, 'keys.json'), JSON.stringify(keys.reveal()));
  const stored = async () => {
    let bytes = 0;
    for await (const object of store.list('')) bytes += object.size;
    return bytes;
  };
  const contentBytes = bytesOf((await readCorpus(join(folder, 'corpus'))).full);
  const full = await measure('full');
  const afterFull = await stored();
  const incremental = await measure('incremental');
  const afterIncremental = await stored();
  const report = {
    ...options,
    folder: undefined,
    node: process.version,
    cpu: cpus()[0]?.model,
    contentMB: inMB(contentBytes),
    repositoryMB: inMB(afterFull),
    repositoryRatio: round(afterFull / contentBytes),
    incrementalAddedMB: inMB(afterIncremental - afterFull),
    full,
    incremental,
    check: await measure('check'),
    restore: await measure('restore'),
  };
  console.log(options.json ? JSON.stringify(report) : report);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(phase: Phase) {
  const file = fileURLToPath(new URL('./backup-phases.ts', import.meta.url));
  const argv = [...process.execArgv, '--max-semi-space-size=4', file, phase, folder, options.workers, options.tasks];
  const { stdout } = await promisify(execFile)(process.execPath, argv, {
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });
  const figures = JSON.parse(stdout) as PhaseFigures;
  return {
    seconds: round(figures.seconds),
    cpuSeconds: round(figures.cpuSeconds),
    mbPerSecond: round(figures.bytes / 1e6 / figures.seconds),
    cpuSecondsPerGB: round(figures.cpuSeconds / (figures.bytes / 1e9)),
    peakRssMB: Math.round(figures.peakRssMB),
  };
}

function inMB(bytes: number): number {
  return round(bytes / 1e6);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
