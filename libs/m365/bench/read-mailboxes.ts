// Messages read per second: the simulator in a process of its own, many mailboxes at a time, nothing stored.
// Run: node --conditions=@backhaul/source bench/read-mailboxes.ts [mailboxes] [messages in all] [latency in ms]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Secret } from '@backhaul/domain';
import { ControlClient, type SimulatorReady } from '@backhaul/graph-simulator';
import { createTokenSource, createTransport, mailSource, openGraph } from '../src/index.ts';

const AT_ONCE = 10;
const [mailboxes = '20', messages = '10000', latency = '0'] = process.argv.slice(2);

const simulator = spawn(
  process.execPath,
  [
    '--conditions=@backhaul/source',
    fileURLToPath(new URL('../../../services/graph-simulator/src/main.ts', import.meta.url)),
    ...['--mailboxes', mailboxes, '--messages', messages, '--bytes', String(Number(messages) * 4_096)],
    ...['--latency-ms', latency],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const ready = await new Promise<SimulatorReady>((resolve) =>
  createInterface(simulator.stdout).once('line', (line) => resolve(JSON.parse(line) as SimulatorReady)),
);
const control = new ControlClient(ready.controlUrl, ready.controlToken);
const users = (await control.users()).filter((user) => user.messages > 0).map(({ id }) => id);

const transport = createTransport({ caCertificates: [readFileSync(ready.caPath, 'utf8')] });
const tokens = createTokenSource({
  loginUrl: ready.loginUrl,
  graphUrl: ready.graphUrl,
  directoryId: ready.tenantId,
  clientId: ready.clientId,
  credential: { type: 'secret', secret: new Secret(ready.clientSecret) },
  transport,
});
const { signal } = new AbortController();

/** Returns the number of messages and their bytes. */
async function readMailbox(userId: string): Promise<[messages: number, bytes: number]> {
  const graph = openGraph({
    root: ready.graphUrl,
    linkHosts: [],
    token: async () => (await tokens.token()).accessToken,
    signal,
    taskTag: userId,
    transport,
  });
  const source = mailSource(graph, userId);
  let count = 0;
  let bytes = 0;
  for (const { id } of await source.folders(signal)) {
    const ids: string[] = [];
    for await (const page of source.changes(id, null, signal)) ids.push(...page.changed.map((message) => message.id));
    const reader = async () => {
      for (let next = ids.pop(); next !== undefined; next = ids.pop()) {
        bytes += (await source.mime(next, signal)).length;
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: source.concurrency }, reader));
  }
  return [count, bytes];
}

const startedAt = performance.now();
const cpu = process.cpuUsage();
let read = 0;
let bytes = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let user = users.pop(); user !== undefined; user = users.pop()) {
      const [count, size] = await readMailbox(user);
      read += count;
      bytes += size;
    }
  }),
);
const seconds = (performance.now() - startedAt) / 1000;
const used = process.cpuUsage(cpu);
const summary = await control.logSummary();
console.log(
  `${read} messages, ${(bytes / 2 ** 20).toFixed(1)} MiB in ${seconds.toFixed(1)} s: ${(read / seconds).toFixed(0)} messages/s; ` +
    `${((used.user + used.system) / read).toFixed(0)} µs CPU each here; ${summary.requests} requests, ` +
    `${summary.maxConcurrentPerMailbox} at once per mailbox, ${summary.early} early`,
);
await transport.close();
simulator.kill();
