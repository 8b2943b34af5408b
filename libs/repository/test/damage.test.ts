import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import { sealJson } from '../src/sealed-object.ts';
import { keyRing } from '../src/key-ring.ts';
import { revokedName } from '../src/names.ts';
import {
  aDraft,
  aFolder,
  anItem,
  aTask,
  messageParts,
  pointContents,
  repositoryInMemory,
  SeededRandom,
  testSeed,
  type MemoryBlobStore,
  type RepositoryBench,
} from '@backhaul/repository/testing';

/** Each has a seed of its own; a campaign asks for more of them. */
const ROUNDS = Number(process.env['BACKHAUL_TEST_ROUNDS'] ?? 200);
/** Rounds wait for the disk much of their time. */
const AT_ONCE = 4;
const CHAINS = ['one', 'two'].map((objectId) => ({ jobId: 'job-1', objectId }));
const FOLDERS = ['inbox', 'sent'];

let bench: RepositoryBench<MemoryBlobStore>;
/** What every point must give back, by `object/sequence`. */
const truth = new Map<string, Record<string, string>>();

/** A repository with every kind of object: two chains of two points, an unfinished task with a checkpoint, a revoked writer. */
beforeAll(async () => {
  bench = await repositoryInMemory();
  const random = new SeededRandom('damage');
  // Nobody ends this writer, so nobody may wait for its signs of life.
  const repository = await bench.open({ clock: new FakeClock() });
  const writer = await repository.openWriter();
  let fence = 0;
  const begin = async (chain: (typeof CHAINS)[number]) => {
    fence += 1;
    const session = await writer.beginObject(aTask({ chain, taskId: `task-${fence}`, fence }));
    if ('committed' in session) throw new Error('the task is done already');
    for (const folder of FOLDERS) {
      const { parts: _none, ...listing } = aFolder(folder);
      const permissions = Buffer.from(JSON.stringify([folder, fence]));
      await session.putFolder(listing, [{ name: 'permissions', format: 'bytes', content: permissions }]);
    }
    for (let n = 0; n < 12; n += 1) {
      const attachment = random.bytes(2000).toString('base64').replace(/.{76}/g, '$&\r\n');
      const mime = `Subject: ${n}\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n`;
      const item = anItem(`m${fence}-${n}`, { containerId: random.pick(FOLDERS) });
      await session.putItem(item, messageParts(n === 3 ? random.bytes(150_000) : mime, { n }));
    }
    return session;
  };
  for (const chain of [...CHAINS, ...CHAINS]) await (await begin(chain)).commit(aDraft(), () => undefined);
  await (await begin(CHAINS[0]!)).checkpoint({ containers: [], counts: {} });
  const name = revokedName('0123456789abcdef0123456789abcdef');
  await bench.store.put(name, [sealJson(keyRing(bench.keys), name, { version: 1, at: '2026-01-01T00:00:00Z' })]);
  for (const chain of CHAINS) {
    for (const { sequence } of await repository.points(chain)) {
      const point = await repository.openPoint(chain, sequence);
      truth.set(`${chain.objectId}/${sequence}`, await pointContents(point, FOLDERS));
    }
  }
  expect(await repository.check({ data: true })).toMatchObject({ damage: [], points: 4 });
});
afterAll(() => bench.close());

interface Mutation {
  what: string;
  /** Objects whose bytes are no longer what was written. */
  names: string[];
}

/** Changes one object, or two, of a random kind. */
function mutate(store: MemoryBlobStore, random: SeededRandom): Mutation {
  const kinds = Map.groupBy(store.objects.keys(), (name) => name.split('/')[0]!);
  const names = kinds.get(random.pick([...kinds.keys()].sort()))!;
  const name = random.pick(names);
  const object = store.objects.get(name)!;
  const { content } = object;
  const set = (changed: Uint8Array) => store.objects.set(name, { ...object, content: changed });
  const at = random.below(content.length);
  switch (random.below(6)) {
    case 0:
    case 1: {
      const changed = Buffer.from(content);
      changed[at]! ^= 1 << random.below(8);
      set(changed);
      return { what: `bit of byte ${at} flipped`, names: [name] };
    }
    case 2:
      set(content.subarray(0, at));
      return { what: `cut to ${at} bytes`, names: [name] };
    case 3:
      set(Buffer.concat([content, random.bytes(1 + random.below(100))]));
      return { what: 'made longer', names: [name] };
    case 4: {
      const changed = Buffer.from(content);
      const end = Math.min(content.length, at + 1 + random.below(512));
      // A block that a disk lost; never what was there before.
      for (let byte = at; byte < end; byte += 1) changed[byte] = changed[byte] === 0 ? 0xff : 0;
      set(changed);
      return { what: `bytes ${at} to ${end} lost`, names: [name] };
    }
    default: {
      const other = random.pick(names);
      if (other === name) return mutate(store, random);
      const swapped = store.objects.get(other)!;
      set(swapped.content);
      store.objects.set(other, { ...swapped, content });
      return { what: `swapped with ${other}`, names: [name, other] };
    }
  }
}

