import { Failure, systemClock } from '@backhaul/domain';
import { eagerClock } from '@backhaul/engine/testing';
import { startSimulator, type FaultEffect } from '@backhaul/graph-simulator';
import { expect, test } from '@jest/globals';
import { fieldDrive, text } from './field-drive.ts';
import { fieldMailbox } from './field-mailbox.ts';
import { fieldScene } from './scene.ts';

/* What happens on the way: pauses that Microsoft asks for, answers that come broken or not from Microsoft. */

const scene = fieldScene();
const MAIL = { kinds: ['mail' as const] };

async function mailboxWithMessages(count = 2) {
  const mailbox = await fieldMailbox(scene);
  for (let number = 1; number <= count; number += 1) await mailbox.addMessage(`Message ${number}`);
  return mailbox;
}

test.each([
  ['F20 429 without Retry-After pauses the whole mailbox for ten seconds', undefined, 10_000],
  ['F21 429 with Retry-After 0 pauses for a second', 0, 1_000],
])('%s', async (_name, retryAfterSeconds, leastMs) => {
  const mailbox = await mailboxWithMessages();
  const effect = {
    kind: 'status',
    status: 429,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  } as const;
  await scene.fault({ pathRegex: '/\\$value', mailbox: mailbox.id, nth: 1 }, effect);
  const graph = scene.open();
  expect((await mailbox.backup(MAIL, { graph })).outcome).toBe('succeeded');
  expect(graph.counters.throttledMs).toBeGreaterThanOrEqual(leastMs);
  expect(graph.counters.throttledMs).toBeLessThan(leastMs + 1_000);
  expect(await mailbox.differences()).toEqual([]);
});

