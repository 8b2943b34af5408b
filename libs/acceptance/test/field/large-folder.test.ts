import { expect, test } from '@jest/globals';
import { fieldDrive } from './field-drive.ts';
import { fieldScene } from './scene.ts';

/* A folder with so many items that whoever looks at all of them for each of them never comes to an end. */

const scene = fieldScene();

/** Less by default, to keep the tests quick; `npm run test:large-folder` plays 100,000. */
const ITEMS = Number(process.env['FIELD_FOLDER_ITEMS'] ?? 2_000);
const ITEMS_PER_EDIT = 5_000;
const TEN_MINUTES = 600_000;

test(
  'F19 a folder of very many items costs a page for some hundreds of them, and one page when nothing changed',
  async () => {
    const drive = await fieldDrive(scene);
    const parent = await drive.addFolder('Everything in one place');
    for (let from = 0; from < ITEMS; from += ITEMS_PER_EDIT) {
      const names = Array.from(
        { length: Math.min(ITEMS_PER_EDIT, ITEMS - from) },
        (_, index) => `${from + index}.empty`,
      );
      await scene.control.edit(...names.map((name) => ({ do: 'add-file', drive: drive.id, parent, name }) as const));
    }
    const first = await drive.backup();
    expect(first).toMatchObject({ outcome: 'succeeded', counts: { itemsTotal: ITEMS, itemsNew: ITEMS } });
    const requests = await scene.requests(drive.id);
    expect(requests.length).toBeLessThan(ITEMS / 400 + 10);
    expect(await drive.differences()).toEqual([]);

    await drive.edit({ do: 'delete-item', item: (await drive.files())[0]?.id ?? '' });
    await drive.addFile('The last one.empty', { size: 0 }, parent);
    const { counts } = await drive.backup();
    expect(counts).toMatchObject({ itemsNew: 1, itemsChanged: 0, itemsDeleted: 1, itemsTotal: ITEMS });
    expect((await scene.requests(drive.id)).length - requests.length).toBeLessThan(6);
    expect(await drive.differences()).toEqual([]);
  },
  TEN_MINUTES,
);
