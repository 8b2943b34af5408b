import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskStore } from '@backhaul/blob-store';
import { Secret } from '@backhaul/domain';
import {
  openRepository,
  unlockRepository,
  type PointReader,
  type PointRecord,
  type Repository,
} from '@backhaul/repository';
import type { ControlClient } from '@backhaul/graph-simulator';
import type { ObjectView } from '../system/director-client.ts';
import type { PreparedJob } from '../system/prepare-job.ts';
import { compareTree, type ExpectedTree } from './compare-tree.ts';
import { expectedCalendar } from './expected-calendar.ts';
import { expectedContacts } from './expected-contacts.ts';
import { expectedFiles } from './expected-files.ts';
import { expectedMail } from './expected-mail.ts';
import { sumComparisons, type Comparison } from './difference.ts';
import { sentBodies } from './sent-bodies.ts';

/** Opens the job's repository with folder and password alone, as after the loss of every server, for as long as `use` runs. */
export async function withRepository<T>(job: PreparedJob, use: (repository: Repository) => Promise<T>): Promise<T> {
  const store = await openDiskStore(job.repositoryFolder);
  const cacheFolder = await mkdtemp(join(tmpdir(), 'backhaul-compare-'));
  const keys = await unlockRepository(store, new Secret(job.repositoryPassword));
  const repository = await openRepository(store, { keys, cacheFolder, workers: 0, toolVersion: 'comparison' });
  try {
    return await use(repository);
  } finally {
    await repository.close();
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** The points of each protected object, oldest first, by object id. */
export async function chainsOf(repository: Repository, job: PreparedJob): Promise<Map<string, PointRecord[]>> {
  const chains = new Map<string, PointRecord[]>();
  for (const { id } of job.objects) {
    chains.set(id, await repository.points({ jobId: job.jobId, objectId: id }));
  }
  return chains;
}

/**
 * Compares the newest point of every protected object with the tenant as it was at a mark.
 *
 * @param proven contents of files that were compared before, see {@link expectedFiles}
 */
export async function compareBackup(
  repository: Repository,
  control: ControlClient,
  job: PreparedJob,
  mark: number,
  proven: Set<string> = new Set(),
): Promise<Comparison> {
  const sent = await sentBodies(control);
  const comparisons: Comparison[] = [];
  const points = new Map<string, PointReader | null>();
  for await (const { object, tree } of expectedTrees(control, job, mark, { sent, proven })) {
    const known = points.get(object.id);
    const point = known === undefined ? await newestPoint(repository, job, object) : known;
    points.set(object.id, point);
    comparisons.push(point === null ? withoutPoint(tree) : await compareTree(point, tree));
  }
  return sumComparisons(comparisons);
}

async function newestPoint(repository: Repository, job: PreparedJob, object: ObjectView): Promise<PointReader | null> {
  const chain = { jobId: job.jobId, objectId: object.id };
  const head = (await repository.points(chain)).at(-1);
  return head === undefined ? null : repository.openPoint(chain, head.sequence);
}

function withoutPoint({ owner, kind }: ExpectedTree): Comparison {
  return {
    items: 0,
    folders: 0,
    bytes: 0,
    differences: [{ object: owner, item: '', problem: `has no recovery point of its ${kind}` }],
  };
}

interface KnownContents {
  /** SHA-256 of every body the tenant has sent. */
  sent: ReadonlySet<string>;
  /** SHA-256 of contents of files that were read and compared. */
  proven: Set<string>;
}

/**
 * What each point must hold, kind by kind; while one is compared the tenant, a process of its own, already tells the next.
 */
async function* expectedTrees(
  control: ControlClient,
  job: PreparedJob,
  mark: number,
  known: KnownContents,
): AsyncGenerator<{ object: ObjectView; tree: ExpectedTree }> {
  const questions = job.objects.flatMap((object) =>
    questionsAbout(control, object, mark, known).map((ask) => async () => ({ object, tree: await ask() })),
  );
  let next = questions.shift()?.();
  while (next !== undefined) {
    const current = await next;
    next = questions.shift()?.();
    // It is awaited later; until then its failure is not an unhandled one.
    next?.catch(() => undefined);
    yield current;
  }
}

function questionsAbout(
  control: ControlClient,
  object: ObjectView,
  mark: number,
  { sent, proven }: KnownContents,
): (() => Promise<ExpectedTree>)[] {
  const mailbox = object.externalId;
  if (object.kind === 'oneDrive') {
    return [async () => expectedFiles(await control.driveTruth({ user: mailbox, mark }), proven)];
  }
  return [
    async () => expectedMail(await control.truth({ mailbox, mark }), sent),
    async () => expectedContacts(await control.contactsTruth({ mailbox, mark })),
    async () => expectedCalendar(await control.calendarTruth({ mailbox, mark })),
  ];
}
