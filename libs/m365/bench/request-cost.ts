// CPU time of one request: the whole pipeline in the official client, our transport alone, and the runtime's fetch.
// Run: node --conditions=@backhaul/source bench/request-cost.ts [requests]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Secret } from '@backhaul/domain';
import { Agent, fetch } from 'undici';
import { createTransport, openGraph } from '../src/index.ts';
import { startScriptedServer } from '../test/scripted-server.ts';

const BODY = Buffer.alloc(8 * 1024, 'x');

if (process.send === undefined) await measure(Number(process.argv[2] ?? 4_000));
else await serve();

async function serve(): Promise<void> {
  const server = await startScriptedServer();
  server.answer = (arrival) => {
    arrival.reply(200, BODY, { 'content-type': 'text/plain' });
    server.arrivals.length = 0;
  };
  process.send?.({ root: server.root, ca: server.ca });
}

async function measure(requests: number): Promise<void> {
  const server = fork(import.meta.filename, { execArgv: ['--conditions=@backhaul/source'] });
  const [{ root, ca }] = (await once(server, 'message')) as [{ root: string; ca: string }];
  const { signal } = new AbortController();
  const transport = createTransport({ caCertificates: [ca] });
  const dispatcher = new Agent({ connect: { ca }, allowH2: false });
  const token = new Secret('t');
  const graph = openGraph({ root, linkHosts: [], token: async () => token, signal, taskTag: 'bench', transport });

  const ways: Record<string, () => Promise<unknown>> = {
    'pipeline in the client': () => graph.bytes({ path: '/users/u/messages/m/$value', scope: 'u' }),
    'transport alone': () =>
      transport.send({ method: 'GET', url: `${root}/v1.0/users/u/messages/m/$value`, headers: {}, signal }),
    fetch: async () => (await fetch(`${root}/v1.0/users/u/messages/m/$value`, { dispatcher })).arrayBuffer(),
  };
  for (let round = 0; round < 2; round += 1) {
    for (const [name, request] of Object.entries(ways)) {
      const result = await fourAtOnce(request, requests);
      if (round === 1)
        console.log(
          `${name.padEnd(24)} ${result.cpuUs.toFixed(0).padStart(5)} µs CPU, ${result.perSecond.toFixed(0).padStart(6)} requests/s`,
        );
    }
  }
  await transport.close();
  await dispatcher.close();
  server.kill();
}

async function fourAtOnce(
  request: () => Promise<unknown>,
  requests: number,
): Promise<{ cpuUs: number; perSecond: number }> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const worker = async () => {
    for (let turn = 0; turn < requests / 4; turn += 1) await request();
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  const used = process.cpuUsage(cpu);
  return {
    cpuUs: (used.user + used.system) / requests,
    perSecond: requests / ((performance.now() - startedAt) / 1000),
  };
}
