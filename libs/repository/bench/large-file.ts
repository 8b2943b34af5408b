import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import { createRepository, openRepository, type ItemEntry, type Repository } from '@backhaul/repository';
import { aDraft, aFile, aFolder, aTask, SeededRandom } from '@backhaul/repository/testing';
import { peakMemory } from './peak-memory.ts';

/**
 * What a large file costs as a stream: stored, stored once more unchanged, read back; each step in a process of its own, of the
 * build, started as deploy/README.md says of Transporters. Half of the file is incompressible.
 *
 *     node bench/large-file.ts [--mb 2048] [--workers 2] [--folder DIR]
 */
const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '2048' },
    workers: { type: 'string', default: '2' },
    folder: { type: 'string', default: tmpdir() },
    step: { type: 'string' },
  },
});
const FILE_BYTES = Number(options.mb) * 1e6;
const PIECE_BYTES = 64 * 1024;
const KEY = { containerId: 'drive', id: 'large' };
const TASKS: Record<string, number> = { 'first backup': 1, 'unchanged backup': 2 };

if (options.step === undefined) await measureAll();
else await takeStep(options.step, options.folder);

async function measureAll(): Promise<void> {
  const folder = await mkdtemp(join(options.folder, 'backhaul-bench-'));
  try {
    await mkdir(join(folder, 'repository'));
    const store = await openDiskStore(join(folder, 'repository'));
    const keys = await createRepository(store, { password: new Secret('bench') });
    await writeFile(join(folder, 'keys.json'), JSON.stringify(keys.reveal()));
    for (const step of [...Object.keys(TASKS), 'read']) {
      const self = fileURLToPath(import.meta.url);
      const own = ['--step', step, '--folder', folder, '--mb', options.mb, '--workers', options.workers];
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...process.execArgv, '--max-semi-space-size=4', self, ...own],
        { env: { ...process.env, MALLOC_ARENA_MAX: '2' } },
      );
      process.stdout.write(stdout);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function takeStep(step: string, folder: string): Promise<void> {
  const repository = await openRepository(await openDiskStore(join(folder, 'repository')), {
    keys: new Secret(JSON.parse(await readFile(join(folder, 'keys.json'), 'utf8'))),
    cacheFolder: join(folder, 'cache'),
    workers: Number(options.workers),
    toolVersion: 'bench',
  });
  const startedMs = performance.now();
  const fence = TASKS[step];
  if (fence === undefined) await readBack(repository);
  else await backUp(repository, fence);
  const seconds = (performance.now() - startedMs) / 1000;
  await repository.close();
  const mbPerSecond = Math.round(FILE_BYTES / 1e6 / seconds);
  console.log(
    `${step}: ${seconds.toFixed(1)} s, ${mbPerSecond} MB/s, peak memory ${Math.round(peakMemory() / 1e6)} MB`,
  );
}

async function backUp(repository: Repository, fence: number): Promise<void> {
  const writer = await repository.openWriter();
  const session = await writer.beginObject(aTask({ taskId: `task-${fence}`, fence }));
  if ('committed' in session) throw new Error('done already');
  session.putEntry(aFolder('drive', { kind: 'files' }));
  await session.putItem(aFile(KEY.id), [{ name: 'content', format: 'bytes', content: theFile() }]);
  await session.commit(aDraft({ kinds: ['files'] }), () => undefined);
  await writer.close();
}

async function readBack(repository: Repository): Promise<void> {
  const point = await repository.openPoint(aTask().chain, TASKS['unchanged backup']!);
  const [content] = ((await point.get(KEY)) as ItemEntry).parts;
  const hash = createHash('sha256');
  for await (const piece of point.streamPart(content!)) hash.update(piece);
  if (hash.digest('hex') !== content!.sha256) throw new Error('what was read is not what was stored');
}

/** The same at every call: pieces that are random and pieces that repeat a few words, in turns of 8 MB. */
async function* theFile(): AsyncGenerator<Uint8Array> {
  const random = new SeededRandom('large file');
  const words = Array.from({ length: 64 }, () => random.bytes(6).toString('hex'));
  for (let at = 0; at < FILE_BYTES; at += PIECE_BYTES) {
    const isText = Math.floor(at / 8e6) % 2 === 1;
    yield isText ? textOf(random, words) : random.bytes(PIECE_BYTES);
  }
}

function textOf(random: SeededRandom, words: string[]): Buffer {
  const line = Array.from({ length: 64 }, () => random.pick(words)).join(' ');
  return Buffer.alloc(PIECE_BYTES, line);
}
