import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { rows } from '../../src/database/statement.ts';
import { apiForTests } from '../../testing/fixtures/api.ts';

const api = apiForTests(() => ({ repositoryRoots: (made) => [made, '/sys'] }));
const outside = realpathSync(mkdtempSync(join(tmpdir(), 'outside-')));
afterAll(() => rmSync(outside, { recursive: true }));

const freshFolder = () => join(api.repositoryRoot, randomUUID());
const create = (changes: object = {}) =>
  api.call('POST', '/repositories', {
    body: {
      name: `repository ${randomUUID()}`,
      type: 'disk',
      folder: freshFolder(),
      password: 'a good password',
      ...changes,
    },
  });
const attach = (body: object) =>
  api.call('POST', '/repositories:attach', { body: { name: `repository ${randomUUID()}`, type: 'disk', ...body } });
const known = async () => (await rows(api.database, 'select id from repositories')).length;

async function checkedUntilEnd(repositoryId: string, data: boolean) {
  const started = await api.call('POST', `/repositories/${repositoryId}:check`, { body: { data } });
  expect(started.status).toBe(202);
  for (;;) {
    const { body } = await api.call('GET', `/repositories/${repositoryId}/checks/${started.body.id}`);
    if (body.state === 'ended') return body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a new repository', () => {
  test('lies in its folder, is known by its own id and passes its check', async () => {
    const folder = freshFolder();
    const { status, body } = await create({ folder });
    expect([status, body.folder, body.generatedPassword]).toEqual([201, folder, null]);
    expect(readdirSync(folder)).toContain('config');
    expect(readFileSync(join(folder, 'config'), 'utf8')).toContain(body.id);
    expect((await api.call('GET', `/repositories/${body.id}`)).body.keys).toEqual({ set: true });
    expect(await checkedUntilEnd(body.id, true)).toMatchObject({ failure: null, report: { points: 0, damage: [] } });
    expect((await api.call('GET', `/repositories/${body.id}/stats`)).body).toMatchObject({
      points: 0,
      newestPointAt: null,
      freeBytes: expect.any(Number),
    });
  });

  test('without a password gets one that is shown once and opens it', async () => {
    const folder = freshFolder();
    const { body } = await create({ folder, password: undefined });
    expect(body.generatedPassword).toMatch(/^([A-Z2-9]{5}-){5}[A-Z2-9]{5}$/);
    expect((await api.call('GET', `/repositories/${body.id}`)).text).not.toContain(body.generatedPassword);
    await rows(api.database, 'delete from repositories where id = $1', [body.id]);
    expect((await attach({ folder, password: body.generatedPassword })).body.id).toBe(body.id);
  });

  test('in a folder that is there and empty is made in it', async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    expect((await create({ folder })).status).toBe(201);
  });
});

describe('a folder', () => {
  const cases: [string, () => object, number, string][] = [
    ['outside of the allowed roots', () => ({ folder: join(outside, 'x') }), 422, 'repository.folder-not-allowed'],
    ['above them by ..', () => ({ folder: `${api.repositoryRoot}/../../x` }), 422, 'repository.folder-not-allowed'],
    [
      'with a name that only begins like a root',
      () => ({ folder: `${api.repositoryRoot}-x` }),
      422,
      'repository.folder-not-allowed',
    ],
    ['that is relative', () => ({ folder: 'backups' }), 422, 'repository.folder-invalid'],
    [
      'that is too long for the disk',
      () => ({ folder: join(api.repositoryRoot, 'x'.repeat(300)) }),
      422,
      'repository.not-writable',
    ],
    [
      'that a link leads outside to',
      () => {
        const link = join(api.repositoryRoot, randomUUID());
        symlinkSync(outside, link);
        return { folder: join(link, 'x') };
      },
      422,
      'repository.folder-not-allowed',
    ],
    [
      'that is a file',
      () => {
        const folder = freshFolder();
        writeFileSync(folder, 'x');
        return { folder };
      },
      422,
      'repository.folder-invalid',
    ],
    [
      'that is not empty',
      () => {
        const folder = freshFolder();
        mkdirSync(folder);
        writeFileSync(join(folder, 'holiday.jpg'), 'x');
        return { folder };
      },
      409,
      'repository.not-empty',
    ],
    [
      'of another format',
      () => {
        const folder = freshFolder();
        mkdirSync(folder);
        writeFileSync(join(folder, 'config'), 'not ours');
        return { folder };
      },
      422,
      'repository.foreign',
    ],
    ['where not even root can write', () => ({ folder: '/sys/backhaul' }), 422, 'repository.not-writable'],
    ['with a password that is too short', () => ({ password: 'short' }), 422, 'request.invalid'],
    ['with a name that is too long', () => ({ name: 'x'.repeat(256) }), 422, 'name.invalid'],
    ['of an unknown type', () => ({ type: 's3' }), 422, 'request.invalid'],
  ];

  test.each(cases)('%s is refused and nothing is left behind', async (_name, wrong, status, code) => {
    const before = await known();
    const changes = wrong() as { folder?: string };
    const beforeFiles = readdirSync(api.repositoryRoot).length;
    const answered = await create(changes);
    expect([answered.status, answered.body.code]).toEqual([status, code]);
    expect(answered.body.errors[0].pointer).toMatch(/^\/(folder|password|name|type)$/);
    expect(answered.body.errors[0].message.length).toBeGreaterThan(15);
    expect([await known(), readdirSync(api.repositoryRoot).length, readdirSync(outside)]).toEqual([
      before,
      beforeFiles,
      [],
    ]);
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? test.skip : test)('that cannot be written is refused (root can write everywhere)', async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    expect((await create({ folder })).body.code).toBe('repository.not-writable');
  });
});

