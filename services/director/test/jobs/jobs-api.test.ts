import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { apiForTests, inventoryForTests } from '../../testing/fixtures/api.ts';
import { newJob } from '../../testing/request-bodies.ts';

const api = apiForTests();
const inventory = inventoryForTests(api);

const create = async (changes: object = {}) =>
  (await api.call('POST', '/jobs', { body: newJob(inventory, changes) })).body;

describe('a job', () => {
  test('is created with the defaults of the domain and reads back as it was answered', async () => {
    const created = await api.call('POST', '/jobs', {
      body: newJob(inventory, { name: '  Finance \u0041\u030a  ' }),
      as: 'operator',
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'Finance \u00c5',
      priority: 3,
      transporterLoad: 3,
      changeTracking: { mode: 'microsoft', onError: 'switch-to-proprietary' },
      itemKinds: ['mail', 'contacts', 'calendar'],
      include: { recoverableItems: false, fileVersions: false, filePermissions: false },
      objectCount: 3,
      version: 1,
    });
    const read = await api.call('GET', `/jobs/${created.body.id}`, { as: 'viewer' });
    expect(read.body).toEqual(created.body);
    expect([created.headers.get('etag'), created.headers.get('location')]).toEqual([
      '"1"',
      `/api/v1/jobs/${created.body.id}`,
    ]);
  });

  test('keeps every option that was given', async () => {
    const options = {
      priority: 1,
      transporterLoad: null,
      changeTracking: { mode: 'full', onError: 'fail-object' },
      itemKinds: ['calendar', 'mail'],
      include: { recoverableItems: true, fileVersions: true, filePermissions: true },
      objectIds: [inventory.mailboxes[1]],
    };
    expect(await create(options)).toMatchObject(options);
  });

  test('that never ran can be deleted, one that ran cannot', async () => {
    const idle = await create();
    expect((await api.call('DELETE', `/jobs/${idle.id}`, { headers: { 'if-match': '"1"' } })).status).toBe(204);
    expect((await api.call('GET', `/jobs/${idle.id}`)).body.code).toBe('job.not-found');
    const busy = await create();
    await api.call('POST', `/jobs/${busy.id}:run`, { body: {} });
    const refused = await api.call('DELETE', `/jobs/${busy.id}`, { headers: { 'if-match': '"1"' } });
    expect([refused.status, refused.body.code]).toEqual([409, 'job.has-history']);
  });
});

describe('a change', () => {
  test('needs the version that was seen', async () => {
    const job = await create();
    const change = (headers: Record<string, string>) =>
      api.call('PATCH', `/jobs/${job.id}`, { body: { priority: 2 }, headers });
    expect((await change({})).body).toMatchObject({ status: 428, code: 'if-match.missing' });
    expect((await change({ 'if-match': '"7"' })).body).toMatchObject({ status: 412, code: 'if-match.stale' });
    expect((await change({ 'if-match': '*' })).status).toBe(412);
    const changed = await change({ 'if-match': '"1"' });
    expect([changed.status, changed.body.priority, changed.headers.get('etag')]).toEqual([200, 2, '"2"']);
    expect((await change({ 'if-match': '"1"' })).status).toBe(412);
  });

  test('of 50 at the same instant one wins and 49 learn of it', async () => {
    const job = await create();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        api.call('PATCH', `/jobs/${job.id}`, { body: { transporterLoad: index + 1 }, headers: { 'if-match': '"1"' } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(49).fill(412)]);
    const winner = answers.find(({ status }) => status === 200)?.body;
    expect((await api.call('GET', `/jobs/${job.id}`)).body).toEqual(winner);
  });

  test('of priority and load reaches the lane at once', async () => {
    const job = await create();
    await api.call('PATCH', `/jobs/${job.id}`, {
      body: { priority: 5, transporterLoad: null },
      headers: { 'if-match': '"1"' },
    });
    const lane = await rows(api.database, 'select priority, task_limit from lanes where id = $1', [job.id]);
    expect(lane).toEqual([{ priority: 5, task_limit: null }]);
  });

  test('of what is protected replaces the selection', async () => {
    const job = await create();
    const objectIds = [inventory.mailboxes[2]];
    const { body } = await api.call('PATCH', `/jobs/${job.id}`, {
      body: { objectIds },
      headers: { 'if-match': '"1"' },
    });
    expect([body.objectIds, body.objectCount]).toEqual([objectIds, 1]);
  });

  test('that changes nothing is refused', async () => {
    const job = await create();
    expect((await api.call('PATCH', `/jobs/${job.id}`, { body: {}, headers: { 'if-match': '"1"' } })).status).toBe(422);
  });

  test('of a job that is not there is not found', async () => {
    for (const id of [randomUUID(), 'nonsense', '%00', '..%2f..']) {
      const { status, body } = await api.call('PATCH', `/jobs/${id}`, {
        body: { priority: 1 },
        headers: { 'if-match': '"1"' },
      });
      expect([status, body.code]).toEqual([404, expect.stringMatching(/not-found$/)]);
    }
  });
});

