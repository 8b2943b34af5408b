import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDiskStore } from '@backhaul/blob-store';
import type { Loan, LoanRequest, Offer } from '@backhaul/dispatch';
import { offer as offerBuilder, taskSpec } from '@backhaul/dispatch/testing';
import { Secret, systemClock } from '@backhaul/domain';
import type { WorkContext } from '@backhaul/engine';
import { startSimulator, type Simulator } from '@backhaul/graph-simulator';
import { createTokenSource, createTransport, type TokenSource, type Transport } from '@backhaul/m365';
import { createRepository } from '@backhaul/repository';
import { CHEAP_ARGON2, TEST_PASSWORD } from '@backhaul/repository/testing';
import { borrow, type LoanKeeper } from '../../src/work/loan-keeper.ts';
import type { Workbench } from '../../src/work/workbench.ts';
import { microsoftWorkbench } from '../../src/wiring/microsoft-workbench.ts';
import { openRepositories } from '../../src/wiring/repositories.ts';

/** Backups on the real workbench: the simulated tenant, a repository on disk, tokens as the Director lends them. */

const clock = systemClock();
const JOB_ID = '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f03';

let folder: string;
let simulator: Simulator;
let transport: Transport;
let tokens: TokenSource;
let repository: Loan['repository'];
let workbench: Workbench;
let asked: LoanRequest[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-workbench-'));
  simulator = await startSimulator({ mailboxes: 2, messages: 20 });
  const caCertificates = [simulator.caCertificate];
  transport = createTransport({ caCertificates });
  const location = join(folder, 'repository');
  await mkdir(location);
  const store = await openDiskStore(location);
  const keys = await createRepository(store, { password: TEST_PASSWORD, argon2: CHEAP_ARGON2 });
  repository = { location: { type: 'disk', folder: location }, keys: keys.reveal() };
  workbench = microsoftWorkbench({
    repositories: openRepositories({
      repositoryRoots: [folder],
      cacheFolder: join(folder, 'cache'),
      workers: 0,
      toolVersion: 'test',
      clock,
    }),
    transport: createTransport({ caCertificates }),
    clock,
  });
}, 60_000);
beforeEach(() => {
  asked = [];
  tokens = createTokenSource({
    loginUrl: simulator.loginUrl,
    graphUrl: simulator.graphUrl,
    directoryId: simulator.tenantId,
    clientId: simulator.clientId,
    credential: { type: 'secret', secret: new Secret(simulator.clientSecret) },
    transport,
  });
});
afterAll(async () => {
  await workbench.close();
  await transport.close();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Lends from the cache as the Director does, and another token when one was refused. */
async function lend(request: LoanRequest) {
  asked.push(request);
  const { accessToken, expiresAt } = await (request.tokenRefused ? tokens.refresh() : tokens.token());
  const graph = {
    accessToken: accessToken.reveal(),
    expiresAt: expiresAt.toISOString(),
    root: simulator.graphUrl,
    linkHosts: [],
  };
  return {
    granted: true as const,
    loan: new Secret<Loan>({ graph, repository, jobName: 'Mail', tenantName: 'Contoso' }),
  };
}

async function borrowed(offer: Offer, signal: AbortSignal): Promise<LoanKeeper> {
  const attempt = { taskId: offer.spec.taskId, fence: offer.fence, boot: offer.boot };
  const keeper = await borrow({ ask: lend }, attempt, clock, signal);
  if (keeper === null) throw new Error('It was to be lent.');
  return keeper;
}

async function mailboxOffer(taskId: string, changes: Partial<Offer> = {}): Promise<Offer> {
  const user = (await simulator.control.users()).find(({ messages }) => messages > 0);
  if (user === undefined) throw new Error('There was to be a mailbox.');
  const { object, work } = taskSpec();
  if (work.type !== 'backup') throw new Error('A backup.');
  const spec = taskSpec({
    taskId,
    object: { ...object, id: '0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f04', externalId: user.id },
    repositoryId: repository.keys.repositoryId,
    work: { ...work, jobId: JOB_ID },
  });
  return offerBuilder({ spec, ...changes });
}

function contextOf(signal: AbortSignal): WorkContext {
  return { clock, signal, checkLease: () => undefined, shouldYield: () => null, onProgress: () => undefined };
}

describe('The workbench on Microsoft 365', () => {
  const { signal } = new AbortController();

  test('goes on with another token after Microsoft refused the lent one, which had not expired', async () => {
    const offer = await mailboxOffer('0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f10');
    const keeper = await borrowed(offer, signal);
    const refused = keeper.loan.graph.accessToken;
    await simulator.control.revokeTokens();
    await nextSecond();

    const outcome = await workbench.work(offer, keeper, contextOf(signal));

    expect(outcome).toMatchObject({ type: 'done', outcome: 'succeeded', point: { jobId: JOB_ID, sequence: 1 } });
    expect(outcome.counts.itemsTotal).toBeGreaterThan(0);
    expect(asked.map(({ tokenRefused }) => tokenRefused)).toEqual([false, true]);
    expect(keeper.loan.graph.accessToken).not.toBe(refused);
  });

  test('refuses, before anything is read, keys of another repository than the task names', async () => {
    const offer = await mailboxOffer('0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f11');
    const other: Offer = { ...offer, spec: { ...offer.spec, repositoryId: 'another' } };
    const keeper = await borrowed(other, signal);
    const { next } = await simulator.control.log();
    await expect(workbench.work(other, keeper, contextOf(signal))).rejects.toThrow('another');
    expect((await simulator.control.log({ since: next })).entries).toEqual([]);
  });

  test('refuses objects of a kind that it does not know', async () => {
    const offer = await mailboxOffer('0199b1a0-5c3e-7d10-9f5a-2b1e6c0d4f12');
    const site: Offer = { ...offer, spec: { ...offer.spec, object: { ...offer.spec.object, kind: 'site' } } };
    await expect(workbench.work(site, await borrowed(site, signal), contextOf(signal))).rejects.toMatchObject({
      code: 'task.kind-unknown',
    });
  });
});

/** Tokens tell the whole second of their issue, and those of the second of a revocation are refused, too. */
function nextSecond(): Promise<void> {
  return clock.sleep(1_000 - (clock.now().getTime() % 1_000));
}
