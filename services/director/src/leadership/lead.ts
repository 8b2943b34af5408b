import type { Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import type { CoreLogger } from '../core/director-core.ts';
import { beat, resign, takeOver, type Epoch } from './leader.store.ts';

export interface LeadOptions {
  database: DataSource;
  clock: Clock;
  logger: CoreLogger;
  directorId: string;
  /** A leader silent for longer, by the database's clock, is replaced. It beats five times in that span. */
  silenceMs: number;
  /** The dispatcher's work; ends when its signal is aborted. When it throws, leadership is given up. */
  dispatch(epoch: Epoch, signal: AbortSignal): Promise<void>;
}

/** Takes part in the election until `signal` is aborted: waits for its turn, dispatches, and steps back when replaced. */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { database, clock, logger, directorId, silenceMs } = options;
  while (!signal.aborted) {
    try {
      const epoch = await takeOver(database, { directorId, silenceMs });
      if (epoch !== null) await oneTerm(options, epoch, signal);
    } catch (error) {
      logger.warn({ error: String(error) }, 'cannot take part in the election of the dispatcher; trying again');
    }
    await clock.sleep(silenceMs / 5, signal).catch(() => undefined);
  }
}

async function oneTerm(options: LeadOptions, epoch: Epoch, signal: AbortSignal): Promise<void> {
  const { database, logger } = options;
  const term = new AbortController();
  // The signal may have been aborted while the election went on.
  const over = AbortSignal.any([signal, term.signal]);
  logger.info({ epoch }, 'this Director dispatches now');
  const heart = keepBeating(options, epoch, over).finally(() => term.abort());
  try {
    await options.dispatch(epoch, over);
  } catch (error) {
    if (!over.aborted) logger.error({ epoch, error: String(error) }, 'dispatching failed; stepping back');
  } finally {
    term.abort();
    await heart;
    await resign(database, epoch).catch(() => undefined);
    logger.info({ epoch }, 'this Director no longer dispatches');
  }
}

/** Ends when another Director has taken over. Trouble with the database is no reason to stop: grants fail by themselves. */
async function keepBeating(
  { database, clock, logger, silenceMs }: LeadOptions,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(silenceMs / 5, signal).catch(() => undefined);
    if (signal.aborted) return;
    const isStillLeader = await beat(database, epoch).catch((error: unknown) => {
      logger.warn({ epoch, error: String(error) }, 'the heartbeat could not be written');
      return true;
    });
    if (!isStillLeader) {
      logger.warn({ epoch }, 'another Director has taken over');
      return;
    }
  }
}
