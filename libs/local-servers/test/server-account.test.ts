import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findNatsServer } from '../src/index.ts';
import { postgresBinaries } from '../src/postgres-binaries.ts';
import { firstClosedFolder, parseAccounts, serverAccount } from '../src/server-account.ts';

const run = promisify(execFile);
const whenRoot = process.getuid?.() === 0 ? test : test.skip; // needs the right to be another user
const NOBODY = { name: 'nobody', uid: 65534, gid: 65534 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('accounts are read from the lines of /etc/passwd', () => {
  const text = 'root:x:0:0:root:/root:/bin/sh\n# comment\npostgres:x:101:104::/var/lib:/bin/sh\n';
  expect(parseAccounts(text)).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'postgres', uid: 101, gid: 104 },
  ]);
});

test('the first folder that an account may not enter is named', async () => {
  const inner = join(folder, 'a/b');
  await mkdir(inner, { recursive: true });
  await chmod(folder, 0o755);
  // Neither the owner of the folders nor of their group, whoever runs the tests.
  const stranger = { name: 'stranger', uid: process.getuid!() + 1, gid: process.getgid!() + 1 };
  expect(await firstClosedFolder(inner, stranger)).toBeUndefined();
  await chmod(join(folder, 'a'), 0o750);
  expect(await firstClosedFolder(inner, stranger)).toBe(join(folder, 'a'));
});

describe('as root', () => {
  whenRoot('PostgreSQL runs as somebody else', async () => {
    expect((await serverAccount())?.uid).toBeGreaterThan(0);
  });

  whenRoot('a checkout that the account cannot reach is copied once to where it can', async () => {
    const original = (await postgresBinaries(undefined, process.env)).postgres;
    const checkout = join(folder, 'checkout');
    const cache = join(folder, 'cache');
    await chmod(folder, 0o755);
    await mkdir(checkout, { mode: 0o700 });
    await mkdir(cache);
    await chmod(cache, 0o755);
    await cp(dirname(dirname(dirname(original))), join(checkout, 'package'), {
      recursive: true,
      verbatimSymlinks: true,
    });

    const native = join(checkout, 'package/native');
    const env = { ...process.env, BACKHAUL_CACHE_DIR: cache };
    const [first, second] = await Promise.all([
      postgresBinaries(NOBODY, env, native),
      postgresBinaries(NOBODY, env, native),
    ]);
    expect(first).toEqual(second);
    expect(first.postgres.startsWith(cache)).toBe(true);
    const { stdout } = await run(first.postgres, ['--version'], { uid: NOBODY.uid, gid: NOBODY.gid });
    expect(stdout).toMatch(/^postgres \(PostgreSQL\) 18/);
  });
});

describe('as an ordinary user without a home', () => {
  whenRoot(
    'both servers start, are used and stop, and nothing is left',
    async () => {
      const { file } = await findNatsServer({ env: process.env, log: () => undefined });
      const bin = join(folder, 'bin');
      const temporary = join(folder, 'tmp');
      await chmod(folder, 0o755);
      await mkdir(bin);
      await cp(file, join(bin, 'nats-server'));
      await mkdir(temporary);
      await chmod(temporary, 0o1777);
      const script = join(import.meta.dirname, 'use-both-servers.mjs');
      const { stdout } = await run(process.execPath, [script], {
        uid: NOBODY.uid,
        gid: NOBODY.gid,
        cwd: temporary,
        env: { PATH: bin, TMPDIR: temporary, TEST_BACKEND: 'embedded', HOME: '/nonexistent' },
      });
      expect(JSON.parse(stdout)).toEqual({ uid: NOBODY.uid, postgres: [{ answer: 42 }], nats: true });
      const { stdout: left } = await run('find', [temporary, '-mindepth', '1']);
      expect(left).toBe('');
    },
    60_000,
  );
});
