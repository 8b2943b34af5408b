import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import { createRepository, openRepository, type BlobStore, type RepositoryKeys } from '@backhaul/repository';
import { CHEAP_ARGON2, pointContents, TEST_PASSWORD } from '@backhaul/repository/testing';
import { contentOf, type BackupOrder } from './backup-process.ts';
import { runBackup } from './run-backup.ts';

const IDS = Array.from({ length: 40 }, (_, n) => `shared-${n}`);

let root: string;
let keys: RepositoryKeys;
let store: BlobStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'backhaul-writers-'));
  await mkdir(join(root, 'repository'));
  store = await openDiskStore(join(root, 'repository'));
  keys = (await createRepository(store, { password: TEST_PASSWORD, argon2: CHEAP_ARGON2 })).reveal();
});
afterEach(() => rm(root, { recursive: true, force: true }));

function order(changes: Pick<BackupOrder, 'objectId' | 'taskId' | 'fence'> & Partial<BackupOrder>): BackupOrder {
  const cacheFolder = join(root, `cache-of-${changes.taskId}-${changes.fence}`);
  return { folder: join(root, 'repository'), cacheFolder, keys, ids: IDS, ...changes };
}

async function names(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of store.list(prefix)) found.push(name);
  return found;
}

async function requireWhole(objectIds: string[]): Promise<void> {
  const cacheFolder = join(root, 'cache-of-the-reader');
  const repository = await openRepository(store, {
    keys: new Secret(keys),
    cacheFolder,
    workers: 0,
    toolVersion: 'test',
  });
  try {
    expect(await repository.check({ data: true })).toMatchObject({ damage: [], points: objectIds.length });
    for (const objectId of objectIds) {
      const point = await repository.openPoint({ jobId: 'job-1', objectId }, 1);
      const contents = await pointContents(point, ['inbox']);
      for (const id of IDS) expect(contents[`inbox/${id}/mime`] === contentOf(id).toString('latin1')).toBe(true);
    }
  } finally {
    await repository.close();
  }
}

describe('two processes that write to one repository at once', () => {
  test('each commit what they were told to, and a third stores none of their content again', async () => {
    const runs = await Promise.all([
      runBackup(order({ objectId: 'ada', taskId: 'task-1', fence: 1 })),
      runBackup(order({ objectId: 'grace', taskId: 'task-2', fence: 2 })),
    ]);
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, errors: '' });
    for (const { steps } of runs) expect(steps.at(-1)).toBe('committed');
    expect(await names('writers/')).toEqual([]);
    await requireWhole(['ada', 'grace']);
    const content = await names('data/');

    const third = await runBackup(order({ objectId: 'edsger', taskId: 'task-3', fence: 3 }));
    expect(third.steps.at(-1)).toBe('committed');
    expect(await names('data/')).toEqual(content);
    await requireWhole(['ada', 'edsger', 'grace']);
  }, 60_000);

  test('and hold the same task, make one point of it', async () => {
    const runs = await Promise.all([
      runBackup(order({ objectId: 'ada', taskId: 'task-1', fence: 1 })),
      runBackup(order({ objectId: 'ada', taskId: 'task-1', fence: 2 })),
    ]);
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, errors: '' });
    const ends = runs.map(({ steps }) => steps.at(-1));
    expect(ends.filter((end) => end === 'committed')).toHaveLength(1);
    expect(['adopted', 'done']).toContain(ends.find((end) => end !== 'committed'));
    expect(await names('points/')).toHaveLength(1);
    await requireWhole(['ada']);
  }, 60_000);
});
