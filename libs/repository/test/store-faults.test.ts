import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import type { CommitOutcome, PointRecord, Repository, RepositoryWriter } from '@backhaul/repository';
import {
  aDraft,
  aFolder,
  anItem,
  aTask,
  FaultyBlobStore,
  type MemoryBlobStore,
  messageParts,
  noSpace,
  pointContents,
  repositoryInMemory,
  SeededRandom,
  unavailable,
  type Fault,
  type RepositoryBench,
  type StoreCall,
} from '@backhaul/repository/testing';

const CHAIN = aTask().chain;
const TASK = { taskId: 'task-2', fence: 5 };
const FIRST = ['a', 'b'];
const SECOND = ['c', 'd', 'e', 'f'];

let bench: RepositoryBench<MemoryBlobStore>;

beforeEach(async () => {
  bench = await repositoryInMemory();
  const repository = await bench.open();
  const writer = await repository.openWriter();
  await backUp(writer, { taskId: 'task-1', fence: 1 }, FIRST);
  await writer.close();
  await repository.close();
});
afterEach(() => bench.close());

/** The same content for the same id, some of it an attachment, some of it large. */
function contentOf(id: string): Buffer {
  const random = new SeededRandom(id);
  const attachment = random.bytes(6000).toString('base64').replace(/.{76}/g, '$&\r\n');
  const head = 'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return id === 'd' ? random.bytes(300_000) : Buffer.from(`Subject: ${id}\r\n${head}${attachment}\r\n`);
}

/** A task as the Transporter runs one: some items, a checkpoint, more items, a commit. */
async function backUp(
  writer: RepositoryWriter,
  task: { taskId: string; fence: number },
  ids: string[],
): Promise<CommitOutcome | { type: 'done'; point: PointRecord }> {
  const session = await writer.beginObject(aTask(task));
  if ('committed' in session) return { type: 'done', point: session.committed };
  try {
    session.putEntry(aFolder('inbox'));
    const half = Math.ceil(ids.length / 2);
    for (const id of ids.slice(0, half)) await session.putItem(anItem(id), messageParts(contentOf(id)));
    await session.checkpoint({ containers: [], counts: {} });
    for (const id of ids.slice(half)) await session.putItem(anItem(id), messageParts(contentOf(id)));
    return await session.commit(aDraft(), () => undefined);
  } catch (error) {
    await session.abandon();
    throw error;
  }
}

/** One process's life with a store that fails as planned; every failure is a Failure. */
async function live(store: FaultyBlobStore): Promise<CommitOutcome | { type: 'done' } | { type: 'failed' }> {
  let repository: Repository | null = null;
  let writer: RepositoryWriter | null = null;
  try {
    repository = await bench.open({ store });
    writer = await repository.openWriter();
    return await backUp(writer, TASK, SECOND);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { type: 'failed' };
  } finally {
    await writer?.close().catch(() => undefined);
    await repository?.close();
  }
}

async function requireWhole(store: MemoryBlobStore, tasks: string[]): Promise<void> {
  const repository = await bench.open({ store });
  expect(await repository.check({ data: true })).toMatchObject({ damage: [], affectedPoints: [] });
  const points = await repository.points(CHAIN);
  expect(points.map((point) => point.taskId)).toEqual(tasks);
  for (const { sequence, taskId } of points) {
    const ids = taskId === 'task-1' ? FIRST : [...FIRST, ...SECOND];
    const contents = await pointContents(await repository.openPoint(CHAIN, sequence), ['inbox']);
    expect(Object.keys(contents)).toHaveLength(ids.length * 2);
    for (const id of ids) expect(contents[`inbox/${id}/mime`] === contentOf(id).toString('latin1')).toBe(true);
  }
  await repository.close();
}

async function requireOutcomeHolds(store: FaultyBlobStore, inner: MemoryBlobStore): Promise<string> {
  const outcome = await live(store);
  const committed = [...inner.objects.keys()].filter((name) => name.startsWith('points/')).length === 2;
  // A failure that was reported may hide a point that is there; a point that was reported is never missing.
  if (outcome.type !== 'failed') expect(committed).toBe(true);
  await requireWhole(inner, committed ? ['task-1', 'task-2'] : ['task-1']);

  store.plan = () => null;
  const again = await live(store);
  expect(again.type).toBe(committed ? 'done' : 'committed');
  await requireWhole(inner, ['task-1', 'task-2']);
  return outcome.type;
}

