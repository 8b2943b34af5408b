import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SystemProcess } from '../src/system/child-process.ts';
import { startSmallSystem, type SmallSystem } from './support/small-system.ts';

/** Kubernetes and `systemd` with usual settings kill what has not ended by then. */
const ENDS_WITHIN_MS = 25_000;

describe('SIGTERM while PostgreSQL and nats-server are down', () => {
  let system: SmallSystem;

  beforeAll(async () => {
    system = await startSmallSystem({
      transporters: 1,
      slots: 2,
      tenant: { mailboxes: 1, messages: 1, largeFolder: 0, bytes: 10_000 },
    });
    await Promise.all([system.postgres.kill(), system.nats.kill()]);
  });
  afterAll(() => system?.stop());

  test('ends every service by itself, in time', async () => {
    const [transporter] = system.transporters;
    if (transporter === undefined) throw new Error('There is no Transporter.');
    expect(await Promise.all([exitCode(system.director), exitCode(transporter)])).toEqual([0, 0]);
  });
});

/** Null when it had to be killed. */
function exitCode(process: SystemProcess): Promise<number | null> {
  return process.stop(ENDS_WITHIN_MS);
}
