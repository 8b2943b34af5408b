import { expect, test } from '@jest/globals';
import { anHour, fieldMailbox, mailboxOf } from './field-mailbox.ts';
import { codesOf, fieldScene } from './scene.ts';

/* What happens to items, and to Microsoft's memory of where a reader stood, between two backups. */

const scene = fieldScene();

const MAIL = { kinds: ['mail' as const] };

/** Requests for the changes of one folder, in either spelling of the path. */
function deltaOf(folderId: string): string {
  return `${folderId.replace(/[=+/]/g, '.{1,3}')}('\\))?/messages/delta`;
}

test('F01 a moved message keeps its id and its content', async () => {
  const mailbox = await fieldMailbox(scene);
  const archive = await mailbox.addFolder('2025');
  const message = await mailbox.addMessage('To be filed');
  await mailbox.backup(MAIL);
  await mailbox.edit({ do: 'move-message', mailbox: mailbox.id, message, to: archive });
  const { counts } = await mailbox.backup(MAIL);
  expect(counts).toMatchObject({ itemsMoved: 1, itemsNew: 0, itemsDeleted: 0, itemsTotal: 1 });
  expect((await mailbox.items()).map(({ id, containerId }) => [id, containerId])).toEqual([[message, archive]]);
  expect(await mailbox.differences()).toEqual([]);
});

test('F02 a message that comes back under another id takes the place of the old one', async () => {
  const mailbox = await fieldMailbox(scene);
  const sameMessage = { internetMessageId: '<round-trip@example.com>' };
  const before = await mailbox.addMessage('Through the archive', 'inbox', sameMessage);
  await mailbox.backup(MAIL);
  await mailbox.edit({ do: 'delete-message', mailbox: mailbox.id, message: before });
  const after = await mailbox.addMessage('Through the archive', 'inbox', sameMessage);
  const { counts } = await mailbox.backup(MAIL);
  expect(counts).toMatchObject({ itemsNew: 1, itemsDeleted: 1, itemsTotal: 1 });
  expect((await mailbox.items()).map(({ id }) => id)).toEqual([after]);
  expect(await mailbox.differences()).toEqual([]);
});

test('F03 a folder deleted and made again under the same name is another folder, and nothing of the old one stays', async () => {
  const mailbox = await fieldMailbox(scene);
  const before = await mailbox.addFolder('Invoices');
  for (const subject of ['January', 'February']) await mailbox.addMessage(subject, before);
  await mailbox.backup(MAIL);
  await mailbox.edit({ do: 'delete-folder', mailbox: mailbox.id, folder: before });
  const after = await mailbox.addFolder('Invoices');
  await mailbox.addMessage('March', after);
  const { outcome, counts } = await mailbox.backup(MAIL);
  expect(outcome).toBe('succeeded');
  expect(counts).toMatchObject({ itemsNew: 1, itemsDeleted: 2, itemsTotal: 1 });
  expect(await mailbox.differences()).toEqual([]);
});

test('F04 410 for every stored cursor lists anew, compares, and fetches only what has changed', async () => {
  const mailbox = await fieldMailbox(scene);
  const gone = await mailbox.addMessage('To be deleted');
  await mailbox.addMessage('To stay');
  await scene.control.addContact({ mailbox: mailbox.id, contact: { displayName: 'Ada' } });
  await mailbox.addEvent(anHour('Meeting'));
  await mailbox.backup();
  await mailbox.edit({ do: 'delete-message', mailbox: mailbox.id, message: gone });
  await mailbox.addMessage('New');
  await scene.control.expireDeltaLinks({ mailbox: mailbox.id });
  const result = await mailbox.backup();
  expect(result.outcome).toBe('warning');
  expect(codesOf(result)).toEqual(['change-tracking.re-baselined']);
  expect(result.counts).toMatchObject({ itemsNew: 1, itemsDeleted: 1, itemsChanged: 0 });
  expect(result.point?.status).toBe('complete');
  expect(await mailbox.differences()).toEqual([]);
  expect((await mailbox.backup()).outcome).toBe('succeeded');
});

