import { expect, test } from '@jest/globals';
import { fieldDrive, text } from './field-drive.ts';
import { anHour, fieldMailbox } from './field-mailbox.ts';
import { codesOf, fieldScene } from './scene.ts';

/* What administrators and licences do to whole mailboxes. */

const scene = fieldScene();

test('F50 a licence that is removed in the middle of a run ends it with the reason, and nothing is lost', async () => {
  for (const inRequests of [2, 7, 12]) {
    const mailbox = await fieldMailbox(scene);
    for (const subject of ['one', 'two', 'three']) await mailbox.addMessage(subject);
    await mailbox.backup();
    await mailbox.addMessage('four');
    const edits = [{ do: 'update-user', mailbox: mailbox.id, set: { mailboxState: 'unlicensed' } } as const];
    await scene.control.changeAtRequest({ inRequests, edits });
    await expect(mailbox.backup()).rejects.toMatchObject({ kind: 'forbidden', code: 'graph.mailbox-unusable' });
    expect(mailbox.point().record).toMatchObject({ sequence: 1, itemCount: 3 });
    await scene.control.updateUser(mailbox.id, { mailboxState: 'active' });
    expect((await mailbox.backup()).counts).toMatchObject({ itemsNew: 1, itemsDeleted: 0, itemsTotal: 4 });
    expect(await mailbox.differences()).toEqual([]);
  }
});

test.each([
  ['F51 a mailbox that is inactive or on-premises fails alone, with what it is', 'inactive', 'graph.mailbox-unusable'],
  ['F52 a user without a mailbox fails alone, with what it is', 'missing', 'graph.mailbox-missing'],
  ['F53 a mailbox that an access policy leaves out fails alone, with what it is', 'denied', 'graph.mailbox-denied'],
] as const)('%s', async (_name, mailboxState, code) => {
  const [theirs, beside] = [await fieldMailbox(scene), await fieldMailbox(scene)];
  await beside.addMessage('Of somebody else');
  await scene.control.updateUser(theirs.id, { mailboxState });
  const graph = scene.open();
  const [refused, other] = await Promise.allSettled([theirs.backup({}, { graph }), beside.backup({}, { graph })]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { code, retry: 'never' } });
  expect(other).toMatchObject({ status: 'fulfilled', value: { outcome: 'succeeded' } });
  expect(await beside.differences()).toEqual([]);
  expect((await scene.requests(theirs.id)).length).toBeLessThan(10);
});

test('F54 a user who gets another name between two runs keeps the chain, and nothing is read again', async () => {
  const [mailbox, drive] = [await fieldMailbox(scene), await fieldDrive(scene)];
  await mailbox.addMessage('Before the wedding');
  await mailbox.addEvent(anHour('Wedding'));
  await drive.addFile('certificate.txt', text('signed'));
  await mailbox.backup();
  await drive.backup();
  for (const { id } of [mailbox, drive])
    await scene.control.updateUser(id, { userPrincipalName: `new.name.${id}@example.com`, displayName: 'New Name' });
  for (const result of [await mailbox.backup(), await drive.backup()]) {
    expect(result.outcome).toBe('succeeded');
    expect(result.counts).toMatchObject({ itemsNew: 0, itemsChanged: 0, itemsDeleted: 0, bytesRead: 0 });
  }
  expect(await mailbox.differences()).toEqual([]);
  expect(await drive.differences()).toEqual([]);
});

test('F55 an in-place archive is named as not covered, in every run', async () => {
  const mailbox = await fieldMailbox(scene);
  await mailbox.addMessage('Not in the archive');
  await scene.control.updateUser(mailbox.id, { hasArchive: true });
  for (let night = 1; night <= 2; night += 1) {
    const result = await mailbox.backup();
    expect(result.outcome).toBe('warning');
    expect(codesOf(result)).toEqual(['mailbox.archive-not-covered']);
  }
  expect(await mailbox.differences()).toEqual([]);
});

test('F56 an application without the right to contacts still protects the mail, and says what is missing', async () => {
  const mailbox = await fieldMailbox(scene);
  await mailbox.addMessage('Protected all the same');
  await scene.control.addContact({ mailbox: mailbox.id, contact: { displayName: 'Ada' } });
  await scene.fault(
    { pathRegex: '/(contacts|contactFolders)', mailbox: mailbox.id },
    { kind: 'status', status: 403, code: 'ErrorAccessDenied' },
  );
  const result = await mailbox.backup();
  expect(result).toMatchObject({ outcome: 'warning', point: { status: 'incomplete', kinds: ['mail', 'calendar'] } });
  expect(await mailbox.differences()).toEqual([]);
  await scene.control.clearFaults();
  expect(await mailbox.backup()).toMatchObject({ outcome: 'succeeded', point: { status: 'complete' } });
  expect(await mailbox.differences()).toEqual([]);
});