describe('the same repository', () => {
  test('is not connected twice, whatever its path or name is', async () => {
    const folder = freshFolder();
    const first = await create({ folder, name: 'Main' });
    const again = await create({ folder });
    expect([again.status, again.body.code]).toEqual([409, 'repository.known-already']);
    const link = join(api.repositoryRoot, randomUUID());
    symlinkSync(folder, link);
    expect((await attach({ folder: link, password: 'a good password' })).body.code).toBe('repository.known-already');
    expect((await create({ name: 'MAIN' })).body.code).toBe('repository.name-taken');
    expect(readdirSync(folder)).toContain('config');
    expect((await api.call('GET', `/repositories/${first.body.id}`)).status).toBe(200);
  });

  test('copied to another folder is recognised by its id', async () => {
    const folder = freshFolder();
    await create({ folder });
    const copy = freshFolder();
    cpSync(folder, copy, { recursive: true });
    const { status, body } = await attach({ folder: copy, password: 'a good password' });
    expect([status, body.code]).toEqual([409, 'repository.known-already']);
  });

  test('can be connected by another installation with its password only', async () => {
    const folder = freshFolder();
    const { body } = await create({ folder });
    await rows(api.database, 'delete from repositories where id = $1', [body.id]);
    const wrong = await attach({ folder, password: 'another password' });
    expect([wrong.status, wrong.body.code, wrong.body.errors[0].pointer]).toEqual([
      422,
      'repository.wrong-password',
      '/password',
    ]);
    expect(await rows(api.database, 'select id from repositories where id = $1', [body.id])).toEqual([]);
    expect((await attach({ folder, password: 'a good password' })).body.id).toBe(body.id);
  });
});

test('a folder without repository cannot be connected and stays as it is', async () => {
  const folder = freshFolder();
  expect((await attach({ folder, password: 'x' })).body.code).toBe('repository.folder-missing');
  expect(existsSync(folder)).toBe(false);
  mkdirSync(folder);
  expect((await attach({ folder, password: 'x' })).body.code).toBe('repository.none');
  expect(readdirSync(folder)).toEqual([]);
});

test('of two creations in one folder at the same instant one wins', async () => {
  const folder = freshFolder();
  const answers = await Promise.all([create({ folder }), create({ folder })]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const winner = answers.find(({ status }) => status === 201)?.body;
  expect(await checkedUntilEnd(winner.id, true)).toMatchObject({ failure: null, report: { damage: [] } });
});

test('a check finds a repository that went away', async () => {
  const folder = freshFolder();
  const { body } = await create({ folder });
  rmSync(folder, { recursive: true });
  const { status, body: problem } = await api.call('POST', `/repositories/${body.id}:check`, { body: {} });
  expect([status, problem.code]).toEqual([503, 'repository.unreachable']);
});
