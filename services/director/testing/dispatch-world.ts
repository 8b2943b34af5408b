import { randomUUID } from 'node:crypto';
import { createSealingKeys, memoryDispatch, type MemoryDispatch } from '@backhaul/dispatch';
import { FakeClock } from '@backhaul/domain/testing';
import type { DataSource } from 'typeorm';
import type { CoreLogger, DirectorCore } from '../src/core/director-core.ts';
import { startDirectorCore } from '../src/core/start-director-core.ts';
import { rows } from '../src/database/statement.ts';
import { FakeTransporter } from './fake-transporter.ts';
import { Installation } from './installation.ts';

/** Lease time of the world, in milliseconds: a lost holder is found 3 s after it. */
export const LEASE_TIME_MS = 6_000;

/** Steps in which time is moved; the database, whose answers take real time, is asked between them. */
const STEP_MS = 200;

export interface RunningTaskRow {
  taskId: string;
  laneId: string;
  fence: number;
  slot: number;
  transporterId: string;
}

/** Directors and Transporters on the dispatch in memory and a real database; time stands still until it is moved. */
export class DispatchWorld {
  readonly clock = new FakeClock();
  readonly database: DataSource;
  readonly installation: Installation;
  readonly dispatch: MemoryDispatch;
  /** Warnings and errors of all Directors. */
  readonly warnings: string[] = [];
  readonly #directors: DirectorCore[] = [];
  readonly #transporters: FakeTransporter[] = [];

  private constructor(installation: Installation) {
    this.installation = installation;
    this.database = installation.database;
    this.dispatch = memoryDispatch({ clock: this.clock, leaseTimeMs: LEASE_TIME_MS });
  }

  static async create(database: DataSource): Promise<DispatchWorld> {
    return new DispatchWorld(await Installation.create(database));
  }

  /** Another Director on the same database, or on `database`, another pool of connections to it. */
  startDirector(database: DataSource = this.database): DirectorCore {
    const core = startDirectorCore({
      database,
      dispatch: this.dispatch.director,
      clock: this.clock,
      logger: this.#logger(),
      directorId: randomUUID(),
      leaseTimeMs: LEASE_TIME_MS,
      ageingMs: 0,
      tokenSourceOf: async () => ({
        accessToken: 'token',
        expiresAt: '2026-01-01T01:00:00.000Z',
        root: 'https://graph.test',
        linkHosts: [],
      }),
      repositoryAccessOf: async (repositoryId) => ({
        location: { type: 'disk', folder: '/backup' },
        keys: { repositoryId, masterKey: 'key' },
      }),
    });
    this.#directors.push(core);
    return core;
  }

  /** An enrolled Transporter that is up. */
  async startTransporter(slots: number): Promise<FakeTransporter> {
    const transporterId = await this.installation.transporter();
    const { publicKey, privateKey } = await createSealingKeys();
    await rows(this.database, 'update transporters set sealing_key = $2 where id = $1', [transporterId, publicKey]);
    await rows(this.database, `select pg_notify('backhaul_changes', $1)`, [
      JSON.stringify({ type: 'transporter', transporterId }),
    ]);
    const transporter = new FakeTransporter({
      transporterId,
      slots,
      clock: this.clock,
      leaseTimeMs: LEASE_TIME_MS,
      connect: (boot) => this.dispatch.transporter(transporterId, boot, privateKey),
    });
    this.#transporters.push(transporter);
    return transporter;
  }

  /** Moves time on until `holds`, which may ask the database. @throws when it does not within `withinMs` of that time. */
  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
    const endMs = this.clock.monotonicMs() + withinMs;
    while (!(await holds())) {
      if (this.clock.monotonicMs() >= endMs)
        throw new Error(`Not within ${withinMs} ms: ${what}.\n${this.warnings.join('\n')}`);
      await this.#step();
    }
  }

  /** Moves time on by `ms`; `always` is asserted after every step. */
  async pass(ms: number, always: () => void | Promise<void> = () => undefined): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    while (this.clock.monotonicMs() < endMs) {
      await this.#step();
      await always();
    }
  }

  /** What the database says is running, in the order of fences. */
  running(): Promise<RunningTaskRow[]> {
    return rows(
      this.database,
      `select id as "taskId", lane_id as "laneId", fence, slot, transporter_id as "transporterId"
         from tasks where state = 'running' order by fence`,
    );
  }

  /** How many tasks of a run are in which state. */
  async states(runId: string): Promise<Record<string, number>> {
    const found = await rows<{ state: string; count: number }>(
      this.database,
      'select state, count(*)::integer as count from tasks where run_id = $1 group by state',
      [runId],
    );
    return Object.fromEntries(found.map(({ state, count }) => [state, count]));
  }

  /** How the attempts at the tasks of a run ended, in the order of fences; null: at work. */
  async outcomes(runId: string): Promise<(string | null)[]> {
    const found = await rows<{ outcome: string | null }>(
      this.database,
      'select outcome from attempts join tasks on tasks.id = task_id where run_id = $1 order by attempts.fence',
      [runId],
    );
    return found.map(({ outcome }) => outcome);
  }

  async close(): Promise<void> {
    for (const transporter of this.#transporters) transporter.vanish();
    await Promise.all(this.#directors.map((director) => director.close()));
  }

  /** The query lets answers of the database that are on their way arrive before time goes on. */
  async #step(): Promise<void> {
    await this.clock.advance(STEP_MS);
    await rows(this.database, 'select 1');
  }

  #logger(): CoreLogger {
    const keep = (details: Record<string, unknown>, message: string) => {
      this.warnings.push(`${message} ${JSON.stringify(details)}`);
    };
    return { info: () => undefined, warn: keep, error: keep };
  }
}