test('F05 410 at any page of a walk begins it anew; the point is the same as without', async () => {
  await scene.settings({ pageSize: 2 });
  const mailbox = await fieldMailbox(scene);
  const { id } = mailbox;
  const pathRegex = deltaOf(await mailbox.folderOf('inbox'));
  const lostAt = (nth: number) => scene.fault({ pathRegex, mailbox: id, nth }, { kind: 'status', status: 410 });
  const addSeven = async () => {
    for (let number = 1; number <= 7; number += 1) await mailbox.addMessage(`Message ${number}`);
  };
  await addSeven();
  for (let page = 1; page <= 4; page += 1) {
    const chain = mailboxOf(scene, id);
    await lostAt(page);
    // Only what was remembered from before is worth a warning.
    expect(codesOf(await chain.backup(MAIL))).toEqual([]);
    expect({ page, differences: await chain.differences() }).toEqual({ page, differences: [] });

    await scene.control.clearFaults();
    await chain.edit({ do: 'delete-message', mailbox: id, message: (await chain.items())[0]?.id ?? '' });
    await addSeven();
    await lostAt(page);
    const result = await chain.backup(MAIL);
    expect(codesOf(result)).toEqual(page === 1 ? ['change-tracking.re-baselined'] : []);
    expect({ page, differences: await chain.differences() }).toEqual({ page, differences: [] });
    expect(result).toMatchObject({ counts: { itemsNew: 7, itemsDeleted: 1 }, point: { status: 'complete' } });
    expect((await scene.control.faults()).map(({ applied }) => applied)).toEqual([1]);
    await scene.control.clearFaults();
  }
});

test('F06 a mailbox that does not take delta tokens is listed and compared', async () => {
  const mailbox = await fieldMailbox(scene);
  const gone = await mailbox.addMessage('To be deleted');
  await mailbox.addMessage('To stay');
  await mailbox.backup(MAIL);
  await mailbox.edit({ do: 'delete-message', mailbox: mailbox.id, message: gone });
  await mailbox.addMessage('New');
  const message = "Parameter 'DeltaToken' not supported for this request.";
  await scene.fault(
    { pathRegex: '/messages/delta', mailbox: mailbox.id },
    { kind: 'status', status: 400, code: 'ErrorInvalidUrlQuery', message },
  );
  const result = await mailbox.backup(MAIL);
  expect(codesOf(result)).toEqual(['change-tracking.compared']);
  expect(result.counts).toMatchObject({ itemsNew: 1, itemsDeleted: 1 });
  expect(await mailbox.differences()).toEqual([]);
});

test('F07 504 with an empty body at every page of changes asks for smaller pages, then lists', async () => {
  const mailbox = await fieldMailbox(scene);
  await mailbox.addMessage('Slow to list');
  await scene.fault(
    { pathRegex: '/messages/delta', mailbox: mailbox.id },
    { kind: 'status', status: 504, body: 'empty' },
  );
  const result = await mailbox.backup(MAIL);
  expect(codesOf(result)).toEqual(['change-tracking.compared']);
  expect(result.point?.status).toBe('complete');
  expect(await mailbox.differences()).toEqual([]);
});

test('F08 a walk that loses its sync state again and again is given up after a few times', async () => {
  const mailbox = await fieldMailbox(scene);
  await mailbox.addMessage('Listed in the end');
  const pathRegex = deltaOf(await mailbox.folderOf('inbox'));
  await scene.fault({ pathRegex, mailbox: mailbox.id }, { kind: 'status', status: 410 });
  const result = await mailbox.backup(MAIL);
  expect(codesOf(result)).toEqual(['change-tracking.compared']);
  expect(await mailbox.differences()).toEqual([]);
  const walks = (await scene.requests(mailbox.id)).filter(({ path }) => new RegExp(pathRegex).test(path));
  expect(walks.length).toBeGreaterThan(1);
  expect(walks.length).toBeLessThanOrEqual(10);
});

test('F09 a mailbox over its quota, which cannot keep a sync state, is listed and compared', async () => {
  const mailbox = await fieldMailbox(scene);
  await mailbox.addMessage('One too many');
  await scene.fault(
    { pathRegex: '/messages/delta', mailbox: mailbox.id },
    { kind: 'status', status: 403, code: 'ErrorQuotaExceeded', message: 'The mailbox is full.' },
  );
  const result = await mailbox.backup(MAIL);
  expect(codesOf(result)).toEqual(['change-tracking.compared']);
  expect(await mailbox.differences()).toEqual([]);
});

test('F10 a service that remembers only the newest links of a walk is walked to its end', async () => {
  await scene.settings({ pageSize: 2, deltaGenerations: 3 });
  const mailbox = await fieldMailbox(scene);
  for (let number = 1; number <= 9; number += 1) await mailbox.addMessage(`Message ${number}`);
  expect((await mailbox.backup(MAIL)).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
  await mailbox.addMessage('Later');
  expect((await mailbox.backup(MAIL)).counts).toMatchObject({ itemsNew: 1, itemsDeleted: 0 });
  expect(await mailbox.differences()).toEqual([]);
});
