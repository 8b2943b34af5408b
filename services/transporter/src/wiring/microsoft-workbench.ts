import { Failure, isFailure, type Clock, type TaskCounts } from '@backhaul/domain';
import type { Loan } from '@backhaul/dispatch';
import { backupMailbox, restoreMailbox, type WorkContext, type WorkOutcome } from '@backhaul/engine';
import { calendarTarget, contactTarget, mailSource, mailTarget, openGraph, type Graph, type Transport } from '@backhaul/m365';
import type { LoanKeeper } from '../work/loan-keeper.ts';
import type { Workbench } from '../work/workbench.ts';
import type { OpenRepositories } from './repositories.ts';

export interface MicrosoftWorkbenchOptions {
  repositories: OpenRepositories;
  /** Connections to Microsoft, shared by all tasks. */
  transport: Transport;
  clock: Clock;
}

/** After this failure the writer is of no use to any task. */
const WRITER_ENDED = 'repository.writer-revoked';

/** Works on Microsoft 365 and the backup repositories, with what each attempt was lent. */
export function microsoftWorkbench({ repositories, transport, clock }: MicrosoftWorkbenchOptions): Workbench {
  return {
    async work(offer, keeper, context) {
      const graph = openGraph({
        root: keeper.loan.graph.root,
        linkHosts: keeper.loan.graph.linkHosts,
        token: (refused) => (refused === undefined ? keeper.token() : keeper.refreshToken()),
        clock,
        signal: context.signal,
        taskTag: offer.spec.taskId,
        checkLease: context.checkLease,
        transport,
      });
      const counted = countTraffic(context, graph);
      try {
        const outcome = await workOn(offer.spec.work.type, { offer, keeper, context: counted, graph, repositories });
        return { ...outcome, counts: withTraffic(outcome.counts, graph) };
      } catch (error) {
        if (isFailure(error) && error.code === WRITER_ENDED) await repositories.discard(offer.spec.repositoryId);
        throw error;
      } finally {
        await graph.close();
      }
    },
    async close() {
      await repositories.close();
      await transport.close();
    },
  };
}

interface Assignment {
  offer: Parameters<Workbench['work']>[0];
  keeper: LoanKeeper;
  context: WorkContext;
  graph: Graph;
  repositories: OpenRepositories;
}

function workOn(type: 'backup' | 'restore', assignment: Assignment): Promise<WorkOutcome> {
  refuseOtherKinds(assignment);
  refuseOtherRepository(assignment.offer.spec.repositoryId, assignment.keeper.loan.repository);
  return type === 'backup' ? backup(assignment) : restore(assignment);
}

async function backup({ offer, keeper, context, graph, repositories }: Assignment): Promise<WorkOutcome> {
  const { spec, fence } = offer;
  const { work } = spec;
  if (work.type !== 'backup') throw new Error('Not a backup.');
  return repositories.use(keeper.loan.repository, async ({ writer }) =>
    backupMailbox({
      source: mailSource(graph, spec.object.externalId),
      writer: await writer(),
      task: {
        chain: { jobId: work.jobId, objectId: spec.object.id },
        object: spec.object,
        jobName: keeper.loan.jobName,
        tenantName: keeper.loan.tenantName,
        taskId: spec.taskId,
        runId: spec.runId,
        fence,
      },
      work,
      context,
    }),
  );
}

async function restore({ offer, keeper, context, graph, repositories }: Assignment): Promise<WorkOutcome> {
  const { work, object } = offer.spec;
  if (work.type !== 'restore') throw new Error('Not a restore.');
  const { jobId, objectId, sequence } = work.source;
  return repositories.use(keeper.loan.repository, async ({ repository }) =>
    restoreMailbox({
      point: await repository.openPoint({ jobId, objectId }, sequence),
      targets: {
        mail: mailTarget(graph, object.externalId),
        contacts: contactTarget(graph, object.externalId),
        calendar: calendarTarget(graph, object.externalId),
      },
      work,
      context,
    }),
  );
}

function refuseOtherKinds({ offer }: Assignment): void {
  if (offer.spec.object.kind === 'mailbox') return;
  throw new Failure('invalid-input', {
    code: 'task.kind-unknown',
    message: `This Transporter cannot work on objects of the kind ${offer.spec.object.kind}.`,
    hint: 'Upgrade the Transporter.',
    retry: 'never',
    where: { kind: offer.spec.object.kind },
  });
}

/** What was lent must be what the task names; anything else is a mix-up that must not write a byte. */
function refuseOtherRepository(repositoryId: string, lent: Loan['repository']): void {
  if (lent.keys.repositoryId !== repositoryId) throw new Error('Lent keys of another repository.');
}

/** Progress with the requests and waiting times that only the connection knows. */
function countTraffic(context: WorkContext, graph: Graph): WorkContext {
  return {
    ...context,
    onProgress: (progress) => context.onProgress({ ...progress, counts: withTraffic(progress.counts, graph) }),
  };
}

function withTraffic(counts: TaskCounts, graph: Graph): TaskCounts {
  const { requests, throttledMs } = graph.counters;
  return { ...counts, requests, throttledMs: Math.round(throttledMs) };
}
