import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { rows } from '../../src/database/statement.ts';
import { beat, resign, takeOver } from '../../src/leadership/leader.store.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';

const postgres = postgresForTests();
let database: DataSource;

beforeEach(async () => {
  database = await postgres.fresh();
});

const candidate = (silenceMs = 5_000) => ({ directorId: randomUUID(), silenceMs });

/** As if the leader had been silent for so long; the database's clock itself cannot be moved. */
async function silentFor(seconds: number): Promise<void> {
  await rows(database, 'update leader_heartbeat set beat_at = beat_at - make_interval(secs => $1)', [seconds]);
}

describe('Leadership', () => {
  test('falls to the first who asks, and to exactly one of many', async () => {
    const epochs = await Promise.all(Array.from({ length: 5 }, () => takeOver(database, candidate())));
    expect(epochs.filter((epoch) => epoch !== null)).toEqual([1]);
  });

  test('stays where it is while the leader beats', async () => {
    await takeOver(database, candidate());
    await silentFor(4);
    expect(await beat(database, 1)).toBe(true);
    await silentFor(4);
    expect(await takeOver(database, candidate())).toBeNull();
  });

  test('goes over with a higher epoch when the leader was silent too long', async () => {
    await takeOver(database, candidate());
    await silentFor(6);
    const successor = candidate();
    expect(await takeOver(database, successor)).toBe(2);
    expect(await rows(database, 'select epoch, director_id from leader')).toEqual([
      { epoch: 2, director_id: successor.directorId },
    ]);
  });

  test('cannot be kept by an old leader that wakes up', async () => {
    await takeOver(database, candidate());
    await silentFor(6);
    await takeOver(database, candidate());
    expect(await beat(database, 1)).toBe(false);
    await resign(database, 1);
    expect(await takeOver(database, candidate())).toBeNull();
  });

  test('is free at once when the leader resigns', async () => {
    await takeOver(database, candidate());
    await resign(database, 1);
    expect(await takeOver(database, candidate())).toBe(2);
  });
});
