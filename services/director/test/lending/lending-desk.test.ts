import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LoanAnswer, LoanRequest } from '@backhaul/dispatch';
import { Failure, type FailureRecord } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import type { DataSource } from 'typeorm';
import { rows } from '../../src/database/statement.ts';
import type { Grant } from '../../src/grants/grant.store.ts';
import { GraphTokens, RENEWAL_PAUSE_MS, type TokenSourceOf } from '../../src/lending/graph-tokens.ts';
import { answerLoan, type LendingOptions } from '../../src/lending/lending-desk.ts';
import { settleAttempts } from '../../src/results/settle-attempts.ts';
import { stopRun } from '../../src/runs/stop-run.ts';
import { revokeTransporter } from '../../src/transporters/transporter.store.ts';
import { postgresForTests } from '../../testing/fixtures/postgres.ts';
import { backupResult, Installation } from '../../testing/installation.ts';

const postgres = postgresForTests();
let database: DataSource;
let installation: Installation;
let transporterId: string;
let grant: Grant;
let request: LoanRequest;
let hopeless: { taskId: string; fence: number; failure: FailureRecord }[];
let clock: FakeClock;
let desk: LendingOptions;

/** Numbers its tokens: a new number only when it is asked for a new token. */
function countingSource(): TokenSourceOf {
  let issued = 1;
  return async (tenantId, { anew }) => {
    if (anew) issued += 1;
    return {
      accessToken: `token ${issued} for ${tenantId}`,
      expiresAt: '2026-01-01T01:00:00.000Z',
      root: 'https://graph.test',
      linkHosts: [],
    };
  };
}

const deskWith = (source: TokenSourceOf): LendingOptions => ({ ...desk, tokens: new GraphTokens(source, clock) });
const tokenOf = (answer: LoanAnswer) => (answer.granted ? answer.loan.reveal().graph.accessToken : answer.reason);

beforeEach(async () => {
  database = await postgres.fresh();
  installation = await Installation.create(database);
  transporterId = await installation.transporter();
  const laneId = await installation.job({ mailboxes: 1 });
  await installation.start(laneId);
  const granted = await installation.grant({ epoch: await installation.epoch(), laneId, transporterId, count: 1 });
  grant = granted[0] as Grant;
  request = { taskId: grant.taskId, fence: grant.fence, boot: 'boot-1', tokenRefused: false };
  hopeless = [];
  clock = new FakeClock();
  desk = {
    database,
    tokens: new GraphTokens(countingSource(), clock),
    repositoryAccessOf: async (repositoryId) => ({
      location: { type: 'disk', folder: '/backup' },
      keys: { repositoryId, masterKey: 'key' },
    }),
    onHopeless: async ({ taskId, fence }, failure) => {
      hopeless.push({ taskId, fence, failure });
    },
  };
});

const reasonOf = (answer: LoanAnswer) => (answer.granted ? 'granted' : answer.reason);
const startedAt = async () => {
  const [attempt] = await rows<{ at: Date | null }>(
    database,
    'select started_at as at from attempts where fence = $1',
    [grant.fence],
  );
  return attempt?.at ?? null;
};

