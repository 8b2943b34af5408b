import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noCounts, systemClock } from '@backhaul/domain';
import { FakeClock } from '@backhaul/domain/testing';
import { createApiToken } from '../../src/access/create-api-token.ts';
import { rows } from '../../src/database/statement.ts';
import type { Grant } from '../../src/grants/grant.store.ts';
import { storeProgress } from '../../src/progress/store-progress.ts';
import { settleAttempts } from '../../src/results/settle-attempts.ts';
import { EventStream } from '../../testing/event-stream.ts';
import { apiForTests, installationForTests } from '../../testing/fixtures/api.ts';
import { duringTests } from '../../testing/fixtures/during-tests.ts';
import { backupResult } from '../../testing/installation.ts';
import { seededRandom } from '../../testing/near-miss.ts';
import { startApiUnderTest, type ApiUnderTest } from '../../testing/running-api.ts';

const seed = Number(process.env['BACKHAUL_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const clock = new FakeClock(systemClock().now().toISOString());
const api = apiForTests(() => ({ clock }));
const installation = installationForTests(api);
/** Another Director of the installation, as it is there after a restart or behind the same address. */
const another = duringTests<ApiUnderTest>(
  () => startApiUnderTest(api.database, { clock }),
  (other) => other.close(),
);

let runId: string;
let transporterId: string;
let grant: Grant;
const streams: EventStream[] = [];

beforeEach(async () => {
  const jobId = await installation.job({ mailboxes: 1 });
  ({ runId } = await installation.start(jobId));
  transporterId = await installation.transporter();
  const epoch = await installation.epoch();
  const [granted] = await installation.grant({ epoch, laneId: jobId, transporterId, count: 1 });
  if (granted === undefined) throw new Error('The task was to be granted.');
  grant = granted;
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});

const eventsOf = (director: ApiUnderTest) => `${director.url}/api/v1/runs/${runId}/events`;

async function follow(lastEventId?: string, director: ApiUnderTest = api, token = director.tokens.viewer) {
  const stream = await EventStream.open(eventsOf(director), {
    authorization: `Bearer ${token}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  });
  streams.push(stream);
  return stream;
}

/** Lets a second pass, and what follows from it happen. */
async function pass(): Promise<void> {
  await clock.advance(1_000);
  await new Promise((resolve) => setTimeout(resolve, 5));
}

async function report(itemsNew: number): Promise<void> {
  await storeProgress(api.database, [
    {
      senderId: transporterId,
      progress: {
        taskId: grant.taskId,
        fence: grant.fence,
        phase: 'transferring',
        counts: { ...noCounts(), itemsNew },
        at: '2026-01-01T00:00:00.000Z',
      },
    },
  ]);
  await clock.advance(1_000);
}
async function finish(): Promise<void> {
  await settleAttempts(api.database, [{ by: 'holder', senderId: transporterId, result: backupResult(grant) }]);
  await clock.advance(1_000);
}
/** The next event, while time goes on. */
async function nextOf(stream: EventStream) {
  let event: Awaited<ReturnType<EventStream['next']>> | undefined;
  const coming = stream.next().then((got) => (event = got));
  while (event === undefined) {
    await Promise.race([coming, pass()]);
  }
  return event;
}

describe('whoever follows a run', () => {
  test('gets its state at once, each change, and the end', async () => {
    const stream = await follow();
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const first = await stream.next();
    expect(first).toMatchObject({ event: 'progress', data: { run: { id: runId, state: 'running' } } });
    expect(first?.data.running.map((task: { id: string }) => task.id)).toEqual([grant.taskId]);
    expect(stream.silent).toEqual([expect.stringMatching(/^retry: \d+$/)]);

    await report(7);
    const second = await nextOf(stream);
    expect(second).toMatchObject({ event: 'progress', data: { run: { counts: { itemsNew: 7 } } } });
    expect(second?.data.running[0].counts.itemsNew).toBe(7);

    await finish();
    expect(await nextOf(stream)).toMatchObject({
      event: 'ended',
      data: { run: { state: 'ended', outcome: 'succeeded', counts: { itemsNew: 10 } }, running: [] },
    });
    expect(await stream.next()).toBeNull();
  });

  test('sees in each event what the run itself says, in the form that is documented', async () => {
    const stream = await follow();
    const first = await stream.next();
    expect(first?.data.run).toEqual((await api.call('GET', `/runs/${runId}`)).body);
    const documented = api.contract.compile({ $ref: '#/components/schemas/RunEvent' });
    expect(documented.safeParse(first?.data).success).toBe(true);
    expect(documented.safeParse({ ...first?.data, more: 1 }).success).toBe(false);
    await finish();
    const end = await nextOf(stream);
    expect(end?.data.run).toEqual((await api.call('GET', `/runs/${runId}`)).body);
    expect(documented.safeParse(end?.data).success).toBe(true);
  });

  test('is not told what the API shows nowhere', async () => {
    const failure = {
      kind: 'unavailable' as const,
      code: 'graph.unavailable',
      message: 'Graph fails.',
      retry: 'never' as const,
      where: { url: 'https://graph.microsoft.com/secret-path' },
    };
    await rows(api.database, 'update tasks set cause = $2 where id = $1', [grant.taskId, failure]);
    const event = await (await follow()).next();
    expect(event?.data.running[0].failure).toEqual({
      kind: 'unavailable',
      code: 'graph.unavailable',
      message: 'Graph fails.',
    });
  });

  test('hears a comment now and then while nothing changes, and no event', async () => {
    const stream = await follow();
    await stream.next();
    const coming = stream.next();
    const comments = () => stream.silent.filter((block) => block === ': still here').length;
    let seconds = 0;
    while (comments() < 2) {
      await pass();
      seconds += 1;
    }
    expect(seconds).toBeGreaterThanOrEqual(30);
    await report(1);
    while ((await Promise.race([coming, pass()])) === undefined);
    expect((await coming)?.data.run.counts.itemsNew).toBe(1);
  });

  test('goes on after the database was away for a moment', async () => {
    const stream = await follow();
    await stream.next();
    await rows(api.database, 'alter table tasks rename to tasks_away');
    for (let second = 0; second < 3; second += 1) await pass();
    await rows(api.database, 'alter table tasks_away rename to tasks');
    await report(4);
    expect((await nextOf(stream))?.data.run.counts.itemsNew).toBe(4);
  });
});

describe('only who may', () => {
  test('follows a run', async () => {
    const { status, body } = await api.call('GET', `/runs/${runId}/events`, { as: null });
    expect([status, body.code]).toEqual([401, 'access.token-missing']);
  });

  test('goes on following: the stream ends with the token', async () => {
    const { token, record } = await createApiToken(api.database, clock, { name: 'x', role: 'viewer', days: 1 });
    const stream = await follow(undefined, api, token.reveal());
    await stream.next();
    await rows(api.database, 'update api_tokens set revoked_at = now() where id = $1', [record.id]);
    expect(await nextOf(stream)).toBeNull();
    expect((await follow(undefined, api, token.reveal())).status).toBe(401);
  });

  test('learns that a run is not there', async () => {
    const { status, body } = await api.call('GET', `/runs/${randomUUID()}/events`);
    expect([status, body.code]).toEqual([404, 'run.not-found']);
  });
});

test('HEAD tells the form of the stream and ends', async () => {
  const { status, headers, text } = await api.call('HEAD', `/runs/${runId}/events`);
  expect([status, headers.get('content-type'), text]).toEqual([200, 'text/event-stream; charset=utf-8', '']);
});

describe('after a gap', () => {
  test('what was seen is not sent again, and what changed meanwhile is', async () => {
    const before = await follow();
    const seen = await before.next();
    before.close();
    await report(3);
    const after = await follow(seen?.id);
    const latest = await after.next();
    expect(latest?.data.run.counts.itemsNew).toBe(3);
    const quiet = await follow(latest?.id);
    await report(5);
    expect((await nextOf(quiet))?.data.run.counts.itemsNew).toBe(5);
  });

  test('another Director knows what was seen at the first', async () => {
    const before = await follow();
    const seen = await before.next();
    before.close();
    const after = await follow(seen?.id, another);
    await report(8);
    expect((await nextOf(after))?.data.run.counts.itemsNew).toBe(8);
  });

  test('the end is still told, and to who knows it the answer is 204, at every Director', async () => {
    await finish();
    const late = await follow('something older');
    const end = await late.next();
    expect([end?.event, await late.next()]).toEqual(['ended', null]);
    for (const director of [api, another]) {
      const done = await follow(end?.id, director);
      expect([done.status, await done.next()]).toEqual([204, null]);
    }
  });

  test.each(['', 'x'.repeat(4_000), '"', '../..'])('an id that is none (%.9s) gets the whole state', async (id) => {
    expect((await (await follow(id)).next())?.data.run.id).toBe(runId);
  });
});

describe(`connections that break at any time (BACKHAUL_TEST_SEED=${seed})`, () => {
  test('lose no state for good, repeat none, and tell the end once', async () => {
    const random = seededRandom(seed);
    const received: { id: string; itemsNew: number; event: string }[] = [];
    let stream = await follow();
    let itemsNew = 0;
    const receive = async () => {
      const event = await nextOf(stream);
      if (event === null) return false;
      received.push({ id: event.id, itemsNew: event.data.run.counts.itemsNew as number, event: event.event });
      return true;
    };
    const reconnect = async () => {
      stream.close();
      stream = await follow(received.at(-1)?.id, random() < 0.5 ? api : another);
    };
    await receive();
    for (let step = 0; step < 25; step += 1) {
      const isBroken = random() < 0.5;
      if (isBroken) stream.close();
      const changes = 1 + Math.floor(random() * 3);
      for (let change = 0; change < changes; change += 1) await report((itemsNew += 1));
      if (isBroken) await reconnect();
      // States between may be skipped; the present one comes.
      while (received.at(-1)?.itemsNew !== itemsNew) await receive();
    }
    await finish();
    await reconnect();
    while (await receive());
    expect(new Set(received.map(({ id }) => id)).size).toBe(received.length);
    const numbers = received.map((event) => event.itemsNew);
    expect(numbers.slice(0, -1)).toEqual([...new Set(numbers.slice(0, -1))].sort((a, b) => a - b));
    expect(received.filter(({ event }) => event === 'ended')).toHaveLength(1);
    expect((await follow(received.at(-1)?.id)).status).toBe(204);
  });
});
