import type { DataSource } from 'typeorm';
import { rows } from '../src/database/statement.ts';

/** Tables that change without anything having been done: kept out of the watch, compared by their size where it matters. */
const UNWATCHED = ['migrations', 'idempotency_keys'];

/** A change that some committed statement made. */
export interface SeenChange {
  table: string;
  operation: string;
  /** How many rows. */
  count: number;
}

export interface Look {
  /** What changed since the watch began or since the last `restore`. */
  changes: SeenChange[];
  /** How many requests are remembered by key. */
  keys: number;
}

/**
 * A database whose every change is seen (by triggers, which roll back with what they saw) and can be taken back to the
 * state in which the watch began. That a token was used is no change.
 */
export class WatchedDatabase {
  readonly #database: DataSource;
  readonly #tables: readonly string[];
  /** Names are quoted; statements are put together from names of the catalogue alone. */
  readonly #quoted: ReadonlyMap<string, string>;

  private constructor(database: DataSource, tables: readonly string[]) {
    this.#database = database;
    this.#tables = tables;
    this.#quoted = new Map(tables.map((table) => [table, `"${table.replaceAll('"', '""')}"`]));
  }

  static async watch(database: DataSource): Promise<WatchedDatabase> {
    const tables = await rows<{ tablename: string }>(
      database,
      `select tablename from pg_tables where schemaname = 'public' and tablename <> all ($1) order by tablename`,
      [UNWATCHED],
    );
    await rows(database, WATCH);
    return new WatchedDatabase(
      database,
      tables.map(({ tablename }) => tablename),
    );
  }

  async look(): Promise<Look> {
    const seen = await rows<{ table: string; operation: string; count: number }>(
      this.#database,
      `select "table", operation, count(*)::int as count from watch.changes group by 1, 2
       union all select '', '', count(*)::int from idempotency_keys`,
    );
    const keys = seen.find(({ table }) => table === '')?.count ?? 0;
    const order = ({ table, operation }: SeenChange) => `${table} ${operation}`;
    const changes = seen.filter(({ table }) => table !== '').sort((a, b) => (order(a) < order(b) ? -1 : 1));
    return { changes, keys };
  }

  /** Takes `changes` back. */
  async restore(changes: readonly SeenChange[]): Promise<void> {
    const changed = new Set(changes.map(({ table }) => table));
    if (changed.size === 0) return;
    const names = this.#tables.filter((table) => changed.has(table)).map((table) => this.#quoted.get(table));
    // In one go. Neither triggers nor references act while the old rows are put back.
    await rows(
      this.#database,
      [
        'begin; set local session_replication_role = replica',
        ...names.map((name) => `delete from public.${name}; insert into public.${name} select * from watch.${name}`),
        'delete from watch.changes; commit',
      ].join(';'),
    );
  }

  /** A mark of all rows of all watched tables, but for when tokens were used. */
  async mark(): Promise<string> {
    const [all] = await rows<{ content: string }>(
      this.#database,
      `select string_agg(hash, ' ' order by hash) as content from (
         select tablename || (xpath('/row/hash/text()', query_to_xml(format(
           'select md5(string_agg((to_jsonb(t) - ''last_used_at'')::text, '''' order by (to_jsonb(t) - ''last_used_at'')::text)) as hash from %I t',
           tablename), true, true, '')))[1]::text as hash
           from pg_tables where schemaname = 'public' and tablename = any ($1)) as hashes`,
      [this.#tables],
    );
    return all?.content ?? '';
  }
}

const WATCH = `do $watch$
declare
  name text;
begin
  create schema watch;
  create table watch.changes ("table" text not null, operation text not null);
  create function watch.note() returns trigger language plpgsql as $note$
    begin
      insert into watch.changes values (tg_table_name, tg_op);
      return null;
    end $note$;
  for name in select tablename from pg_tables
               where schemaname = 'public' and tablename not in ('migrations', 'idempotency_keys') loop
    execute format('create table watch.%I as table public.%I', name, name);
    execute format('create trigger watch_rows after insert or delete on public.%I for each row execute function watch.note()', name);
    execute format('create trigger watch_all after truncate on public.%I execute function watch.note()', name);
    if name = 'api_tokens' then
      create trigger watch_updates after update of name, token_hash, role, created_at, expires_at, revoked_at
        on public.api_tokens for each row execute function watch.note();
    else
      execute format('create trigger watch_updates after update on public.%I for each row execute function watch.note()', name);
    end if;
  end loop;
end $watch$`;
