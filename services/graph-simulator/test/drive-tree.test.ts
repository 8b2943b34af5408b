import { beforeAll, describe, expect, test } from '@jest/globals';
import { drivesOf, makeFolder, putFile, type TestDrive } from './support/drives.ts';
import { findOperation, readGraphDescription, violations } from './support/graph-description.ts';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({
  mailboxes: 3,
  messages: 3,
  drives: 3,
  files: 120,
  fileBytes: 2_000_000,
  largeFile: 3_000_000,
});
let drives: TestDrive[] = [];
let drive: TestDrive;

beforeAll(async () => {
  drives = await drivesOf(bench);
  drive = drives[0]!;
});

describe('the generated drives', () => {
  test('hold as many files and bytes as asked for, nested and odd', async () => {
    const truths = await Promise.all(drives.map(({ user }) => bench.simulator.control.driveTruth({ user })));
    const files = truths.flatMap(({ items }) => items).filter(({ type }) => type === 'file');
    expect(files).toHaveLength(121);
    expect(files.filter(({ size }) => size === 3_000_000)).toHaveLength(1);
    const bytes = files.reduce((sum, { size }) => sum + size, 0) - 3_000_000;
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(4_000_000);
    const [first] = truths;
    const names = first!.items.map(({ path }) => path.at(-1)!);
    expect(names.filter((name) => name.normalize('NFC') === 'Café.txt')).toHaveLength(2);
    expect(names.some((name) => name.length > 150)).toBe(true);
    expect(Math.max(...first!.items.map(({ path }) => path.length))).toBeGreaterThan(3);
    expect(first!.items.filter(({ malware }) => malware)).toHaveLength(1);
    expect(first!.items.filter(({ type }) => type === 'package')).toHaveLength(1);
    expect(files.some(({ size }) => size === 0)).toBe(true);
    expect(files.some(({ versions }) => versions.length > 3)).toBe(true);
    expect(first!.items.some(({ permissions }) => permissions.some(({ link }) => link?.scope === 'organization'))).toBe(
      true,
    );
  });

  test('are the same for the same seed', async () => {
    const again = await bench.simulator.control.driveTruth({ user: drive.user });
    expect(await bench.simulator.control.driveTruth({ user: drive.user })).toEqual(again);
  });
});

