import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { startSmallSystem, type SmallSystem } from '../support/small-system.ts';
import { readPage } from './printed-pages.ts';

const missing = ['bash', 'curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);

/** The commands of the page in their order, as one script that stops at the first that fails. */
async function commandsOf(page: string): Promise<string> {
  const blocks = [...(await readPage(page)).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  expect(blocks.length).toBeGreaterThan(15);
  return ['set -euo pipefail', ...blocks].join('\n');
}

(missing.length === 0 ? describe : describe.skip)(`docs/api.md (needs bash, curl and jq)`, () => {
  let system: SmallSystem;
  beforeAll(async () => {
    system = await startSmallSystem({
      transporters: 1,
      slots: 2,
      tenant: { mailboxes: 3, messages: 60, largeFolder: 20, bytes: 1_000_000, latencyMs: 0 },
    });
  });
  afterAll(() => system?.stop());

  /** The Director as it is at its first start: nobody has a token, and one to set it up is printed. */
  async function startAnew(): Promise<string> {
    const client = new pg.Client({ connectionString: system.databaseUrl });
    await client.connect();
    await client.query('truncate api_tokens, idempotency_keys');
    await client.end();
    await system.director.stop();
    await system.director.restart();
    return (await readFile(system.director.logFile, 'utf8')).match(/bhs_[0-9a-f]+/g)?.at(-1) ?? '';
  }

  test('tells commands that work from the first token to a restored message', async () => {
    const { tenant } = system;
    const setupToken = await startAnew();
    const address = String(system.director.ready['url']);
    const script = (await commandsOf('api.md')).replace('http://127.0.0.1:8800', address);
    const shell = spawn('bash', ['--norc', '-c', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: system.folder,
      env: {
        PATH: process.env['PATH'],
        SETUP_TOKEN: setupToken,
        DIRECTORY_ID: tenant.tenantId,
        CLIENT_ID: tenant.clientId,
        CLIENT_SECRET: tenant.clientSecret,
        LOGIN_URL: tenant.loginUrl,
        GRAPH_URL: tenant.graphUrl,
        REPOSITORY_FOLDER: join(system.repositoryRoot, 'main'),
      },
    });
    const ended = new Promise((resolve) => shell.once('close', resolve));
    const [said, complained, code] = await Promise.all([text(shell.stdout), text(shell.stderr), ended]);
    expect({ code, complained, last: code === 0 ? '' : said.slice(-2_000) }).toEqual({
      code: 0,
      complained: '',
      last: '',
    });
    expect(said).toContain('"outcome": "succeeded"');
    expect(said).toContain('{"state":"ended","outcome":"succeeded","restored":1}');
    expect(said).toContain('"/priority"');
    expect(await readFile(join(system.folder, 'message.eml'), 'utf8')).toMatch(/^Subject:/im);
  });
});