describe('The lending desk', () => {
  test('lends the holder of a running fence the tenant’s token and the repository’s keys, and notes the start', async () => {
    const answer = await answerLoan(desk, request, transporterId);
    if (!answer.granted) throw new Error(answer.reason);
    expect(answer.loan.reveal()).toMatchObject({
      graph: { accessToken: `token 1 for ${installation.tenantId}` },
      repository: { keys: { repositoryId: installation.repositoryId } },
      tenantName: 'Contoso',
      jobName: `job ${grant.laneId}`,
    });
    const first = await startedAt();
    expect(first).not.toBeNull();
    await answerLoan(desk, request, transporterId);
    expect(await startedAt()).toEqual(first);
  });

  test('shows nothing of a loan that is printed by mistake', async () => {
    const answer = await answerLoan(desk, request, transporterId);
    expect(JSON.stringify(answer)).not.toContain('token 1');
  });

  test('does not lend a token again that was refused, and gets a new one once for all who report it', async () => {
    const first = await answerLoan(desk, request, transporterId);
    expect(tokenOf(first)).toContain('token 1 ');

    const refused = { ...request, tokenRefused: true };
    const reports = await Promise.all([1, 2, 3].map(() => answerLoan(desk, refused, transporterId)));
    expect(reports.map(tokenOf)).toEqual(Array(3).fill(`token 2 for ${installation.tenantId}`));
    expect(tokenOf(await answerLoan(desk, request, transporterId))).toContain('token 2 ');

    await clock.advance(RENEWAL_PAUSE_MS - 1);
    expect(tokenOf(await answerLoan(desk, refused, transporterId))).toContain('token 2 ');
    await clock.advance(1);
    expect(tokenOf(await answerLoan(desk, refused, transporterId))).toContain('token 3 ');
  });

  test.each<[string, (valid: LoanRequest) => LoanRequest]>([
    ['The attempt has ended.', (valid) => ({ ...valid, fence: valid.fence + 1 })],
    ['Another process holds this attempt.', (valid) => ({ ...valid, boot: 'boot-2' })],
    ['There is no such task.', (valid) => ({ ...valid, taskId: '00000000-0000-4000-8000-000000000000' })],
    ['The request names no task of ours.', (valid) => ({ ...valid, taskId: 'x' })],
  ])('refuses with "%s"', async (reason, change) => {
    expect(reasonOf(await answerLoan(desk, change(request), transporterId))).toBe(reason);
    expect(await startedAt()).toBeNull();
  });

  test('refuses a Transporter that does not hold the fence', async () => {
    const stranger = await installation.transporter();
    expect(reasonOf(await answerLoan(desk, request, stranger))).toBe('Another process holds this attempt.');
  });

  test('refuses when the task is to be cancelled, has ended, or the Transporter was revoked', async () => {
    await stopRun(database, grant.spec.runId);
    expect(reasonOf(await answerLoan(desk, request, transporterId))).toBe('The task is to be cancelled.');
    await settleAttempts(database, [{ by: 'holder', senderId: transporterId, result: backupResult(grant) }]);
    expect(reasonOf(await answerLoan(desk, request, transporterId))).toBe('The attempt has ended.');
    await revokeTransporter(database, transporterId);
    expect(reasonOf(await answerLoan(desk, request, transporterId))).toBe('This Transporter was revoked.');
  });

  test('lends nothing when the fence was lost while the token was fetched', async () => {
    const slow = deskWith(async (tenantId, options) => {
      await settleAttempts(database, [{ by: 'director', taskId: grant.taskId, fence: grant.fence, outcome: 'lost' }]);
      return countingSource()(tenantId, options);
    });
    expect(reasonOf(await answerLoan(slow, request, transporterId))).toBe('The attempt has ended.');
    expect(hopeless).toEqual([]);
  });

  test('ends an attempt that could not begin for want of a token, but not one that is at work', async () => {
    const wrongSecret = new Failure('unauthenticated', {
      code: 'tenant.secret-invalid',
      message: 'Microsoft refuses the secret.',
      hint: 'Set a new one.',
      retry: 'never',
    });
    const broken = deskWith(() => Promise.reject(wrongSecret));
    const answer = await answerLoan(broken, request, transporterId);
    expect(reasonOf(answer)).toBe('Microsoft refuses the secret. Set a new one.');
    expect(hopeless).toEqual([
      { taskId: grant.taskId, fence: grant.fence, failure: expect.objectContaining({ code: 'tenant.secret-invalid' }) },
    ]);

    await answerLoan(desk, request, transporterId);
    hopeless = [];
    expect((await answerLoan(broken, request, transporterId)).granted).toBe(false);
    expect(hopeless).toEqual([]);
  });

  test('gives no answer to an attempt at work while Microsoft Entra is away, so that it asks again', async () => {
    await answerLoan(desk, request, transporterId);
    const away = new Failure('unreachable', { code: 'entra.away', message: 'Entra does not answer.', retry: 'later' });
    const asking = answerLoan(
      deskWith(() => Promise.reject(away)),
      request,
      transporterId,
    );
    await expect(asking).rejects.toBe(away);
    expect(hopeless).toEqual([]);
  });
});
