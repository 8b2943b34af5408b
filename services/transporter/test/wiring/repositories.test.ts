import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDiskStore } from '@backhaul/blob-store';
import type { Loan } from '@backhaul/dispatch';
import { FakeClock } from '@backhaul/domain/testing';
import { createRepository, type Repository } from '@backhaul/repository';
import { CHEAP_ARGON2, TEST_PASSWORD } from '@backhaul/repository/testing';
import { openRepositories, type OpenRepositories } from '../../src/wiring/repositories.ts';

const IDLE_MS = 60_000;

let parent: string;
let root: string;
let clock: FakeClock;
let repositories: OpenRepositories;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'backhaul-repositories-'));
  root = join(parent, 'allowed');
  await mkdir(root);
  clock = new FakeClock();
  repositories = openRepositories({
    repositoryRoots: [root],
    cacheFolder: join(parent, 'cache'),
    workers: 0,
    toolVersion: 'test',
    clock,
    idleMs: IDLE_MS,
  });
});
afterEach(async () => {
  await repositories.close();
  await rm(parent, { recursive: true, force: true });
});

async function newRepository(folder: string): Promise<Loan['repository']> {
  const store = await openDiskStore(folder);
  const keys = await createRepository(store, { password: TEST_PASSWORD, argon2: CHEAP_ARGON2 });
  return { location: { type: 'disk', folder }, keys: keys.reveal() };
}

async function newFolder(...path: string[]): Promise<string> {
  const folder = join(parent, ...path);
  await mkdir(folder, { recursive: true });
  return folder;
}

const opened = (loan: Loan['repository']): Promise<Repository> =>
  repositories.use(loan, async ({ repository }) => repository);

/** Whose writers are announced in the repository: one file each. */
const writersIn = (folder: string) => readdir(join(folder, 'writers')).catch(() => []);

describe('The open repositories of a Transporter', () => {
  test('are each opened once, with one writer, for all tasks', async () => {
    const folder = await newFolder('allowed', 'r');
    const loan = await newRepository(folder);
    const used = await Promise.all(
      [1, 2, 3].map(() =>
        repositories.use(loan, async ({ repository, writer }) => ({ repository, writer: await writer() })),
      ),
    );
    expect(new Set(used.map(({ repository }) => repository)).size).toBe(1);
    expect(new Set(used.map(({ writer }) => writer)).size).toBe(1);
    expect(await writersIn(folder)).toHaveLength(1);
    const other = await newRepository(await newFolder('allowed', 'other'));
    expect(await opened(other)).not.toBe(used[0]?.repository);
  });

  test('are closed after the idle time and opened anew when needed, but never under a task', async () => {
    const folder = await newFolder('allowed', 'r');
    const loan = await newRepository(folder);
    const first = await repositories.use(loan, async ({ repository, writer }) => {
      await writer();
      return repository;
    });
    await clock.advance(IDLE_MS - 1);
    expect(await opened(loan)).toBe(first);

    const end = Promise.withResolvers<void>();
    const task = repositories.use(loan, () => end.promise);
    await clock.advance(3 * IDLE_MS);
    expect(await opened(loan)).toBe(first);
    expect(await writersIn(folder)).toHaveLength(1);

    end.resolve();
    await task;
    await clock.advance(IDLE_MS);
    expect(await opened(loan)).not.toBe(first);
    await repositories.close();
    expect(await writersIn(folder)).toEqual([]);
  });

  test('are opened anew after one was discarded, or could not be opened', async () => {
    const folder = await newFolder('allowed', 'r');
    const loan = await newRepository(folder);
    const first = await opened(loan);
    await repositories.discard(loan.keys.repositoryId);
    const second = await opened(loan);
    expect(second).not.toBe(first);

    await repositories.discard(loan.keys.repositoryId);
    await rename(folder, `${folder}-away`);
    await expect(opened(loan)).rejects.toMatchObject({ kind: 'unreachable', code: 'repository.folder-missing' });
    await rename(`${folder}-away`, folder);
    expect((await opened(loan)).id).toBe(loan.keys.repositoryId);
  });

  test('lie only below the folders that this host allows, links followed', async () => {
    const outside = await newFolder('outside');
    const loan = await newRepository(outside);
    await symlink(outside, join(root, 'link'));
    const named = (folder: string): Loan['repository'] => ({ ...loan, location: { type: 'disk', folder } });
    for (const folder of [outside, join(root, 'link'), join(root, '..', 'outside'), `${root}-beside`]) {
      if (folder.endsWith('beside')) await mkdir(folder);
      await expect(opened(named(folder))).rejects.toMatchObject({
        kind: 'forbidden',
        hint: expect.stringContaining('BACKHAUL_REPOSITORY_ROOTS'),
      });
    }
  });
});