describe('items', () => {
  test('are found by id, by path and through their owner', async () => {
    const folder = await makeFolder(bench.graph, drive, 'root', 'Über uns #1');
    const file = await putFile(bench.graph, drive, 'Über uns #1/100% sure.txt', 'x');
    expect([folder.status, file.status]).toEqual([201, 201]);
    const id = file.json.id as string;
    const path = '%C3%9Cber%20uns%20%231/100%25%20sure.txt';
    for (const address of [
      `${drive.path}/items/${id}`,
      `${drive.path}/root:/${path}`,
      `${drive.path}/root:/${path}:`,
      `${drive.path}/items/${folder.json.id}:/100%25%20sure.txt:`,
      `/users/${drive.user}/drive/root:/${path}`,
      `/users/${drive.user}/drives/${drive.id}/items/${id}`,
      `/drives('${drive.id}')/items('${id}')`,
      `${drive.path}/root:/${path.toUpperCase()}`,
    ]) {
      const { status, json } = await bench.graph.call(address);
      expect({ address, status, id: json.id }).toEqual({ address, status: 200, id });
    }
    expect(file.json.parentReference.path).toBe(`${drive.path}/root:/Über uns #1`);
    expect((await bench.graph.call(`${drive.path}/root:/nowhere.txt`)).json.error.code).toBe('itemNotFound');
    expect((await bench.graph.call(`${drives[1]!.path}/items/${id}`)).status).toBe(404);
    expect((await bench.graph.call('/drives/b!nonsense/root')).status).toBe(400);
  });

  test('say what they are', async () => {
    const { value } = await bench.graph.all(`${drive.path}/root/children`);
    const named = (name: string): any => value.find((item: any) => item.name === name);
    expect(named('Notes of the team').package).toEqual({ type: 'oneNote' });
    expect(named('Documents')).toMatchObject({ folder: {}, specialFolder: { name: 'documents' } });
    expect(named('infected.zip').malware.description).toContain('Trojan');
    expect(named('infected.zip')['@microsoft.graph.downloadUrl']).toBeUndefined();
    expect(named('empty.txt')).toMatchObject({ size: 0, file: { mimeType: 'text/plain' } });
    expect(named('empty.txt').file.hashes).toBeUndefined();
    expect(named('Shared.xlsx').shared.scope).toBe('users');
    const sections = await bench.graph.all(`${drive.path}/root:/Notes of the team:/children`.replaceAll(' ', '%20'));
    expect(sections.value.map((item: any) => [item.name, item.file.hashes])).toContainEqual([
      'Meetings.one',
      undefined,
    ]);
    const second = await bench.graph.all(`${drives[1]!.path}/root/children`);
    const shortcut = second.value.find((item: any) => item.remoteItem !== undefined);
    expect(shortcut.remoteItem.parentReference.driveId).toBe(drive.id);
  });

  test('are listed in pages, by name, with what is selected and expanded', async () => {
    const all = await bench.graph.all(`${drive.path}/root/children`);
    const paged = await bench.graph.all(`${drive.path}/root/children?$top=7&$select=id,name,content.downloadUrl`);
    expect(paged.pages).toBe(Math.ceil(all.value.length / 7));
    expect(paged.value.map(({ id }: any) => id)).toEqual(all.value.map(({ id }: any) => id));
    const file = paged.value.find((item: any) => item.name === 'Many versions.docx');
    expect(Object.keys(file).sort()).toEqual(['@microsoft.graph.downloadUrl', 'id', 'name']);
    const { json } = await bench.graph.call(`${drive.path}/root?$expand=children($select=id)&$select=id`);
    expect(json.children).toHaveLength(all.value.length);
    expect(json.size).toBeUndefined();
  });

  test('that are known already are not sent again', async () => {
    const { json } = await putFile(bench.graph, drive, 'known.txt', 'x');
    const get = (tag: string): Promise<number> =>
      bench.graph
        .call(`${drive.path}/items/${json.id}`, { headers: { 'if-none-match': tag } })
        .then(({ status }) => status);
    expect([await get(json.eTag), await get(json.cTag), await get('"other"')]).toEqual([304, 304, 200]);
  });
});

describe('the description of Graph v1.0', () => {
  const description = readGraphDescription();
  const maybe = description === null ? test.skip : test;

  maybe('allows every answer about drives (skipped without ../shared/graph/graph-v1-subset.json)', async () => {
    const calls: [path: string, type: string][] = [
      [`/users/${drive.user}/drive`, 'drive'],
      [`/users/${drive.user}/drives`, 'Collection(drive)'],
      [`${drive.path}/root?$expand=children,permissions`, 'driveItem'],
      [`${drive.path}/root/children`, 'Collection(driveItem)'],
      [`${drives[1]!.path}/root/children`, 'Collection(driveItem)'],
      [`${drive.path}/root/delta`, 'Collection(driveItem)'],
      [`${drive.path}/root:/Shared.xlsx:/permissions`, 'Collection(permission)'],
      [`${drive.path}/root:/Many%20versions.docx:/versions`, 'Collection(driveItemVersion)'],
    ];
    for (const [path, type] of calls) {
      const { status, json } = await bench.graph.call(path);
      const value = type.startsWith('Collection') ? json.value : json;
      expect({ path, status, found: violations(description!, value, type) }).toEqual({ path, status: 200, found: [] });
    }
    const session = await bench.graph.call(`${drive.path}/root:/new.bin:/createUploadSession`, { method: 'POST' });
    expect(violations(description!, session.json, 'uploadSession')).toEqual([]);
    expect(findOperation(description!, 'GET', '/users/{user}/drive/items/{item}/children')).not.toBeNull();
  });
});
