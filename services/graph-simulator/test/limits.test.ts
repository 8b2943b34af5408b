import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MailboxLimits } from '../src/limits/mailbox-limits.ts';
import { RetryAfterWatch } from '../src/limits/retry-after-watch.ts';
import { useSimulator } from './support/use-simulator.ts';

const LIMITS = {
  concurrentPerMailbox: 4,
  requestsPerWindow: 10,
  windowSeconds: 60,
  uploadBytesPer5Minutes: 1000,
  retryAfterSeconds: 2,
};

describe('the limits of a mailbox', () => {
  test('the window slides: what is refused now is let in when the oldest requests have left it', () => {
    const limits = new MailboxLimits();
    for (let request = 0; request < 10; request++) limits.enter('m', 0, LIMITS, request * 1000)();
    let wait = 0;
    try {
      limits.enter('m', 0, LIMITS, 20_000);
    } catch (error) {
      wait = Number((error as { headers: Record<string, string> }).headers['Retry-After']);
    }
    expect(wait).toBeGreaterThanOrEqual(40);
    expect(wait).toBeLessThanOrEqual(42);
    expect(() => limits.enter('m', 0, LIMITS, 20_000 + wait * 1000)).not.toThrow();
    expect(() => limits.enter('another', 0, LIMITS, 20_000)).not.toThrow();
  });

  test('uploaded bytes are counted over five minutes', () => {
    const limits = new MailboxLimits();
    limits.enter('m', 900, LIMITS, 0)();
    expect(() => limits.enter('m', 200, LIMITS, 1000)).toThrow('UploadLimit');
    expect(() => limits.enter('m', 100, LIMITS, 1000)).not.toThrow();
    expect(() => limits.enter('m', 900, LIMITS, 310_000)).not.toThrow();
  });
});

describe('who was told to wait', () => {
  test('is early only between the grace and the end of the pause, in its own scope', () => {
    const watch = new RetryAfterWatch();
    watch.told('a', 2, 1000);
    expect([1100, 1249, 1251, 2999, 3000, 4000].map((now) => watch.isEarly('a', 250, now))).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(watch.isEarly('b', 250, 2000)).toBe(false);
  });

  test('a later refusal makes the pause longer, never shorter', () => {
    const watch = new RetryAfterWatch();
    watch.told('a', 10, 0);
    watch.told('a', 1, 1000);
    expect(watch.isEarly('a', 250, 9000)).toBe(true);
    watch.told('a', 20, 9500);
    expect(watch.isEarly('a', 250, 29_000)).toBe(true);
  });
});

