import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '@backhaul/domain';
import { createRepository, unlockRepository, type RepositoryKeys } from '@backhaul/repository';
import {
  CHEAP_ARGON2,
  MemoryBlobStore,
  repositoryInMemory,
  TEST_PASSWORD,
  type RepositoryBench,
} from '@backhaul/repository/testing';

let bench: RepositoryBench<MemoryBlobStore>;

beforeEach(async () => {
  bench = await repositoryInMemory();
});
afterEach(() => bench.close());

describe('a repository', () => {
  test.each(['gc/0000000001', 'gc/0000000001.sweep', 'features/compacted-index'])(
    'that a later program has added %s to is refused, and nothing is written',
    async (name) => {
      await bench.store.put(name, [Buffer.from('whatever a later program keeps there')]);
      const before = [...bench.store.objects.keys()];
      await expect(bench.open()).rejects.toMatchObject({ kind: 'unsupported-format', where: { object: name } });
      expect([...bench.store.objects.keys()]).toEqual(before);
    },
  );

  test('is not opened with the keys of another', async () => {
    const other = new MemoryBlobStore();
    const keys = await createRepository(other, { password: TEST_PASSWORD, argon2: CHEAP_ARGON2 });
    const { repositoryId } = bench.keys.reveal();
    const mixed = new Secret<RepositoryKeys>({ ...keys.reveal(), repositoryId });
    for (const wrong of [keys, mixed]) {
      const attempt = bench.open({ keys: wrong });
      await expect(attempt).rejects.toMatchObject({ kind: 'wrong-key', code: 'repository.wrong-keys' });
    }
  });

  test('gives its keys for its password alone, however its characters are composed', async () => {
    const store = new MemoryBlobStore();
    const keys = await createRepository(store, { password: new Secret('Caf\u00e9'), argon2: CHEAP_ARGON2 });
    expect((await unlockRepository(store, new Secret('Cafe\u0301'))).reveal()).toEqual(keys.reveal());
    await expect(unlockRepository(store, new Secret('Cafe'))).rejects.toMatchObject({ kind: 'wrong-key' });
  });
});