describe('a backup whose n-th call to the store fails', () => {
  const kinds: [string, () => Fault][] = [
    ['without effect', () => unavailable()],
    ['after it was carried out', () => unavailable(true)],
    ['for want of space', noSpace],
  ];

  test.each(kinds)(
    '%s is reported or overcome, for every n, and its retry ends with one whole point',
    async (_, fault) => {
      const outcomes: string[] = [];
      for (let n = 1; ; n += 1) {
        const inner = bench.store.copy();
        const store = new FaultyBlobStore(inner, (call) => (call.number === n ? fault() : null));
        let wasHit = false;
        const { plan } = store;
        store.plan = (call) => {
          const planned = plan(call);
          wasHit ||= planned !== null;
          return planned;
        };
        outcomes.push(await requireOutcomeHolds(store, inner));
        if (!wasHit) break;
      }
      expect(outcomes.length).toBeGreaterThan(20);
      expect(outcomes.at(-1)).toBe('committed');
      expect(outcomes).toContain('failed');
    },
  );
});

describe('a commit', () => {
  const isPoint = (call: StoreCall) => call.operation === 'create' && call.name.startsWith('points/');

  test('whose answer is lost is a commit', async () => {
    const inner = bench.store.copy();
    let faults = 0;
    const store = new FaultyBlobStore(inner, (call) =>
      isPoint(call) && (faults += 1) === 1 ? unavailable(true) : null,
    );
    expect(await live(store)).toMatchObject({ type: 'committed', point: { sequence: 2 } });
    await requireWhole(inner, ['task-1', 'task-2']);
  });

  test('that did not happen is reported as the failure it met, and nothing of it is visible', async () => {
    const inner = bench.store.copy();
    const store = new FaultyBlobStore(inner, (call) => (isPoint(call) ? unavailable() : null));
    expect(await live(store)).toEqual({ type: 'failed' });
    await requireWhole(inner, ['task-1']);
  });

  test('that cannot be read back after its answer was lost is found by its retry', async () => {
    const inner = bench.store.copy();
    let isDown = false;
    const store = new FaultyBlobStore(inner, (call) => {
      isDown ||= isPoint(call);
      return isDown ? unavailable(true) : null;
    });
    store.plan = ((plan) => (call: StoreCall) => {
      const fault = plan(call);
      return call.operation === 'get' && fault !== null ? unavailable() : fault;
    })(store.plan);
    expect(await live(store)).toEqual({ type: 'failed' });
    expect(await live(new FaultyBlobStore(inner))).toMatchObject({ type: 'done', point: { sequence: 2 } });
    await requireWhole(inner, ['task-1', 'task-2']);
  });
});

describe('a store that is full', () => {
  test('fails every session that relies on what could not be stored; with space again the same process goes on', async () => {
    const inner = bench.store.copy();
    const store = new FaultyBlobStore(inner);
    const repository = await bench.open({ store });
    const writer = await repository.openWriter();
    const begin = async (objectId: string, taskId: string, fence: number) => {
      const session = await writer.beginObject(aTask({ chain: { jobId: 'job-1', objectId }, taskId, fence }));
      if ('committed' in session) throw new Error('the task is done already');
      await session.putItem(anItem('shared'), messageParts(contentOf('shared')));
      return session;
    };
    const one = await begin('one', 'task-3', 7);
    // Its content is on its way already, in a segment of the first session.
    const other = await begin('other', 'task-4', 8);

    store.plan = (call) => (call.operation === 'put' && call.name.startsWith('data/') ? noSpace() : null);
    const full = { kind: 'no-space', code: 'repository.no-space' };
    await expect(one.commit(aDraft(), () => undefined)).rejects.toMatchObject(full);
    await expect(other.commit(aDraft(), () => undefined)).rejects.toMatchObject(full);
    store.plan = () => null;
    // What was lost is lost for these sessions, even now.
    await expect(one.commit(aDraft(), () => undefined)).rejects.toMatchObject(full);
    await one.abandon();
    await other.abandon();
    await requireWhole(inner, ['task-1']);

    const third = await begin('other', 'task-4', 9);
    expect(await third.commit(aDraft(), () => undefined)).toMatchObject({ type: 'committed' });
    expect(await repository.check({ data: true })).toMatchObject({ damage: [], points: 2 });
    await writer.close();
  });
});
