import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noCounts } from '@backhaul/domain';
import { rows } from '../../src/database/statement.ts';
import type { Grant } from '../../src/grants/grant.store.ts';
import { storeProgress } from '../../src/progress/store-progress.ts';
import { settleAttempts } from '../../src/results/settle-attempts.ts';
import { EventStream } from '../../testing/event-stream.ts';
import { apiForTests, installationForTests } from '../../testing/fixtures/api.ts';
import { backupResult } from '../../testing/installation.ts';

const api = apiForTests();
const installation = installationForTests(api);
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

async function follow(lastEventId?: string): Promise<EventStream> {
  const stream = await EventStream.open(`${api.url}/api/v1/runs/${runId}/events`, {
    authorization: `Bearer ${api.tokens.viewer}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  });
  streams.push(stream);
  return stream;
}

const report = (itemsNew: number) =>
  storeProgress(api.database, [
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
const finish = () =>
  settleAttempts(api.database, [{ by: 'holder', senderId: transporterId, result: backupResult(grant) }]);

describe('whoever follows a run', () => {
  test('gets its state at once, each change, and the end', async () => {
    const stream = await follow();
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const first = await stream.next();
    expect(first).toMatchObject({ event: 'progress', data: { run: { id: runId, state: 'running' } } });
    expect(first?.data.running.map((task: { id: string }) => task.id)).toEqual([grant.taskId]);

    await report(7);
    const second = await stream.next();
    expect(second).toMatchObject({ event: 'progress', data: { run: { counts: { itemsNew: 7 } } } });
    expect(second?.data.running[0].counts.itemsNew).toBe(7);

    await finish();
    expect(await stream.next()).toMatchObject({
      event: 'ended',
      data: { run: { state: 'ended', outcome: 'succeeded', counts: { itemsNew: 10 } }, running: [] },
    });
    expect(await stream.next()).toBeNull();
  });

  test('sees in each event what the run itself says', async () => {
    const stream = await follow();
    expect((await stream.next())?.data.run).toEqual((await api.call('GET', `/runs/${runId}`)).body);
    await finish();
    expect((await stream.next())?.data.run).toEqual((await api.call('GET', `/runs/${runId}`)).body);
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
    await finish();
  });
});

describe('after a gap', () => {
  test('what was seen is not sent again, and what changed meanwhile is', async () => {
    const before = await follow();
    const seen = await before.next();
    before.close();
    await report(3);
    const after = await follow(seen?.id);
    expect((await after.next())?.data.run.counts.itemsNew).toBe(3);
    after.close();

    const unchanged = await follow(seen?.id);
    const latest = await unchanged.next();
    const quiet = await follow(latest?.id);
    await report(5);
    expect((await quiet.next())?.data.run.counts.itemsNew).toBe(5);
  });

  test('the end is still told, and to who knows it the answer is 204', async () => {
    await finish();
    const late = await follow('something older');
    const end = await late.next();
    expect([end?.event, await late.next()]).toEqual(['ended', null]);
    const done = await follow(end?.id);
    expect([done.status, await done.next()]).toEqual([204, null]);
  });
});

test('a run that is not there cannot be followed', async () => {
  const { status, body } = await api.call('GET', `/runs/${randomUUID()}/events`);
  expect([status, body.code]).toEqual([404, 'run.not-found']);
});
