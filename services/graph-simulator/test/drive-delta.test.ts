import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { drivesOf, makeFolder, putFile, type TestDrive } from './support/drives.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 2, messages: 2, drives: 2, files: 60, fileBytes: 300_000 });
let drive: TestDrive;
let root = '';

beforeAll(async () => {
  drive = (await drivesOf(bench))[0]!;
  root = (await bench.graph.call(`${drive.path}/root`)).json.id as string;
});

afterEach(() =>
  bench.simulator.control.updateSettings({
    drives: { repeatedInDelta: 0, resyncMayHaveLostData: 0, omitDeletedDescendants: 0 },
  }),
);

type Call = Parameters<typeof bench.graph.all>[1];

/** Walks to the end; the entries and the link for the next round. */
async function walk(path: string, call: Call = {}): Promise<{ value: any[]; link: string; pages: number }> {
  const { value, last, pages } = await bench.graph.all(path, call);
  return { value, link: last['@odata.deltaLink'] as string, pages };
}

const start = (): Promise<{ value: any[]; link: string; pages: number }> => walk(`${drive.path}/root/delta`);
const changesOnly: Call = { headers: { deltaExcludeParent: 'true' } };

async function make(parent: string, name: string): Promise<string> {
  return (await makeFolder(bench.graph, drive, parent, name)).json.id as string;
}

async function put(path: string, content = path): Promise<any> {
  return (await putFile(bench.graph, drive, path, content)).json;
}

describe('a first walk', () => {
  test('tells everything once, what holds an item before it, without paths and cTags', async () => {
    const { value, pages } = await walk(`${drive.path}/root/delta?$top=7`);
    const truth = await bench.simulator.control.driveTruth({ user: drive.user, hashes: false });
    expect(pages).toBe(Math.ceil((truth.items.length + 1) / 7));
    const told = value.map(({ id }) => id as string);
    expect([...told].sort()).toEqual([root, ...truth.items.map(({ id }) => id)].sort());
    value.forEach(({ parentReference }, at) => {
      if (at > 0) expect(told.indexOf(parentReference.id)).toBeLessThan(at);
    });
    expect(value[0]).toMatchObject({ id: root, name: 'root', root: {} });
    expect(value.every(({ parentReference, cTag }) => parentReference.path === undefined && cTag === undefined)).toBe(
      true,
    );
    const file = value.find(({ name }) => name === 'Shared.xlsx');
    expect(file['@microsoft.graph.downloadUrl']).toContain('/download/');
    expect(file['@odata.type']).toBe('#microsoft.graph.driveItem');
  });

  test('leaves out what goes meanwhile, and the next round tells it', async () => {
    const doomed = await put('doomed.txt');
    const first = await bench.graph.call(`${drive.path}/root/delta?$top=5`);
    await bench.graph.call(`${drive.path}/items/${doomed.id}`, { method: 'DELETE' });
    const rest = await walk(first.json['@odata.nextLink'] as string);
    expect([...first.json.value, ...rest.value].map(({ id }) => id)).not.toContain(doomed.id);
    const next = await walk(rest.link, changesOnly);
    expect(next.value).toMatchObject([{ id: doomed.id, deleted: { state: 'deleted' } }]);
  });

  test('begins at the root alone, and selects what it was asked for on every page', async () => {
    const refused = await bench.graph.call(`${drive.path}/root:/Documents:/delta`);
    expect([refused.status, refused.json.error.message]).toEqual([400, expect.stringContaining('is not valid')]);
    const { value } = await walk(`${drive.path}/root/delta?$select=name&$top=11`);
    expect(new Set(value.flatMap((item) => Object.keys(item)))).toEqual(new Set(['@odata.type', 'id', 'name']));
  });
});