describe('running', () => {
  test('starts a run over all objects, or some of them', async () => {
    const job = await create();
    const { status, body, headers } = await api.call('POST', `/jobs/${job.id}:run`, { body: {} });
    expect([status, headers.get('location')]).toEqual([202, `/api/v1/runs/${body.id}`]);
    expect(body).toMatchObject({ kind: 'backup', state: 'running', tasksTotal: 3, tasks: { queued: 3 } });
    expect((await api.call('POST', `/jobs/${job.id}:run`, { body: {} })).body.code).toBe('run.already-active');
    const tasks = (await api.call('GET', `/runs/${body.id}/tasks`)).body.items;
    expect(tasks.map((task: { object: { id: string } }) => task.object.id).sort()).toEqual(
      [...inventory.mailboxes].sort(),
    );
    const one = (await api.call('GET', `/runs/${body.id}/tasks/${tasks[0].id}`)).body;
    expect(one).toMatchObject({ state: 'queued', issues: [], history: [], pointId: null });

    expect((await api.call('POST', `/runs/${body.id}:stop`)).body).toEqual({ cancelled: 3, stopping: 0 });
    const ended = (await api.call('GET', `/runs/${body.id}`)).body;
    expect(ended).toMatchObject({ state: 'ended', outcome: 'cancelled' });
    expect((await api.call('POST', `/runs/${body.id}:stop`)).body.code).toBe('run.ended');
    const retried = await api.call('POST', `/runs/${body.id}:retry-failed`, { body: {} });
    expect(retried.body.tasksTotal).toBe(3);
    await api.call('POST', `/runs/${retried.body.id}:stop`);

    const scope = { type: 'objects', objectIds: [inventory.mailboxes[0]] };
    const some = await api.call('POST', `/jobs/${job.id}:run`, { body: { scope, forceFull: true } });
    expect(some.body).toMatchObject({ tasksTotal: 1, options: { scope, forceFull: true } });
  });

  test.each([
    [{ scope: { type: 'objects', objectIds: [] } }, '/scope/objectIds'],
    [{ scope: { type: 'nothing' } }, '/scope/type'],
    [{ scope: 'all' }, '/scope'],
    [{ forceFull: 'yes' }, '/forceFull'],
  ])('with %j is refused', async (wrong, pointer) => {
    const job = await create();
    const { status, body } = await api.call('POST', `/jobs/${job.id}:run`, { body: wrong });
    expect([status, body.errors.map((entry: { pointer: string }) => entry.pointer)]).toEqual([422, [pointer]]);
  });

  test('over an object that the job does not protect is refused', async () => {
    const job = await create({ objectIds: [inventory.mailboxes[0]] });
    const scope = { type: 'objects', objectIds: [inventory.mailboxes[1]] };
    const { status, body } = await api.call('POST', `/jobs/${job.id}:run`, { body: { scope } });
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'run.scope-invalid', '/scope']);
  });
});

describe('lists', () => {
  test('walk all of it in pages that neither repeat nor miss while others are added', async () => {
    await rows(api.database, 'truncate jobs, lanes, runs, tasks, attempts, job_objects, points cascade');
    const before: string[] = [];
    for (let index = 0; index < 40; index += 1)
      before.push((await create({ name: `walk ${String(index).padStart(2, '0')}` })).id);
    const walked: string[] = [];
    let cursor: string | null = null;
    let added = 0;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await api.call('GET', `/jobs?limit=7${query}`);
      walked.push(...body.items.map((job: { id: string }) => job.id));
      cursor = body.nextCursor;
      for (const name of [`walk 00 before ${added}`, `walk 99 after ${added}`]) await create({ name });
      added += 1;
    } while (cursor !== null && walked.length < 200);
    expect(new Set(walked).size).toBe(walked.length);
    expect(before.filter((id) => !walked.includes(id))).toEqual([]);
  });

  test.each(['limit=0', 'limit=201', 'limit=x', 'limit=1.5', 'cursor=nonsense', 'sort=name', 'limit=1&limit=2'])(
    'with ?%s are refused',
    async (query) => {
      const { status, body } = await api.call('GET', `/jobs?${query}`);
      expect([status, body.errors[0].pointer[0]]).toEqual([422, '?']);
    },
  );

  test('take no cursor of another list', async () => {
    await create();
    await create();
    const { body } = await api.call('GET', '/jobs?limit=1');
    expect((await api.call('GET', `/runs?cursor=${body.nextCursor}`)).status).toBe(422);
  });
});
