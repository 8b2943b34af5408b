import {
  Failure,
  isFailure,
  type BackupWork,
  type Clock,
  type ObjectKind,
  type RestoreWork,
  type TaskCounts,
} from '@backhaul/domain';
import type { Loan } from '@backhaul/dispatch';
import {
  ContentBudget,
  backupDrive,
  backupMailbox,
  restoreDrive,
  restoreMailbox,
  type BackupMailboxInput,
  type RestoreMailboxInput,
  type WorkContext,
  type WorkOutcome,
} from '@backhaul/engine';
import {
  driveSource,
  driveTarget,
  mailboxSources,
  mailboxTargets,
  openDriveGate,
  openGraph,
  type Gate,
  type Graph,
  type Transport,
} from '@backhaul/m365';
import type { LoanKeeper } from '../work/loan-keeper.ts';
import type { Workbench } from '../work/workbench.ts';
import type { OpenRepositories } from './repositories.ts';

export interface MicrosoftWorkbenchOptions {
  repositories: OpenRepositories;
  /** Connections to Microsoft, shared by all tasks. */
  transport: Transport;
  clock: Clock;
}

/** What the tasks of this process hold of fetched items at once; messages of 2 MB come a dozen at a time then. */
const CONTENT_BUDGET_BYTES = 24 * 1024 * 1024;

/** After this failure the writer is of no use to any task. */
const WRITER_ENDED = 'repository.writer-revoked';

/** Works on Microsoft 365 and the backup repositories, with what each attempt was lent. */
export function microsoftWorkbench({ repositories, transport, clock }: MicrosoftWorkbenchOptions): Workbench {
  // Microsoft counts what is asked of drives by tenant, not by drive: when one task must wait, all must.
  const driveGates = new Map<string, Gate>();
  const driveGateOf = (tenantId: string): Gate => {
    const gate = driveGates.get(tenantId) ?? openDriveGate(clock);
    driveGates.set(tenantId, gate);
    return gate;
  };
  const contentBudget = new ContentBudget(CONTENT_BUDGET_BYTES);
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
        driveGate: driveGateOf(offer.spec.object.tenantId),
      });
      const counted = countTraffic({ ...context, contentBudget }, graph);
      try {
        const outcome = await workOn({ offer, keeper, context: counted, graph, repositories });
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

function workOn(assignment: Assignment): Promise<WorkOutcome> {
  const { spec } = assignment.offer;
  const work = WORK[spec.object.kind];
  if (work === undefined) throw unknownKind(spec.object.kind);
  refuseOtherRepository(spec.repositoryId, assignment.keeper.loan.repository);
  const { work: wanted } = spec;
  return wanted.type === 'backup' ? backUp(assignment, wanted, work) : restore(assignment, wanted, work);
}

/** What is done with an object of one kind. */
interface ObjectWork {
  backUp(graph: Graph, externalId: string, input: BackupInput): Promise<WorkOutcome>;
  restore(graph: Graph, externalId: string, input: RestoreInput): Promise<WorkOutcome>;
}

type BackupInput = Omit<BackupMailboxInput, 'sources'>;
type RestoreInput = Omit<RestoreMailboxInput, 'targets'>;

const WORK: Partial<Record<ObjectKind, ObjectWork>> = {
  mailbox: {
    backUp: (graph, user, input) =>
      backupMailbox({ ...input, sources: mailboxSources(graph, user, input.work.include) }),
    restore: (graph, user, input) => restoreMailbox({ ...input, targets: mailboxTargets(graph, user) }),
  },
  oneDrive: {
    backUp: (graph, user, input) => backupDrive({ ...input, source: driveSource(graph, user) }),
    restore: (graph, user, input) => restoreDrive({ ...input, target: driveTarget(graph, user) }),
  },
};

async function backUp(assignment: Assignment, work: BackupWork, on: ObjectWork): Promise<WorkOutcome> {
  const { offer, keeper, context, graph, repositories } = assignment;
  const { spec, fence } = offer;
  return repositories.use(keeper.loan.repository, async ({ writer }) =>
    on.backUp(graph, spec.object.externalId, {
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

async function restore(assignment: Assignment, work: RestoreWork, on: ObjectWork): Promise<WorkOutcome> {
  const { offer, keeper, context, graph, repositories } = assignment;
  const { jobId, objectId, sequence } = work.source;
  return repositories.use(keeper.loan.repository, async ({ repository }) =>
    on.restore(graph, offer.spec.object.externalId, {
      point: await repository.openPoint({ jobId, objectId }, sequence),
      work,
      context,
    }),
  );
}

function unknownKind(kind: ObjectKind): Failure {
  return new Failure('invalid-input', {
    code: 'task.kind-unknown',
    message: `This Transporter cannot work on objects of the kind ${kind}.`,
    hint: 'Upgrade the Transporter.',
    retry: 'never',
    where: { kind },
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