/** Whatever was damaged: what is read is right, or a failure that says so. Returns how many points could be read whole. */
async function readEverything(store: MemoryBlobStore): Promise<number> {
  const repository = await bench.open({ store });
  let whole = 0;
  try {
    for (const chain of CHAINS) {
      for (const sequence of [1, 2]) {
        try {
          const point = await repository.openPoint(chain, sequence);
          const contents = await pointContents(point, FOLDERS);
          if (!sameContents(contents, truth.get(`${chain.objectId}/${sequence}`)!)) throw new Error('wrong bytes');
          whole += 1;
        } catch (error) {
          if (!isFailure(error, 'corrupt', 'unsupported-format', 'not-found')) throw error;
        }
      }
    }
  } finally {
    await repository.close();
  }
  return whole;
}

function sameContents(one: Record<string, string>, other: Record<string, string>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** Damages a copy and requires that this is noticed. Returns what kind of object it was. */
async function damageOnce(round: number, random: SeededRandom): Promise<string> {
  const store = bench.store.copy();
  const { what, names } = mutate(store, random);
  const label = `round ${round}: ${names[0]} ${what}`;
  let found: string[];
  try {
    const repository = await bench.open({ store });
    try {
      const report = await repository.check({ data: true });
      found = report.damage.map(({ name }) => name);
      const readable = 4 - report.affectedPoints.length - names.filter((name) => name.startsWith('points/')).length;
      // Every point that the check does not call affected can be restored.
      expect([label, await readEverything(store)]).toEqual([label, readable]);
    } finally {
      await repository.close();
    }
  } catch (error) {
    // Only without its `config` a repository cannot be opened at all.
    if (!isFailure(error, 'corrupt', 'unsupported-format', 'wrong-key')) throw new Error(label, { cause: error });
    found = names[0] === 'config' ? names : [];
  }
  for (const name of names) expect([label, found]).toEqual([label, expect.arrayContaining([name])]);
  return names[0]!.split('/')[0]!;
}

describe('damage to any object', () => {
  test(`is found by a check and never read as content, ${ROUNDS} times at random`, async () => {
    const seed = testSeed();
    const kindsSeen = new Set<string>();
    const rounds = Array.from({ length: ROUNDS }, (_, round) => round).values();
    const lane = async () => {
      for (const round of rounds) kindsSeen.add(await damageOnce(round, new SeededRandom(`${seed} ${round}`)));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect([...kindsSeen].sort()).toEqual([
      'checkpoints',
      'config',
      'data',
      'index',
      'keys',
      'meta',
      'points',
      'revoked',
      'writers',
    ]);
  }, 180_000);

  test.each(['data/', 'meta/', 'index/'])(
    'a missing object of %s is found, with the points that need it',
    async (prefix) => {
      for (const name of [...bench.store.objects.keys()].filter((candidate) => candidate.startsWith(prefix))) {
        const store = bench.store.copy();
        await store.remove(name);
        const repository = await bench.open({ store });
        const report = await repository.check({ data: false });
        // The pack itself is named; a missing index is noticed by what cannot be found any more.
        if (prefix !== 'index/') expect(report.damage.map((damage) => damage.name)).toContain(name);
        expect(report.damage).not.toEqual([]);
        expect(await readEverything(store)).toBe(4 - report.affectedPoints.length);
        await repository.close();
      }
    },
  );

  test('that makes a point look like one of a later format leaves the others of its chain readable', async () => {
    const store = bench.store.copy();
    const name = [...store.objects.keys()].filter((candidate) => candidate.startsWith('points/')).sort()[0]!;
    const object = store.objects.get(name)!;
    const content = Buffer.from(object.content);
    content.writeUInt16LE(2, 6);
    store.objects.set(name, { ...object, content });
    expect(await readEverything(store)).toBe(3);
    const repository = await bench.open({ store });
    expect((await repository.check({ data: false })).damage.map((damage) => damage.name)).toEqual([name]);
    await repository.close();
  });

  test('to what is stored of a folder alone is found, with the point that needs it', async () => {
    const own = await repositoryInMemory();
    const repository = await own.open();
    const writer = await repository.openWriter();
    const session = await writer.beginObject(aTask());
    if ('committed' in session) throw new Error('the task is done already');
    const { parts: _none, ...listing } = aFolder('drive', { kind: 'files' });
    await session.putFolder(listing, [{ name: 'permissions', format: 'bytes', content: Buffer.from('[]') }]);
    await session.commit(aDraft(), () => undefined);
    await writer.close();
    expect(await repository.check({ data: true })).toMatchObject({ damage: [], affectedPoints: [] });
    for (const name of [...own.store.objects.keys()]) if (name.startsWith('data/')) await own.store.remove(name);
    const { affectedPoints } = await repository.check({ data: false });
    expect(affectedPoints).toEqual([{ chain: aTask().chain, sequence: 1 }]);
    await own.close();
  });
});
