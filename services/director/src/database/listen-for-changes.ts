import type { Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { LISTEN_TO_CHANGES, UNLISTEN_TO_CHANGES, type Change } from './announce.ts';

export interface ChangeHandlers {
  onChange(change: Change): void;
  /** Listening began, or began again after a loss: something may have been missed, so look at everything. */
  onGap(): void;
}

/** What is used of the driver's client. */
interface Client {
  on(event: 'notification', listener: (message: { payload?: string }) => void): void;
  on(event: 'end' | 'error', listener: () => void): void;
  off(event: string, listener: (...values: never[]) => void): void;
}

const PAUSE_BEFORE_RECONNECT_MS = 1_000;

/** Hands on what Directors announce until `signal` is aborted; holds one connection of the pool and survives its loss. */
export async function listenForChanges(
  database: DataSource,
  handlers: ChangeHandlers,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await listenOnce(database, handlers, signal).catch(() => undefined);
    await clock.sleep(PAUSE_BEFORE_RECONNECT_MS, signal).catch(() => undefined);
  }
}

async function listenOnce(database: DataSource, handlers: ChangeHandlers, signal: AbortSignal): Promise<void> {
  const runner = database.createQueryRunner();
  const client = (await runner.connect()) as Client;
  const hear = ({ payload }: { payload?: string }) => handlers.onChange(JSON.parse(payload ?? '') as Change);
  const ended = new Promise<void>((resolve) => {
    client.on('end', resolve);
    client.on('error', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  client.on('notification', hear);
  try {
    await runner.query(LISTEN_TO_CHANGES);
    handlers.onGap();
    await ended;
    if (signal.aborted) await runner.query(UNLISTEN_TO_CHANGES);
  } finally {
    client.off('notification', hear);
    await runner.release().catch(() => undefined);
  }
}
