import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlClient, type SimulatorReady } from '@backhaul/graph-simulator';

/*
 * How many message bodies a second the simulator delivers, and what CPU time each costs it: a simple keep-alive client in
 * this process, the simulator in another one.
 *
 *   node --conditions=@backhaul/source bench/values.ts [bytes per message, default 8000] [requests, default 6000]
 */
const bytesPerMessage = Number(process.argv[2] ?? 8000);
const requests = Number(process.argv[3] ?? 6000);
const messages = 2000;
const folder = mkdtempSync(join(tmpdir(), 'graph-simulator-bench-'));
const child = spawn(
  process.execPath,
  [
    '--conditions=@backhaul/source',
    join(import.meta.dirname, '../src/main.ts'),
    ...[
      '--state',
      folder,
      '--mailboxes',
      '20',
      '--messages',
      String(messages),
      '--bytes',
      String(messages * bytesPerMessage),
    ],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [line] = (await once(child.stdout, 'data')) as [Buffer];
const ready = JSON.parse(line.toString()) as SimulatorReady;
const agent = new Agent({ ca: readFileSync(ready.caPath), keepAlive: true, maxSockets: 16 });

const form = {
  client_id: ready.clientId,
  client_secret: ready.clientSecret,
  grant_type: 'client_credentials',
  scope: 'https://graph.microsoft.com/.default',
};
const login = await send(
  `${ready.loginUrl}/${ready.tenantId}/oauth2/v2.0/token`,
  'POST',
  { 'content-type': 'application/x-www-form-urlencoded' },
  new URLSearchParams(form).toString(),
);
const headers = { authorization: `Bearer ${(JSON.parse(login.toString()) as { access_token: string }).access_token}` };
const users = await json<{ value: { id: string; userPrincipalName: string }[] }>('/users?$select=id');
const lists: string[][] = [];
for (const { id } of users.value) {
  const page = await json<{ value?: { id: string }[] }>(`/users/${id}/messages?$select=id&$top=1000`);
  lists.push((page.value ?? []).map((message) => `${ready.graphUrl}/v1.0/users/${id}/messages/${message.id}/$value`));
}
// Neighbours belong to different mailboxes; the few times that one has more than four at once are no concern here.
await new ControlClient(ready.controlUrl, ready.controlToken).updateSettings({ limits: { concurrentPerMailbox: 0 } });
const urls = lists[0]!.flatMap((_, at) => lists.flatMap((list) => list[at] ?? []));

const cpuBefore = cpuSeconds(child.pid!);
const started = performance.now();
let bytes = 0;
let next = 0;
await Promise.all(
  Array.from({ length: 12 }, async () => {
    while (next < requests) {
      const answer = await send(urls[next++ % urls.length]!, 'GET', headers);
      bytes += answer.length;
    }
  }),
);
const seconds = (performance.now() - started) / 1000;
const cpu = cpuSeconds(child.pid!) - cpuBefore;
process.stdout.write(
  `${JSON.stringify({
    requests,
    perSecond: Math.round(requests / seconds),
    megabytesPerSecond: Math.round(bytes / seconds / 1e6),
    meanBytes: Math.round(bytes / requests),
    cpuMillisecondsEach: Number(((cpu / requests) * 1000).toFixed(3)),
    node: process.version,
  })}\n`,
);
agent.destroy();
child.kill('SIGTERM');
await once(child, 'exit');
rmSync(folder, { recursive: true });

async function json<Answer>(path: string): Promise<Answer> {
  return JSON.parse((await send(`${ready.graphUrl}/v1.0${path}`, 'GET', headers)).toString()) as Answer;
}

function send(url: string, method: string, outgoingHeaders: Record<string, string>, body?: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, headers: outgoingHeaders }, (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('end', () => {
        const answer = Buffer.concat(pieces);
        if ((incoming.statusCode ?? 0) < 500 && incoming.statusCode !== 429) resolve(answer);
        else reject(new Error(`${incoming.statusCode} ${answer.toString()}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** User and system time of a process so far, from the kernel's table (Linux). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
