import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { ControlClient, type Simulator, type SimulatorReady } from '@backhaul/graph-simulator';
import { readCommandLine, tenantShape } from '../src/options.ts';
import { GraphCaller } from './support/graph-caller.ts';

const main = resolve(import.meta.dirname, '../src/main.ts');
const state = mkdtempSync(join(tmpdir(), 'simulator-test-'));
const running = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  running.clear();
});
afterAll(() => rmSync(state, { recursive: true, force: true }));

async function start(
  ...args: string[]
): Promise<{ child: ChildProcess; ready: SimulatorReady; control: ControlClient; graph: GraphCaller }> {
  const child = spawn(process.execPath, ['--conditions=@backhaul/source', main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ready = JSON.parse(line.toString()) as SimulatorReady;
  const control = new ControlClient(ready.controlUrl, ready.controlToken);
  const simulator = { ...ready, control, caCertificate: readFileSync(ready.caPath, 'utf8') } as Simulator;
  return { child, ready, control, graph: new GraphCaller(simulator) };
}

async function fails(...args: string[]): Promise<{ code: number | null; words: string }> {
  const child = spawn(process.execPath, ['--conditions=@backhaul/source', main, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (data: Buffer) => (words += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, words };
}

describe('the process', () => {
  test('killed at any time, it comes back with everything that it had confirmed', async () => {
    const shape = ['--state', state, '--seed', '3', '--mailboxes', '2', '--messages', '60'];
    const first = await start(...shape);
    const [user] = await first.control.users();
    await first.control.updateSettings({ latencyMs: 1, limits: { concurrentPerMailbox: 3 } });
    const report = await first.control.change({ percent: 10 });
    const inbox = `/users/${user!.id}/mailFolders/inbox/messages`;
    const large = { contentType: 'html', content: `<p>${'ü'.repeat(5000)}</p>` };
    const posted = await first.graph.call(inbox, {
      method: 'POST',
      body: { subject: 'kept', body: large, singleValueExtendedProperties: [{ id: 'Integer 0x0E07', value: '1' }] },
    });
    const path = `/users/${user!.id}/messages/${posted.json.id}`;
    const opened = await first.graph.call(`${path}/attachments/createUploadSession`, {
      method: 'POST',
      body: { AttachmentItem: { attachmentType: 'file', name: 'a', size: 4_000_000 } },
    });
    const fragment = (graph: GraphCaller, url: string, from: number, to: number): Promise<{ status: number }> =>
      graph.raw(url, {
        method: 'PUT',
        body: Buffer.alloc(to - from, 7),
        headers: { 'content-range': `bytes ${from}-${to - 1}/4000000` },
      });
    await fragment(first.graph, opened.json.uploadUrl, 0, 1_500_000);
    const { last } = await first.graph.all(`${inbox}/delta?$select=id`);
    const truth = await first.control.truth({ mailbox: user!.id });
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await start('--state', state);
    expect(second.ready).toMatchObject({
      tenantId: first.ready.tenantId,
      clientId: first.ready.clientId,
      clientSecret: first.ready.clientSecret,
    });
    expect(await second.control.truth({ mailbox: user!.id })).toEqual(truth);
    expect(await second.control.settings()).toMatchObject({ latencyMs: 1, limits: { concurrentPerMailbox: 3 } });
    expect((await second.control.truth({ mailbox: user!.id, mark: report.markBefore })).messages).toHaveLength(
      user!.messages,
    );
    const here = (link: string): string => link.replace(first.ready.graphUrl, second.ready.graphUrl);
    expect((await second.graph.call(here(last['@odata.deltaLink']))).json.value).toEqual([]);
    expect((await fragment(second.graph, here(opened.json.uploadUrl), 1_500_000, 4_000_000)).status).toBe(201);
    const { attachments } = (await second.control.truth({ mailbox: user!.id })).messages.find(
      ({ canonical }) => canonical!.subject === 'kept',
    )!;
    expect(attachments).toMatchObject([{ name: 'a', size: 4_000_000 }]);
    first.graph.close();
    second.graph.close();
  });

  test('ends with 0 on SIGTERM, also with connections open', async () => {
    const { child, graph } = await start('--mailboxes', '1', '--messages', '3');
    await graph.call('/organization');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    graph.close();
  });

  test('says in one line what is wrong with an option', async () => {
    expect(await fails('--messages', 'many')).toEqual({
      code: 1,
      words: 'graph-simulator: --messages must be a number, not "many"\n',
    });
    const other = await fails('--state', state, '--seed', '4');
    expect(other).toMatchObject({
      code: 1,
      words: expect.stringMatching(/holds a tenant with seed 3, not 4: use another --state folder\n$/),
    });
  });
});

describe('options', () => {
  test('sizes have units', () => {
    expect(readCommandLine(['--bytes', '400MB', '--upload-limit', '150MiB'])).toEqual({
      bytes: 400e6,
      uploadLimitBytes: 150 * 1024 ** 2,
    });
    expect(() => readCommandLine(['--bytes', '4 parsecs'])).toThrow(/--bytes must be a size/);
    expect(() => readCommandLine(['--nonsense', '1'])).toThrow(/nonsense/);
  });

  test('what cannot be is refused by name', () => {
    expect(() => tenantShape({ mailboxes: 0, messages: 1 })).toThrow(/raise --mailboxes/);
    expect(() => tenantShape({ messages: 10, largeFolder: 11 })).toThrow(
      /--large-folder must be a whole number from 0 to 10/,
    );
    expect(() => tenantShape({ oddities: 2 })).toThrow(/--oddities/);
  });
});
