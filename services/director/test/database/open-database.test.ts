import { describe, expect, test } from '@jest/globals';
import { isFailure } from '@backhaul/domain';
import { openDatabase } from '../../src/database/open-database.ts';
import { MIGRATIONS } from '../../src/database/migrations.ts';
import { rows } from '../../src/database/statement.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';

const postgres = postgresForTests();

const codeOf = (error: unknown) => (isFailure(error) ? error.code : String(error));

describe('Opening the database', () => {
  test('brings an empty database to the present schema, by several processes at once', async () => {
    const url = await postgres.emptyDatabase();
    const [first] = await Promise.all([postgres.open(url), postgres.open(url), postgres.open(url)]);
    const steps = await rows<{ name: string }>(first, 'select name from migrations order by id');
    expect(steps.map((step) => step.name)).toEqual(MIGRATIONS.map((step) => step.name));
  });

  test('undoes every step again, down to nothing', async () => {
    const database = await postgres.open(await postgres.emptyDatabase());
    for (const _ of MIGRATIONS) await database.undoLastMigration();
    const left = await rows<{ name: string }>(
      database,
      `select relname as name from pg_class join pg_namespace n on n.oid = relnamespace
        where nspname = 'public' and relkind in ('r', 'S') and relname not like 'migrations%'
        union all
       select proname from pg_proc join pg_namespace n on n.oid = pronamespace where nspname = 'public'`,
    );
    expect(left).toEqual([]);
  });

  test('refuses a database that a newer program has changed, and says what to do', async () => {
    const url = await postgres.emptyDatabase();
    const database = await postgres.open(url);
    await rows(database, `insert into migrations (timestamp, name) values (9999999999999, 'Telepathy9999999999999')`);
    const error = await openDatabase({ url }).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('database.newer-than-program');
    expect(isFailure(error) && error.where['step']).toBe('Telepathy9999999999999');
    expect(isFailure(error) && error.hint).toContain('newer version');
  });

  test('says which database is missing', async () => {
    const url = new URL(await postgres.emptyDatabase());
    url.pathname = '/nowhere';
    const error = await openDatabase({ url: url.href }).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('database.not-found');
    expect(String(error)).toContain('nowhere');
  });

  test('says that nobody answers, without the password', async () => {
    const error = await openDatabase({ url: 'postgres://u:hunter2@127.0.0.1:1/x' }).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('database.unreachable');
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });

  test.each(['', 'localhost', 'mysql://u@h/d'])('refuses the URL "%s"', async (url) => {
    const error = await openDatabase({ url }).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('database.url-invalid');
  });

  test('a client that goes silent inside a transaction loses it and its locks', async () => {
    const database = await postgres.open(await postgres.emptyDatabase());
    const [setting] = await rows<{ value: string }>(
      database,
      `select current_setting('idle_in_transaction_session_timeout') as value`,
    );
    expect(setting?.value).toBe('5s');
  });
});
