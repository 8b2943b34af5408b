import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CommitOutcome, ObjectSession, RepositoryWriter } from '@backhaul/repository';
import {
  aDraft,
  anItem,
  aTask,
  messageParts,
  repositoryInMemory,
  type MemoryBlobStore,
  type RepositoryBench,
} from '@backhaul/repository/testing';
import { sealPoint, withoutVoid } from '../src/chain.ts';
import { refusal, standing } from '../src/fence-rules.ts';
import { keyRing } from '../src/key-ring.ts';

const me = { taskId: 'mine', fence: 5 };
const mine = (fence: number) => ({ taskId: 'mine', fence });
const theirs = (fence: number) => ({ taskId: 'theirs', fence });

describe('how a holder finds its chain', () => {
  test.each([
    ['an empty chain', [], { type: 'go-on' }],
    ['the point of an earlier task', [theirs(4)], { type: 'go-on' }],
    ['the point of a newer holder', [theirs(6)], { type: 'stale' }],
    ['a point with its own fence by another', [theirs(5)], { type: 'stale' }],
    ['its own point', [mine(5)], { type: 'done', by: 0 }],
    ['its own point, made by an earlier holder', [mine(3)], { type: 'done', by: 0 }],
    ['its own point, made by a later holder', [mine(7)], { type: 'done', by: 0 }],
    ['its own point beneath that of a newer task', [theirs(9), mine(3)], { type: 'done', by: 1 }],
    ['a newer point above an older one', [theirs(6), theirs(2)], { type: 'stale' }],
  ])('%s', (_, points, expected) => {
    expect(standing(me, points)).toEqual(expected);
  });
});

describe('what a refused create means', () => {
  test.each([
    ['its own point', mine(5), 'mine'],
    ['its own point by another holder', mine(9), 'mine'],
    ['a newer holder', theirs(6), 'stale'],
    ['its own fence by another', theirs(5), 'stale'],
    ['an earlier holder', theirs(4), 'moved'],
  ])('%s', (_, occupant, expected) => {
    expect(refusal(me, occupant)).toBe(expected);
  });
});

describe('points that are void', () => {
  test.each([
    [[], []],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
    [
      [1, 3, 2, 3, 4],
      [1, 3, 3, 4],
    ],
    [
      [5, 1, 2, 6],
      [5, 6],
    ],
  ])('of fences %j the valid are %j', (fences, valid) => {
    expect(withoutVoid(fences.map((fence) => ({ fence }))).map(({ fence }) => fence)).toEqual(valid);
  });
});

describe('two holders of one chain', () => {
  let bench: RepositoryBench<MemoryBlobStore>;
  let writer: RepositoryWriter;

  beforeEach(async () => {
    bench = await repositoryInMemory();
    writer = await (await bench.open()).openWriter();
  });
  afterEach(async () => {
    await writer.close();
    await bench.close();
  });

  async function begin(taskId: string, fence: number): Promise<ObjectSession> {
    const begun = await writer.beginObject(aTask({ taskId, fence }));
    if ('committed' in begun) throw new Error('the task is done already');
    await begun.putItem(anItem(`of-${taskId}`), messageParts(taskId));
    return begun;
  }

  const commit = (session: ObjectSession): Promise<CommitOutcome> => session.commit(aDraft(), () => undefined);

  test('of one task: the second adopts the first one’s point, whoever has the higher fence', async () => {
    const [old, young] = [await begin('task', 1), await begin('task', 2)];
    const committed = await commit(young);
    expect(committed).toMatchObject({ type: 'committed', point: { fence: 2 } });
    expect(await commit(old)).toEqual({ type: 'adopted', point: committed.type === 'committed' && committed.point });
    expect(await writer.beginObject(aTask({ taskId: 'task', fence: 3 }))).toMatchObject({ committed: { fence: 2 } });
  });

  test('of two tasks: the older is stale when the newer was first', async () => {
    const [old, young] = [await begin('old', 1), await begin('young', 2)];
    await commit(young);
    expect(await commit(old)).toMatchObject({ type: 'stale', occupant: { taskId: 'young' } });
    await expect(writer.beginObject(aTask({ taskId: 'older', fence: 1 }))).rejects.toMatchObject({
      kind: 'stale',
      code: 'repository.fence-stale',
      retry: 'never',
    });
  });

  test('of two tasks: the newer begins again when the older was first, never just behind it', async () => {
    const [old, young] = [await begin('old', 1), await begin('young', 2)];
    await commit(old);
    await expect(commit(young)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'repository.base-moved',
      retry: 'now',
    });
    const again = await begin('young', 2);
    expect(again.base?.taskId).toBe('old');
    expect(await again.get({ containerId: 'inbox', id: 'of-old' })).not.toBeNull();
    expect(await commit(again)).toMatchObject({ type: 'committed', point: { sequence: 2, base: 1 } });
  });

  test('a point with a lower fence than one before it does not count for anybody', async () => {
    await commit(await begin('first', 5));
    const ring = keyRing(bench.keys);
    const [name, { content }] = [...bench.store.objects].find(([candidate]) => candidate.startsWith('points/'))!;
    expect(content.length).toBeGreaterThan(0);
    const repository = await bench.open();
    const [first] = await repository.points(aTask().chain);
    const zombie = { ...first!, sequence: 2, fence: 4, taskId: 'zombie' };
    const second = name.replace(/1$/, '2');
    await bench.store.create(second, sealPoint(ring, second, { record: zombie, root: null, writer: '00'.repeat(16) }));

    expect((await repository.points(aTask().chain)).map(({ taskId }) => taskId)).toEqual(['first']);
    await expect(repository.openPoint(aTask().chain, 2)).rejects.toMatchObject({ code: 'repository.no-such-point' });
    expect((await repository.check({ data: false })).damage).toEqual([
      { name: second, problem: expect.stringContaining('fence') },
    ]);
    // The next goes on from the valid point, and keeps the number that was used.
    expect(await commit(await begin('next', 6))).toMatchObject({ type: 'committed', point: { sequence: 3, base: 1 } });
    expect((await repository.points(aTask().chain)).map(({ sequence }) => sequence)).toEqual([1, 3]);
  });
});

describe('a writer', () => {
  test('that was revoked while it committed says so, whatever it created', async () => {
    const bench = await repositoryInMemory();
    const writer = await (await bench.open()).openWriter();
    const session = await writer.beginObject(aTask());
    if ('committed' in session) throw new Error('the task is done already');
    await session.putItem(anItem('a'), messageParts('a'));
    const name = [...bench.store.objects.keys()].find((candidate) => candidate.startsWith('writers/'))!;
    await bench.store.put(name.replace('writers/', 'revoked/'), [Buffer.from('x')]);
    await expect(session.commit(aDraft(), () => undefined)).rejects.toMatchObject({
      kind: 'stale',
      code: 'repository.writer-revoked',
    });
    await writer.close();
    await bench.close();
  });

  test('commits nothing when its lease has no time left', async () => {
    const bench = await repositoryInMemory();
    const repository = await bench.open();
    const writer = await repository.openWriter();
    const session = await writer.beginObject(aTask());
    if ('committed' in session) throw new Error('the task is done already');
    await session.putItem(anItem('a'), messageParts('a'));
    const late = () => {
      throw new Error('too late');
    };
    await expect(session.commit(aDraft(), late)).rejects.toThrow('too late');
    expect(await repository.points(aTask().chain)).toEqual([]);
    await writer.close();
    await bench.close();
  });
});