describe('limits over the wire', () => {
  const bench = useSimulator({ mailboxes: 2, messages: 40 });
  let users: string[] = [];

  beforeAll(async () => {
    users = (await bench.simulator.control.users()).map(({ id }) => id);
  });

  afterEach(() =>
    bench.simulator.control.updateSettings({
      latencyMs: 0,
      limits: { requestsPerWindow: 10_000, concurrentPerMailbox: 4 },
    }),
  );

  test('a fifth request at once on one mailbox is refused; other mailboxes are not touched', async () => {
    await bench.simulator.control.updateSettings({ latencyMs: 200 });
    const { next } = await bench.simulator.control.log();
    const inbox = (user: string): Promise<number> =>
      bench.graph.call(`/users/${user}/mailFolders/inbox`).then(({ status }) => status);
    await bench.graph.call('/users?$top=1');
    const first = await Promise.all([
      ...Array.from({ length: 6 }, () => inbox(users[0]!)),
      ...Array.from({ length: 4 }, () => inbox(users[1]!)),
    ]);
    expect(first.slice(0, 6).sort()).toEqual([200, 200, 200, 200, 429, 429]);
    expect(first.slice(6)).toEqual([200, 200, 200, 200]);
    const summary = await bench.simulator.control.logSummary({ since: next });
    expect(summary).toMatchObject({ maxConcurrentPerMailbox: 4, early: 0, byStatus: { 429: 2 } });
  });

  test('who hangs up before the answer no longer counts', async () => {
    await bench.simulator.control.updateSettings({ latencyMs: 400 });
    const { next } = await bench.simulator.control.log();
    const inbox = `/users/${users[0]}/mailFolders/inbox`;
    const hangUp = new AbortController();
    const calls = Array.from({ length: 4 }, () => bench.graph.call(inbox, { signal: hangUp.signal }));
    for (;;) {
      const { entries } = await bench.simulator.control.log({ since: next });
      if (entries.length === 4) break;
    }
    hangUp.abort();
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    await bench.graph.call(`/users/${users[1]}/mailFolders/inbox`);

    const after = await Promise.all(Array.from({ length: 4 }, () => bench.graph.call(inbox)));
    expect(after.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { entries } = await bench.simulator.control.log({ since: next });
    expect(entries.filter(({ end }) => end === null)).toEqual([]);
    expect(entries.slice(0, 4).map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  });

  test('a refusal names the limit, says how long to wait, and who does not wait is seen', async () => {
    const { next } = await bench.simulator.control.log();
    await bench.simulator.control.updateSettings({ latencyMs: 100, earlyGraceMs: 20 });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => bench.graph.call(`/users/${users[1]}/mailFolders/inbox`)),
    );
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.headers['retry-after']).toBe('2');
    expect(refused.json.error).toMatchObject({
      code: 'ApplicationThrottled',
      message: 'Application is over its MailboxConcurrency limit.',
    });
    expect((await bench.graph.call(`/users/${users[1]}/mailFolders/inbox`)).status).toBe(200);
    const { entries } = await bench.simulator.control.log({ mailbox: users[1]! });
    expect(entries.at(-1)).toMatchObject({ early: true });
    expect((await bench.simulator.control.logSummary({ since: next })).early).toBe(1);
  });

  test('another application has its own four', async () => {
    const { control } = bench.simulator;
    const other = await control.addApplication({ roles: ['Mail.Read'] });
    const authorization = `Bearer ${await bench.graph.token(other.clientId, other.clientSecret)}`;
    await bench.graph.call('/users?$top=1');
    await control.updateSettings({ latencyMs: 200 });
    const inbox = `/users/${users[0]}/mailFolders/inbox`;
    const statuses = await Promise.all([
      ...Array.from({ length: 4 }, () => bench.graph.call(inbox)),
      ...Array.from({ length: 4 }, () => bench.graph.call(inbox, { headers: { authorization } })),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual(Array(8).fill(200));
  });

  test('the latency that is set is added to every Graph request, and to no other', async () => {
    const { next } = await bench.simulator.control.log();
    await bench.simulator.control.updateSettings({ latencyMs: 600 });
    await bench.graph.call(`/users/${users[0]}/mailFolders/inbox`);
    await bench.graph.call('/organization');
    const login = `${bench.simulator.loginUrl}/${bench.simulator.tenantId}/v2.0/.well-known/openid-configuration`;
    await bench.graph.raw(login);
    const { entries } = await bench.simulator.control.log({ since: next });
    const took = entries.map(({ start, end }) => end! - start);
    expect(took.slice(0, 2).every((ms) => ms >= 598)).toBe(true);
    expect(took[2]).toBeLessThan(598);
  });

  test('parts of a batch are limited one by one', async () => {
    await bench.simulator.control.updateSettings({ limits: { requestsPerWindow: 1 } });
    const requests = ['1', '2'].map((id) => ({ id, method: 'GET', url: `/users/${users[0]}/mailFolders/inbox` }));
    const { json } = await bench.graph.call('/$batch', { method: 'POST', body: { requests } });
    const refused = json.responses.filter(({ status }: { status: number }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0].headers['Retry-After'])).toBeGreaterThan(0);
  });

  test('the summary counts tasks by the tag of client-request-id', async () => {
    const { next } = await bench.simulator.control.log();
    await bench.simulator.control.updateSettings({ latencyMs: 80 });
    const call = (tag: string, user: string): Promise<unknown> =>
      bench.graph.call(`/users/${user}/mailFolders/inbox`, { headers: { 'client-request-id': tag } });
    await Promise.all([call('a.1', users[0]!), call('b.1', users[1]!), call('untagged', users[1]!)]);
    await call('c.1', users[0]!);
    await call('a.2', users[0]!);
    const summary = await bench.simulator.control.logSummary({ since: next });
    expect(summary).toMatchObject({ requests: 5, maxTasksInFlight: 2, maxTasksOverlapping: 2 });
    expect(Object.keys(summary.tasks)).toEqual(['a', 'b', 'c']);
    expect(summary.tasks['a']).toMatchObject({ requests: 2, mailboxes: [users[0]] });
  });
});
