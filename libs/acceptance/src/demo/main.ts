import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem } from '../system/start-system.ts';
import { differencesText, figuresText } from './figures.ts';
import { readDemoOptions, type DemoOptions } from './options.ts';
import { playDemo } from './play-demo.ts';

/*
 * `npm run demo`: the whole system on this machine against a simulated tenant, compared with the tenant's own truth.
 * Exit code 0 when nothing differs, 1 when something does or a part fails.
 */

const options = readDemoOptions(process.argv);
const say = (text: string) => void process.stdout.write(`${text}\n`);
process.exitCode = await main(options);

async function main(options: DemoOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-demo-'));
  await chmod(folder, 0o700);
  say(`Starting the system in ${folder}`);
  const interrupted = interruption();
  const system = await startSystem({
    folder,
    tenant: {
      seed: options.seed,
      mailboxes: options.mailboxes,
      messages: options.messages,
      largeFolder: options.largeFolder,
      bytes: options.bytes,
      contacts: options.contacts,
      events: options.events,
      drives: options.drives,
      files: options.files,
      fileBytes: options.fileBytes,
      largeFile: options.largeFile,
      latencyMs: options.latency,
    },
    transporters: options.transporters,
    slots: options.slots,
    say: (text) => say(`  ${text}`),
  });
  try {
    const played = await Promise.race([playDemo(system, options, process.stdout), interrupted]);
    if (played === undefined) return 130;
    say(figuresText(played.figures));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(played.figures, null, 2)}\n`);
    if (played.comparison.differences.length > 0) say(differencesText(played.comparison));
    if (!options.exit) {
      say(`The system stays up until Ctrl-C: ${system.api.url} (logs in ${join(folder, 'logs')})`);
      say(`Token of the first admin, made with the one-time set-up token: ${system.api.token}`);
      say(`  curl -H "Authorization: Bearer ${system.api.token}" ${system.api.url}/api/v1/jobs`);
      await interrupted;
    }
    return played.comparison.differences.length > 0 ? 1 : 0;
  } finally {
    say('Stopping');
    await system.stop();
    if (options.keep) say(`Kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves at Ctrl-C or SIGTERM. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
  });
}
