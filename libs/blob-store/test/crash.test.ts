import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import { createRepository, openRepository, type RepositoryKeys } from '@backhaul/repository';
import { CHEAP_ARGON2, pointContents, SeededRandom, TEST_PASSWORD, testSeed } from '@backhaul/repository/testing';
import { contentOf, type BackupOrder } from './backup-process.ts';
import { runBackup } from './run-backup.ts';

const ROUNDS = 12;
const ITEMS = 15;
const CHAIN = { jobId: 'job-1', objectId: 'mailbox' };

let root: string;
let keys: RepositoryKeys;
let caches = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'backhaul-crash-'));
  await mkdir(join(root, 'repository'));
  const store = await openDiskStore(join(root, 'repository'));
  keys = (await createRepository(store, { password: TEST_PASSWORD, argon2: CHEAP_ARGON2 })).reveal();
});
afterEach(() => rm(root, { recursive: true, force: true }));

function order(task: number, fence: number): BackupOrder {
  return {
    folder: join(root, 'repository'),
    // A process that restarts finds the cache that it left behind when it was killed.
    cacheFolder: join(root, 'cache'),
    keys,
    objectId: CHAIN.objectId,
    taskId: `task-${task}`,
    fence,
    ids: idsOf(task),
  };
}

function idsOf(task: number): string[] {
  return Array.from({ length: ITEMS }, (_, n) => `${task}-${n}`);
}

/** As a process that knows nothing: the check finds nothing, and the last point gives back every byte. */
async function requireWhole(): Promise<string[]> {
  const repository = await openRepository(await openDiskStore(join(root, 'repository')), {
    keys: new Secret(keys),
    cacheFolder: join(root, `cache-${(caches += 1)}`),
    workers: 0,
    toolVersion: 'test',
  });
  try {
    expect(await repository.check({ data: true })).toMatchObject({ damage: [], affectedPoints: [] });
    const points = await repository.points(CHAIN);
    expect(points.map(({ sequence }) => sequence)).toEqual(points.map((_, index) => index + 1));
    const last = points.at(-1);
    if (last !== undefined) {
      const contents = await pointContents(await repository.openPoint(CHAIN, last.sequence), ['inbox']);
      const ids = points.flatMap((_, task) => idsOf(task));
      expect(Object.keys(contents)).toHaveLength(ids.length * 2);
      for (const id of ids) expect(contents[`inbox/${id}/mime`] === contentOf(id).toString('latin1')).toBe(true);
    }
    return points.map(({ taskId }) => taskId);
  } finally {
    await repository.close();
  }
}

test(`a writer killed at ${ROUNDS} random moments leaves a whole repository, and each task one point`, async () => {
  const random = new SeededRandom(testSeed());
  const undisturbed = await runBackup(order(0, 1));
  expect(undisturbed).toMatchObject({ exitCode: 0, errors: '' });
  expect(undisturbed.steps.at(-1)).toBe('committed');
  const ends: Record<string, number> = {};
  let fence = 1;
  for (let task = 1; task <= ROUNDS; task += 1) {
    const expected = Array.from({ length: task }, (_, earlier) => `task-${earlier}`);
    const told = undisturbed.steps.length;
    const moment = { steps: 1 + random.below(told), ms: random.below(Math.ceil(undisturbed.milliseconds / told)) };
    const killed = await runBackup(order(task, (fence += 1)), moment);
    expect(killed.errors).toBe('');
    const lastStep = killed.steps.at(-1)!;
    ends[lastStep] = (ends[lastStep] ?? 0) + 1;
    const before = await requireWhole();
    const isCommitted = before.length > expected.length;
    expect(before).toEqual(isCommitted ? [...expected, `task-${task}`] : expected);
    // What it told to be committed is there.
    if (lastStep === 'committed') expect(isCommitted).toBe(true);

    const again = await runBackup(order(task, (fence += 1)));
    expect(again).toMatchObject({ exitCode: 0, errors: '' });
    expect(again.steps.at(-1)).toBe(isCommitted ? 'done' : 'committed');
    if (lastStep === 'checkpoint' && !isCommitted) expect(again.steps).toContain('resumed');
  }
  expect(await requireWhole()).toEqual(Array.from({ length: ROUNDS + 1 }, (_, task) => `task-${task}`));
  process.stdout.write(`killed after: ${JSON.stringify(ends)}\n`);
  // The moments are spread over its life: some came before its commit, whatever the seed.
  expect(ends['committed'] ?? 0).toBeLessThan(ROUNDS);
}, 300_000);
