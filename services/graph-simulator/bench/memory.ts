import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlClient, type SimulatorReady } from '@backhaul/graph-simulator';

/*
 * How much memory the simulator takes while every message of a tenant is read, and then every mailbox's truth: resident
 * memory after each step, and the highest so far, from the kernel's table (Linux).
 *
 *   node --conditions=@backhaul/source bench/memory.ts [mailboxes, default 12] [messages, default 6000] [bytes, default 420000000]
 */
const mailboxes = process.argv[2] ?? '12';
const messages = process.argv[3] ?? '6000';
const bytes = process.argv[4] ?? '420000000';
const folder = mkdtempSync(join(tmpdir(), 'graph-simulator-bench-'));
const shape = ['--mailboxes', mailboxes, '--messages', messages, '--large-folder', String(Number(messages) / 2)];
const main = join(import.meta.dirname, '../src/main.ts');
const child = spawn(
  process.execPath,
  [
    '--max-semi-space-size=8',
    '--conditions=@backhaul/source',
    main,
    '--state',
    folder,
    ...shape,
    '--bytes',
    bytes,
    '--latency-ms',
    '20',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [line] = (await once(child.stdout, 'data')) as [Buffer];
const ready = JSON.parse(line.toString()) as SimulatorReady;
const control = new ControlClient(ready.controlUrl, ready.controlToken);
const agent = new Agent({ ca: readFileSync(ready.caPath), keepAlive: true, maxSockets: 64 });
const authorization = `Bearer ${await token()}`;
report('started');

const users = (await control.users()).filter(({ mailboxState, kind }) => mailboxState === 'active' && kind !== 'guest');
let values = 0;
let sent = 0;
const started = performance.now();
for (const round of ['first', 'second']) {
  const mailboxesLeft = [...users];
  // Two Transporters with three tasks each, four requests at once in a mailbox.
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let user = mailboxesLeft.shift(); user !== undefined; user = mailboxesLeft.shift())
        await readMailbox(user.id);
    }),
  );
  report(
    `${round} reading: ${values} bodies, ${Math.round(sent / 1e6)} MB, ${Math.round((performance.now() - started) / 1000)} s`,
  );
}
for (const { id } of users) await control.truth({ mailbox: id });
report('truth one after the other');
await Promise.all(users.map(({ id }) => control.truth({ mailbox: id })));
report('truth of all at once');
await control.log();
report('log');
agent.destroy();
child.kill('SIGTERM');
await once(child, 'exit');
rmSync(folder, { recursive: true });

async function readMailbox(user: string): Promise<void> {
  const urls: string[] = [];
  let next: string | undefined = `${ready.graphUrl}/v1.0/users/${user}/messages?$select=id&$top=100`;
  while (next !== undefined) {
    const answer = await get(next);
    if (answer.status !== 200) return;
    const page = JSON.parse(answer.body.toString()) as { value: { id: string }[]; '@odata.nextLink'?: string };
    urls.push(...page.value.map(({ id }) => `${ready.graphUrl}/v1.0/users/${user}/messages/${id}/$value`));
    next = page['@odata.nextLink'];
  }
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let url = urls.shift(); url !== undefined; url = urls.shift()) {
        const { status, body } = await get(url);
        if (status !== 200) throw new Error(`${status} ${body.toString()}`);
        values++;
        sent += body.length;
      }
    }),
  );
}

async function token(): Promise<string> {
  const answer = await send(
    `${ready.loginUrl}/${ready.tenantId}/oauth2/v2.0/token`,
    'POST',
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({
      client_id: ready.clientId,
      client_secret: ready.clientSecret,
      grant_type: 'client_credentials',
      scope: 'https://graph.microsoft.com/.default',
    }).toString(),
  );
  return (JSON.parse(answer.body.toString()) as { access_token: string }).access_token;
}

function get(url: string): Promise<{ status: number; body: Buffer }> {
  return send(url, 'GET', { authorization });
}

function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, headers }, (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(pieces) }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function report(step: string): void {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024);
  process.stdout.write(`${step}: ${megabytes('VmRSS')} MiB now, ${megabytes('VmHWM')} MiB at most\n`);
}
