import { DEFAULT_LEASE_TIME_MS } from '@backhaul/dispatch';
import type { DataSource } from 'typeorm';
import { announce } from '../database/announce.ts';
import { rows } from '../database/statement.ts';
import type { Dispatcher } from '../grants/dispatcher.ts';
import { Loops } from '../grants/loops.ts';
import { runTerm } from '../grants/run-term.ts';
import { lead } from '../leadership/lead.ts';
import { GraphTokens } from '../lending/graph-tokens.ts';
import { answerLoan, type LendingOptions } from '../lending/lending-desk.ts';
import { settleAttempts } from '../results/settle-attempts.ts';
import { sealingKeyOf } from '../transporters/transporter.store.ts';
import type { CoreCounters, DirectorCore, DirectorCoreOptions } from './director-core.ts';

const AGEING_MS = 3_600_000;
const LEADER_SILENCE_MS = 5_000;

/**
 * Starts what a Director does besides its API: it lends to running attempts, takes part in the election, and dispatches
 * while it leads. Returns at once; several Directors may run on one database. Never throws: what is missing (database,
 * NATS) is tried again until {@link DirectorCore.close}.
 */
export function startDirectorCore(options: DirectorCoreOptions): DirectorCore {
  const { database, dispatch, clock, logger, directorId, leaseTimeMs = DEFAULT_LEASE_TIME_MS } = options;
  const counters: CoreCounters = { granted: 0, accepted: 0, stale: 0, lost: 0, unclaimed: 0, loansRefused: 0 };
  let dispatcher: Dispatcher | null = null;

  const loops = new Loops(clock, logger);
  const desk = lendingDesk(options);
  loops.keep('lending', () =>
    dispatch.lending.serve(
      async (request, borrowerId) => {
        const answer = await answerLoan(desk, request, borrowerId);
        if (!answer.granted) counters.loansRefused += 1;
        return answer;
      },
      (borrowerId) => sealingKeyOf(database, borrowerId),
      loops.signal,
    ),
  );
  loops.keep('taking part in the election', () =>
    lead(
      {
        ...{ database, clock, logger, directorId },
        silenceMs: options.leaderSilenceMs ?? LEADER_SILENCE_MS,
        async dispatch(epoch, signal) {
          const ageingMs = options.ageingMs ?? AGEING_MS;
          const onReady = (ready: Dispatcher) => {
            dispatcher = ready;
          };
          const term = { database, dispatch, clock, logger, counters, directorId, leaseTimeMs, ageingMs, onReady };
          await runTerm(term, epoch, signal).finally(() => {
            dispatcher = null;
          });
        },
      },
      loops.signal,
    ),
  );

  return {
    isLeader: () => dispatcher !== null,
    whyWaiting: (taskId) => dispatcher?.whyWaiting(taskId) ?? null,
    counters,
    close: () => loops.end(),
  };
}

function lendingDesk(options: DirectorCoreOptions): LendingOptions {
  return {
    database: options.database,
    tokens: new GraphTokens(options.tokenSourceOf, options.clock),
    repositoryAccessOf: (repositoryId) => options.repositoryAccessOf(repositoryId),
    async onHopeless({ taskId, fence }, failure) {
      await settleAttempts(options.database, [{ by: 'director', taskId, fence, outcome: 'failed', failure }]);
      // Whichever Director dispatches has to hear of it.
      await announceTask(options.database, taskId);
    },
  };
}

async function announceTask(database: DataSource, taskId: string): Promise<void> {
  const [task] = await rows<{ runId: string }>(database, 'select run_id as "runId" from tasks where id = $1', [taskId]);
  if (task !== undefined) await announce(database, { type: 'run', runId: task.runId });
}
