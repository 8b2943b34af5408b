import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDataFolder } from '../../src/identity/data-folder.ts';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'backhaul-transporter-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const SCRIPT = `
  import { openDataFolder } from ${JSON.stringify(join(import.meta.dirname, '../../src/identity/data-folder.ts'))};
  await openDataFolder(process.argv[1]);
  console.log('has it');
  process.stdin.resume();
`;

/** Another process that has opened the folder. */
async function otherProcess(path: string) {
  const args = ['--conditions=@backhaul/source', '--input-type=module', '--eval', SCRIPT, path];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  expect(line).toBe('has it');
  return {
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('The data folder', () => {
  test('is made for this user alone', async () => {
    const path = join(parent, 'new', 'folder');
    const folder = await openDataFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await folder.release();
  });

  test('belongs to one process at a time, under whatever path it is named, until that is gone', async () => {
    const path = join(parent, 'data');
    const other = await otherProcess(path);
    await symlink(path, join(parent, 'same'));
    try {
      for (const name of [path, `${path}/`, join(parent, 'same')]) {
        await expect(openDataFolder(name)).rejects.toMatchObject({
          kind: 'conflict',
          code: 'transporter.data-folder-in-use',
          message: `Another Transporter on this host works with the data folder ${name}.`,
        });
      }
      const another = await openDataFolder(join(parent, 'another'));
      await another.release();
    } finally {
      await other.kill();
    }
    const folder = await openDataFolder(path);
    await folder.release();
    await (await openDataFolder(path)).release();
  });

  test('that cannot be made is refused with the setting to correct', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(openDataFolder(join(parent, 'file', 'data'))).rejects.toMatchObject({
      kind: 'not-writable',
      message: `The data folder ${join(parent, 'file', 'data')} cannot be written to.`,
      hint: expect.stringContaining('BACKHAUL_DATA_FOLDER'),
    });
  });
});
