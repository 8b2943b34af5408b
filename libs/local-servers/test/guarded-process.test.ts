import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startGuarded } from '../src/guarded-process.ts';

const MODULE = pathToFileURL(join(import.meta.dirname, '../src/guarded-process.ts')).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A process that starts a guarded child and a temporary folder, tells both, and then does `ending`. */
async function startParent(
  ending: string,
  child = 'setInterval(() => {}, 1000)',
): Promise<ChildProcess & { told: Told }> {
  const script = join(folder, 'parent.mjs');
  const facts = join(folder, 'facts.json');
  await writeFile(
    script,
    `import { startGuarded, makeTemporaryFolder } from ${JSON.stringify(MODULE)};
     import { writeFileSync, renameSync } from 'node:fs';
     const temporary = await makeTemporaryFolder('backhaul-test-guarded-');
     const child = await startGuarded({ program: process.execPath, args: ['-e', ${JSON.stringify(child)}], cwd: '/',
       env: {}, stopSignal: 'SIGTERM', onLine: () => {} });
     writeFileSync('facts.json.new', JSON.stringify({ pid: child.pid, folder: temporary.path }));
     renameSync('facts.json.new', 'facts.json');
     ${ending}`,
  );
  const parent = spawn(process.execPath, [script], { cwd: folder, stdio: 'ignore' });
  await until(() => existsSync(facts));
  return Object.assign(parent, { told: JSON.parse(await readFile(facts, 'utf8')) as Told });
}

interface Told {
  pid: number;
  folder: string;
}

const FOREVER = 'setInterval(() => {}, 1000);';

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It did not happen within 15 s.');
    await delay(20);
  }
}

/** Nobody may be left to collect an ended process in a container; such a remainder (Z) counts as ended. */
async function hasEnded(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  return / Z /.test(await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''));
}

async function expectAllGone({ pid, folder: temporary }: Told): Promise<void> {
  await until(() => hasEnded(pid));
  await until(() => !existsSync(temporary));
}

describe('what a process has started ends with it', () => {
  test.each<[string, NodeJS.Signals]>([
    ['SIGKILL', 'SIGKILL'],
    ['SIGTERM', 'SIGTERM'],
    ['Ctrl-C', 'SIGINT'],
  ])('when it is ended by %s', async (_, signal) => {
    const parent = await startParent(FOREVER);
    expect(await hasEnded(parent.told.pid)).toBe(false);
    parent.kill(signal);
    await expectAllGone(parent.told);
  });

  test('when it fails by an error that nobody caught', async () => {
    const parent = await startParent(`setTimeout(() => { throw new Error('uncaught'); }, 10); ${FOREVER}`);
    await expectAllGone(parent.told);
  });

  test('when it comes to its end: a guarded process does not keep it alive', async () => {
    const parent = await startParent('');
    if (parent.exitCode === null) await once(parent, 'exit');
    expect(parent.exitCode).toBe(0);
    await expectAllGone(parent.told);
  });

  test('even if it does not obey its stop signal', async () => {
    const parent = await startParent(FOREVER, `process.on('SIGTERM', () => {}); ${FOREVER}`);
    parent.kill('SIGKILL');
    await expectAllGone(parent.told);
  });
});

describe('a guarded process', () => {
  const command = (code: string, onLine: (line: string) => void = () => undefined) => ({
    program: process.execPath,
    args: ['-e', code],
    cwd: tmpdir(),
    env: {},
    stopSignal: 'SIGTERM' as const,
    onLine,
  });

  test('hands over every line of both outputs, and how it ended', async () => {
    const lines: string[] = [];
    const child = await startGuarded(
      command(`console.log('one'); console.error('two'); process.exitCode = 3`, (line) => lines.push(line)),
    );
    expect(await child.waitForEnd(10_000)).toMatchObject({ code: 3, signal: null });
    expect(lines.sort()).toEqual(['one', 'two']);
  });

  test('is killed when it does not obey its stop signal in time', async () => {
    const lines: string[] = [];
    const child = await startGuarded(
      command(`process.on('SIGTERM', () => {}); ${FOREVER} console.log('up')`, (line) => lines.push(line)),
    );
    await until(() => lines.length > 0);
    await child.stop(100);
    expect(child.end).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('sees nothing of our environment but what it is given', async () => {
    const lines: string[] = [];
    const child = await startGuarded(
      command('console.log(Object.keys(process.env).join())', (line) => lines.push(line)),
    );
    await child.waitForEnd(10_000);
    expect(lines.filter((line) => line !== '')).toEqual([]);
  });

  test('that cannot be started is reported by name', async () => {
    const missing = { ...command(''), program: '/nowhere/at-all' };
    await expect(startGuarded(missing)).rejects.toThrow(/^\/nowhere\/at-all could not be started: .*ENOENT/);
  });
});
