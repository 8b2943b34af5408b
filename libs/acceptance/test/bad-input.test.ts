import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { compareBackup, withRepository } from '../src/compare/compare-backup.ts';
import { followRun } from '../src/system/follow-run.ts';
import { prepareJob, type PreparedJob } from '../src/system/prepare-job.ts';
import { startSmallSystem, type SmallSystem } from './support/small-system.ts';
import { until } from './support/until.ts';

/*
 * What an operator can get wrong that shows only with several processes. Each is refused with one clear line, nothing is
 * changed, and all works again once the mistake is mended.
 */

/** EX_CONFIG of sysexits.h: starting it again by itself would not help. */
const EXIT_CONFIGURATION = 78;

describe('mistakes of an operator', () => {
  let system: SmallSystem;
  let job: PreparedJob;

  beforeAll(async () => {
    system = await startSmallSystem({
      transporters: 1,
      slots: 2,
      leaseSeconds: 4,
      tenant: { mailboxes: 3, messages: 60, largeFolder: 20, bytes: 1_000_000, latencyMs: 0 },
    });
    job = await prepareJob(system);
  });
  afterAll(() => system?.stop());

  test('a second Transporter with the identity of a living one gets no work, and the API tells', async () => {
    const [first] = system.transporters;
    if (first === undefined) throw new Error('There is no Transporter.');
    // As a disk image or a backup of the folder would bring it to another host.
    const copy = join(system.folder, 'copy-of-a-data-folder');
    await cp(join(system.folder, first.name), copy, { recursive: true });
    const twin = await system.startTransporter({ dataFolder: copy });
    expect(twin.ready['transporterId']).toBe(first.ready['transporterId']);

    await until('the API tells of two processes with one id', async () => (await transporterStates()).includes('twin'));
    await expectSuccess();
    expect(await readFile(twin.logFile, 'utf8')).not.toContain('attempt reported');
    expect(await readFile(first.logFile, 'utf8')).toContain('attempt reported');

    await twin.stop();
    await until('the first one is alone again', async () =>
      (await transporterStates()).every((one) => one === 'online'),
    );
  });

  test('a second Transporter on the data folder of a living one ends with a line that says so', async () => {
    const [first] = system.transporters;
    if (first === undefined) throw new Error('There is no Transporter.');
    const dataFolder = join(system.folder, first.name);
    await expect(system.startTransporter({ dataFolder })).rejects.toThrow(
      `Another Transporter on this host works with the data folder ${dataFolder}.`,
    );
  });

  describe('at the restart of the Director', () => {
    const keyFile = () => join(system.folder, 'director', 'director.key');
    const keptKey = () => `${keyFile()}.kept`;

    test('a missing key file ends it with a line that names file and setting; none is made', async () => {
      await system.director.kill();
      await rename(keyFile(), keptKey());

      await expect(system.director.restart()).rejects.toThrow(
        new RegExp(
          `ended with ${EXIT_CONFIGURATION} before it was ready[^]*key file ${keyFile()} is missing[^]*BACKHAUL_KEY_FILE`,
        ),
      );
      await expect(rename(keyFile(), `${keyFile()}.new`)).rejects.toThrow('ENOENT');
    });

    test('another key ends it with a line that says so', async () => {
      await writeFile(keyFile(), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });

      await expect(system.director.restart()).rejects.toThrow(
        new RegExp(
          `ended with ${EXIT_CONFIGURATION} before it was ready[^]*not the one that this database was set up with`,
        ),
      );
    });

    test('a database that a newer program has changed ends it with a line that names the step', async () => {
      await rename(keptKey(), keyFile());
      await inDatabase(`insert into migrations (timestamp, name) values (99999999999999, 'FromTheFuture')`);

      await expect(system.director.restart()).rejects.toThrow(
        new RegExp(`ended with ${EXIT_CONFIGURATION} before it was ready[^]*newer program \\(step FromTheFuture\\)`),
      );
    });

    test('all mended, it starts with everything it had', async () => {
      await inDatabase(`delete from migrations where name = 'FromTheFuture'`);
      await system.director.restart();
      await expectSuccess();
    });
  });

  async function transporterStates(): Promise<string[]> {
    const { items } = await system.api.call<{ items: { state: string }[] }>('GET', '/transporters');
    return items.map(({ state }) => state);
  }

  async function expectSuccess(): Promise<void> {
    const mark = await system.control.mark();
    const { id } = await system.api.runJob(job.jobId);
    expect(await followRun(system.api, id, { withinMs: 60_000 })).toMatchObject({
      outcome: 'succeeded',
      tasksEnded: 3,
    });
    const comparison = await withRepository(job, (repository) => compareBackup(repository, system.control, job, mark));
    expect(comparison.differences).toEqual([]);
  }

  async function inDatabase(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: system.databaseUrl });
    await client.connect();
    await client.query(statement);
    await client.end();
  }
});
