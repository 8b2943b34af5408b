import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { rows } from '../../src/database/statement.ts';
import { changeLane } from '../../src/lanes/lane.store.ts';
import { failureText } from '../../testing/failure-text.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';
import { Installation } from '../../testing/installation.ts';

const postgres = postgresForTests();
let database: DataSource;
let installation: Installation;

beforeEach(async () => {
  database = await postgres.fresh();
  installation = await Installation.create(database);
});

describe('A lane', () => {
  test('takes a limit from 1 to 1000 or none, and a priority from 0 to 5', async () => {
    const jobId = await installation.job({ mailboxes: 1 });
    for (const limit of [0, 1001, 1.5]) {
      expect(await failureText(changeLane(database, jobId, { limit }))).toBe('invalid-input lane.out-of-range');
    }
    expect(await failureText(changeLane(database, jobId, { priority: 6 as 5 }))).toBe(
      'invalid-input lane.out-of-range',
    );
    expect(await failureText(changeLane(database, randomUUID(), { limit: 1 }))).toBe('not-found lane.not-found');
    await changeLane(database, jobId, { limit: null });
    await changeLane(database, jobId, { priority: 1 });
    expect(await rows(database, 'select priority, task_limit, paused from lanes')).toEqual([
      { priority: 1, task_limit: null, paused: false },
    ]);
  });
});