test('F22 429 for one request within a batch repeats that one, after its Retry-After', async () => {
  const mailbox = await mailboxWithMessages();
  await mailbox.addMessage('Below', await mailbox.addFolder('Below', await mailbox.addFolder('Above')));
  await scene.fault(
    { inBatch: true, pathRegex: '/childFolders', mailbox: mailbox.id, nth: 1 },
    { kind: 'status', status: 429, retryAfterSeconds: 7 },
  );
  const graph = scene.open();
  expect((await mailbox.backup(MAIL, { graph })).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
  expect(graph.counters.throttledMs).toBeGreaterThanOrEqual(7_000);
  expect(graph.counters.throttledMs).toBeLessThan(8_000);
});

test('F23 a Retry-After that is a date of a clock hours ahead is a pause of seconds', async () => {
  const mailbox = await mailboxWithMessages();
  await scene.settings({ clockAheadSeconds: 3 * 3600 });
  await scene.fault(
    { pathRegex: '/messages/delta', mailbox: mailbox.id, nth: 1 },
    { kind: 'status', status: 503, retryAfterSeconds: 20, retryAfterIsDate: true },
  );
  const graph = scene.open();
  expect((await mailbox.backup(MAIL, { graph })).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
  expect(graph.counters.throttledMs).toBeGreaterThanOrEqual(20_000);
  expect(graph.counters.throttledMs).toBeLessThan(21_000);
});

test('F24 a host clock that jumps hours back and forth changes nothing but the dates of points', async () => {
  const mailbox = await mailboxWithMessages(4);
  let looks = 0;
  const jumping = { ...eagerClock(), now: () => new Date(Date.now() + ((looks += 1) % 3) * 5 * 3_600_000) };
  await scene.fault(
    { pathRegex: '/\\$value', mailbox: mailbox.id, nth: 2 },
    { kind: 'status', status: 429, retryAfterSeconds: 3 },
  );
  const how = { graph: scene.open({ clock: jumping }), context: { clock: jumping } };
  expect((await mailbox.backup(MAIL, how)).outcome).toBe('succeeded');
  await mailbox.addMessage('Later');
  expect((await mailbox.backup(MAIL, how)).counts).toMatchObject({ itemsNew: 1, itemsDeleted: 0, itemsChanged: 0 });
  expect(await mailbox.differences()).toEqual([]);
  expect(how.graph.counters.throttledMs).toBeLessThan(4_000);
});

/** Lists as JSON, and contents. */
const [LISTS, CONTENTS] = [['/mailFolders\\?', '/messages/delta', '/\\$batch'], ['/\\$value']];

test.each<[string, FaultEffect, string[]]>([
  ['F25 JSON that ends in the middle is asked for again', { kind: 'truncate' }, LISTS],
  ['F26 a connection that is reset in the middle of a body loses nothing', { kind: 'reset' }, [...LISTS, ...CONTENTS]],
  ['F27 a log-in page of somebody on the way is not taken for an answer', { kind: 'html' }, [...LISTS, ...CONTENTS]],
  [
    'F28 503 with an empty body is asked for again',
    { kind: 'status', status: 503, body: 'empty' },
    [...LISTS, ...CONTENTS],
  ],
])('%s', async (_name, effect, paths) => {
  const mailbox = await mailboxWithMessages();
  for (const pathRegex of paths) await scene.fault({ pathRegex, nth: 1 }, effect);
  expect((await mailbox.backup(MAIL)).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
  expect((await scene.control.faults()).map(({ applied }) => applied)).toEqual(paths.map(() => 1));
});

test('F29 a link that leads to another host is not followed, and nothing is sent there', async () => {
  const stranger = await startSimulator({ mailboxes: 0 });
  try {
    const [mailbox, drive] = [await mailboxWithMessages(), await fieldDrive(scene)];
    await drive.addFile('a.txt', text('a'));
    await scene.settings({ pageSize: 1 });
    await scene.fault({ pathRegex: '/delta' }, { kind: 'foreign-link', host: stranger.graphUrl });
    for (const backup of [() => mailbox.backup(MAIL), () => drive.backup()]) {
      await expect(backup()).rejects.toMatchObject({ code: 'graph.foreign-link' });
    }
    expect((await stranger.control.log()).entries).toEqual([]);
  } finally {
    await stranger.close();
  }
});

test('F30 a pause longer than the slot may be held is told, not waited for', async () => {
  const mailbox = await mailboxWithMessages();
  await scene.fault({ mailbox: mailbox.id }, { kind: 'status', status: 429, retryAfterSeconds: 300 });
  await expect(mailbox.backup(MAIL)).rejects.toThrow(/yielded.*pause/);
  expect(await scene.requests(mailbox.id)).toHaveLength(1);
});

test('F31 the RateLimit headers of drives are heeded before the budget is used up', async () => {
  const drive = await fieldDrive(scene);
  for (let number = 1; number <= 24; number += 1) await drive.addFile(`${number}.txt`, text(`${number}`));
  await scene.settings({ limits: { resourceUnitsPerWindow: 20, resourceUnitWindowSeconds: 2 } });
  const graph = scene.open({ clock: systemClock(), driveConcurrency: 2 });
  expect((await drive.backup({}, { graph })).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
  const answers = await scene.requests(drive.id);
  expect(answers.filter(({ early }) => early)).toEqual([]);
  expect(answers.filter(({ status }) => status === 429)).toEqual([]);
});

test('F32 429 for one drive holds back all drives', async () => {
  const [first, second] = [await fieldDrive(scene), await fieldDrive(scene)];
  for (let number = 1; number <= 12; number += 1)
    for (const drive of [first, second]) await drive.addFile(`${number}.txt`, text(`${number}`));
  // So slow that the second drive would be at it for all of the pause.
  await scene.settings({ latencyMs: 100 });
  await scene.fault(
    { pathRegex: '/download/', mailbox: first.id, nth: 2 },
    { kind: 'status', status: 429, retryAfterSeconds: 1 },
  );
  const graph = scene.open({ clock: systemClock(), driveConcurrency: 2 });
  const results = await Promise.all([first, second].map((drive) => drive.backup({}, { graph })));
  expect(results.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
  const refused = (await scene.requests(first.id)).find(({ status }) => status === 429);
  const after = (await scene.requests(second.id)).filter(({ start }) => start > (refused?.end ?? Infinity));
  expect(after.length).toBeGreaterThan(2);
  expect(after.filter(({ early }) => early)).toEqual([]);
});

test('F33 a token that ends in the middle of a run is renewed once, whoever meets its end', async () => {
  const mailbox = await mailboxWithMessages(6);
  await scene.fault({ pathRegex: '/\\$value', mailbox: mailbox.id, nth: 3 }, { kind: 'expire-token' });
  expect((await mailbox.backup(MAIL)).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
  const renewals = (await scene.requests()).filter(({ path }) => path.includes('/oauth2/v2.0/token'));
  expect(renewals).toHaveLength(1);
});

test('F34 tokens that are refused again and again end the run with what to check', async () => {
  const mailbox = await mailboxWithMessages();
  await scene.fault({ pathRegex: '/\\$value', mailbox: mailbox.id }, { kind: 'status', status: 401 });
  const failure: unknown = await mailbox.backup(MAIL).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ kind: 'unauthenticated', code: 'graph.token-refused' });
  expect((await scene.requests(mailbox.id)).filter(({ status }) => status === 401).length).toBeLessThanOrEqual(4);
});

test('F35 tokens that an administrator has revoked are replaced at the first refusal', async () => {
  const mailbox = await mailboxWithMessages();
  await mailbox.backup(MAIL);
  await mailbox.addMessage('After the revocation');
  await scene.control.revokeTokens();
  // Tokens tell whole seconds; those of the present one are revoked too.
  await new Promise((resolve) => setTimeout(resolve, 1_010 - (Date.now() % 1_000)));
  expect(await mailbox.backup(MAIL)).toMatchObject({ outcome: 'succeeded', counts: { itemsNew: 1 } });
  expect(await mailbox.differences()).toEqual([]);
  expect((await scene.requests(mailbox.id)).filter(({ status }) => status === 401).length).toBeLessThanOrEqual(4);
});