describe('a round', () => {
  test('without changes is one empty page with a new link; an old link can be used again', async () => {
    const { link } = await start();
    const quiet = await walk(link);
    expect(quiet).toMatchObject({ value: [], pages: 1 });
    const file = await put('again.txt');
    for (const from of [link, quiet.link, link]) {
      expect((await walk(from, changesOnly)).value.map(({ id }) => id)).toEqual([file.id]);
    }
  });

  test('tells what changed together with what holds it, unless parents are excluded', async () => {
    const outer = await make('root', 'outer');
    const inner = await make(outer, 'inner');
    const { link } = await start();
    const file = await put('outer/inner/deep.txt');
    expect((await walk(link)).value.map(({ id }) => id)).toEqual([root, outer, inner, file.id]);
    expect((await walk(link, changesOnly)).value.map(({ id }) => id)).toEqual([file.id]);
  });

  test('tells a renamed or moved folder alone', async () => {
    const from = await make('root', 'from');
    const to = await make('root', 'to');
    await put('from/a.txt');
    const { link } = await start();
    await bench.graph.call(`${drive.path}/items/${from}`, {
      method: 'PATCH',
      body: { name: 'renamed', parentReference: { id: to } },
    });
    const { value } = await walk(link, changesOnly);
    expect(value).toMatchObject([{ id: from, name: 'renamed', parentReference: { id: to } }]);
  });

  test('tells a deleted folder and all that was in it, without names', async () => {
    const folder = await make('root', 'going');
    const sub = await make(folder, 'sub');
    const file = await put('going/sub/f.txt');
    const { link } = await start();
    await bench.graph.call(`${drive.path}/items/${folder}`, { method: 'DELETE' });
    const { value } = await walk(link, changesOnly);
    expect(value.map(({ id }) => id).sort()).toEqual([folder, sub, file.id].sort());
    for (const item of value) {
      expect(Object.keys(item).sort()).toEqual(['@odata.type', 'deleted', 'id', 'parentReference', 'size']);
    }
    expect((await bench.graph.call(`${drive.path}/items/${file.id}`)).status).toBe(404);
  });

  test('tells what was made again under the same name as another item', async () => {
    const before = await put('phoenix.txt');
    const { link } = await start();
    const [{ id }] = (await bench.simulator.control.edit({
      do: 'recreate-item',
      drive: drive.user,
      item: ['phoenix.txt'],
    })) as [{ id: string }];
    expect(id).not.toBe(before.id);
    const { value } = await walk(link, changesOnly);
    expect(value.map((item) => [item.id, item.deleted === undefined])).toEqual([
      [id, true],
      [before.id, false],
    ]);
  });

  test('tells what was made and deleted in it as deleted', async () => {
    const { link } = await start();
    const brief = await put('brief.txt');
    await bench.graph.call(`${drive.path}/items/${brief.id}`, { method: 'DELETE' });
    expect((await walk(link, changesOnly)).value).toMatchObject([{ id: brief.id, deleted: { state: 'deleted' } }]);
  });

  test('tells changed permissions to those who ask for them', async () => {
    const file = await put('permitted.txt');
    const { link } = await start();
    await bench.graph.call(`${drive.path}/items/${file.id}/createLink`, { method: 'POST', body: { type: 'view' } });
    expect((await walk(link)).value).toEqual([]);
    const prefer =
      'deltashowsharingchanges, deltashowremovedasdeleted, deltatraversepermissiongaps, hierarchicalsharing';
    const { value } = await walk(link, { headers: { prefer, deltaExcludeParent: 'true' } });
    expect(value).toMatchObject([
      { id: file.id, eTag: file.eTag, '@microsoft.graph.sharedChanged': 'True', shared: { scope: 'organization' } },
    ]);
  });

  test('may tell the end of a page again at the beginning of the next', async () => {
    const { link } = await start();
    const made = [];
    for (let number = 0; number < 6; number++) made.push((await put(`repeated ${number}.txt`)).id);
    await bench.simulator.control.updateSettings({ drives: { repeatedInDelta: 2 } });
    const { value } = await walk(`${link}`, { headers: { deltaExcludeParent: 'true', prefer: 'odata.maxpagesize=3' } });
    expect(value.map(({ id }) => id)).toEqual([...made.slice(0, 3), ...made.slice(1, 6)]);
  });
});

describe('tokens', () => {
  test('latest: an empty page, and changes from now on', async () => {
    const { value, link } = await walk(`${drive.path}/root/delta?token=latest`);
    expect(value).toEqual([]);
    const file = await put('later.txt');
    expect((await walk(link, changesOnly)).value.map(({ id }) => id)).toEqual([file.id]);
  });

  test('a time: what has changed since', async () => {
    const inAnHour = encodeURIComponent(new Date(Date.now() + 3_600_000).toISOString());
    expect((await walk(`${drive.path}/root/delta?token=${inAnHour}`)).value).toEqual([]);
    const longAgo = encodeURIComponent('2020-01-01T00:00:00Z');
    const told = (await walk(`${drive.path}/root/delta?token=${longAgo}`)).value.filter(({ deleted }) => !deleted);
    expect(told.map(({ id }) => id).sort()).toEqual((await start()).value.map(({ id }) => id).sort());
  });

  test('that are expired get 410, where to begin anew, and what to make of it', async () => {
    const { link } = await start();
    await bench.simulator.control.expireDeltaLinks({ mailbox: drive.user });
    const gone = await bench.graph.call(link);
    expect(gone.status).toBe(410);
    expect(gone.json.error).toMatchObject({
      code: 'resyncRequired',
      innerError: { code: 'resyncChangesApplyDifferences' },
    });
    const anew = await walk(gone.headers['location'] as string);
    expect(anew.value.length).toBeGreaterThan(10);
    await bench.simulator.control.updateSettings({ drives: { resyncMayHaveLostData: 1 } });
    expect((await bench.graph.call(link)).json.error.innerError.code).toBe('resyncChangesUploadDifferences');
    expect((await bench.graph.call(`${drive.path}/root/delta?token=altered`)).status).toBe(400);
  });

  test('a fault of 410 speaks as a drive does', async () => {
    await bench.simulator.control.addFault({
      match: { pathRegex: '/delta', nth: 1 },
      effect: { kind: 'status', status: 410 },
    });
    const { status, json, headers } = await bench.graph.call(`${drive.path}/root/delta?$top=3`);
    await bench.simulator.control.clearFaults();
    expect([status, json.error.code]).toEqual([410, 'resyncRequired']);
    expect(headers['location']).toBe(`${bench.simulator.graphUrl}/v1.0${drive.path}/root/delta`);
  });
});

test.each([
  [0, 2],
  [1, 1],
])('of a deleted folder all that lay below it is told, or the folder alone (%d)', async (omitted, told) => {
  await bench.simulator.control.updateSettings({ drives: { omitDeletedDescendants: omitted } });
  const folder = await make(root, `Goes ${omitted}`);
  await put(`Goes ${omitted}/with it.txt`);
  const { link } = await start();
  await bench.graph.call(`${drive.path}/items/${folder}`, { method: 'DELETE' });
  const { value } = await walk(link, changesOnly);
  expect(value.filter(({ deleted }) => deleted !== undefined)).toHaveLength(told);
  expect(value.map(({ id }) => id)).toContain(folder);
});
