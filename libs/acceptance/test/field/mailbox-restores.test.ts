import { expect, test } from '@jest/globals';
import type { FaultMatch } from '@backhaul/graph-simulator';
import { compareRestoredCalendar } from '../../src/compare/restored-calendar.ts';
import { compareRestoredContacts } from '../../src/compare/restored-contacts.ts';
import { compareRestoredMail } from '../../src/compare/restored-mail.ts';
import { anHour, differencesOf, fieldMailbox, type FieldMailbox } from './field-mailbox.ts';
import { codesOf, fieldScene } from './scene.ts';

/* Restores of mailboxes: what must not be lost, not be doubled, and not be heard of. */

const scene = fieldScene();

const PERSON = { emailAddress: { name: 'Grace', address: 'grace@elsewhere.example' } };

function file(name: string, size: number): Record<string, unknown> {
  const contentBytes = Buffer.alloc(size, name).toString('base64');
  return { '@odata.type': '#microsoft.graph.fileAttachment', name, contentType: 'application/pdf', contentBytes };
}

/** A backed-up mailbox with a meeting, mail in two folders, one with an attachment, and a contact. */
async function source(): Promise<FieldMailbox> {
  const mailbox = await fieldMailbox(scene);
  const attachments = [file('a.pdf', 1_000)];
  await mailbox.addMessage('In the inbox', 'inbox', { toRecipients: [PERSON], attachments });
  await mailbox.addMessage('Filed', await mailbox.addFolder('Files'), { from: PERSON });
  await scene.control.addContact({ mailbox: mailbox.id, contact: { displayName: 'Grace' } });
  await mailbox.addEvent({ ...anHour('Meeting'), attendees: [{ ...PERSON, type: 'required' }], attachments });
  await mailbox.backup();
  return mailbox;
}

async function target(): Promise<string> {
  return (await scene.control.addUser()).id;
}

/** In what the target is not what the source is, each item exactly once. */
async function differences(from: string, into: string): Promise<string[]> {
  const { control } = scene;
  const of = async (mailbox: string) => ({
    mail: await control.truth({ mailbox }),
    contacts: await control.contactsTruth({ mailbox }),
    calendar: await control.calendarTruth({ mailbox }),
  });
  const [one, other] = [await of(from), await of(into)];
  return differencesOf(
    compareRestoredMail(one.mail, other.mail),
    compareRestoredContacts(one.contacts, other.contacts),
    compareRestoredCalendar(one.calendar, other.calendar),
  );
}

test('F110 a mailbox that is full ends the restore with that reason, and it goes on when there is room', async () => {
  const mailbox = await source();
  for (const inRequests of [3, 8, 12]) {
    const into = await target();
    const edits = [{ do: 'update-user', mailbox: into, set: { mailboxState: 'over-quota' } } as const];
    await scene.control.changeAtRequest({ inRequests, edits });
    await expect(mailbox.restore(into)).rejects.toMatchObject({ kind: 'quota', code: 'graph.quota' });
    await scene.control.updateUser(into, { mailboxState: 'active' });
    await mailbox.restore(into);
    expect(await differences(mailbox.id, into)).toEqual([]);
  }
});

test.each<[string, FaultMatch, number, number]>([
  [
    'F111 a lost answer to a new message is looked up, not repeated',
    { pathRegex: '/mailFolders/[^/]+/messages$' },
    2,
    2,
  ],
  ['F112 a lost answer to a new contact is looked up, not repeated', { pathRegex: '/contacts$' }, 1, 1],
  ['F113 a lost answer to a new event is looked up, not repeated', { pathRegex: '/events$' }, 1, 1],
  ['F114 a lost answer to an attachment leaves it there once', { pathRegex: '/attachments$' }, 2, 3],
  ['F115 a lost answer to a new folder leaves one folder', { pathRegex: '/(mailFolders|childFolders)$' }, 1, 2],
])('%s', async (_name, match, times, posts) => {
  const mailbox = await source();
  for (let nth = 1; nth <= times; nth += 1) {
    const into = await target();
    await scene.fault({ ...match, method: 'POST', mailbox: into, nth }, { kind: 'lost-answer' });
    const { counts } = await mailbox.restore(into);
    expect((await scene.control.faults()).at(-1)?.applied).toBe(1);
    expect(counts).toMatchObject({ itemsFailed: 0 });
    expect(await differences(mailbox.id, into)).toEqual([]);
    const sent = (await scene.requests(into)).filter(
      ({ method, path }) => method === 'POST' && new RegExp(match.pathRegex ?? '').test(path),
    );
    expect(sent).toHaveLength(posts);
  }
});

test('F116 a folder that somebody else makes in the same moment is used, not doubled', async () => {
  const mailbox = await source();
  const [probe, raced] = [await target(), await target()];
  const before = (await scene.requests()).length;
  await mailbox.restore(probe);
  const asked = (await scene.requests()).slice(before).filter(({ path }) => path.startsWith('/v1.0/'));
  const creation = asked.findIndex(
    ({ method, path }) => method === 'POST' && /\/(mailFolders|childFolders)$/.test(path),
  );
  const edits = [{ do: 'add-folder', mailbox: raced, parent: 'msgfolderroot', displayName: 'Files' } as const];
  await scene.control.changeAtRequest({ inRequests: creation + 1, edits });
  await mailbox.restore(raced);
  expect((await scene.requests(raced)).some(({ method, status }) => method === 'POST' && status === 409)).toBe(true);
  expect(await differences(mailbox.id, raced)).toEqual([]);
});

/** A backed-up mailbox with a message that has an attachment of four megabytes, which takes two fragments. */
const sourceOfLarge = once(async () => {
  const mailbox = await fieldMailbox(scene);
  const attached = Buffer.alloc(4_000_000, 'large').toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  const mime = [
    'Subject: Large\r\nFrom: grace@elsewhere.example\r\nDate: Mon, 04 Mar 2019 05:06:07 +0000',
    'Message-ID: <large@elsewhere.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n',
    '--b\r\nContent-Type: text/plain\r\n\r\nSee there\r\n--b\r\nContent-Type: application/pdf; name=large.pdf',
    `Content-Disposition: attachment; filename=large.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${attached}`,
    '--b--\r\n',
  ].join('\r\n');
  await scene.control.addMessage({ mailbox: mailbox.id, mimeBase64: Buffer.from(mime).toString('base64') });
  await mailbox.backup();
  return mailbox;
});

/** Made by the first who asks, and only read afterwards. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** Name, size and hash of every attachment, message by message. */
async function attachmentsIn(mailbox: string) {
  const { messages } = await scene.control.truth({ mailbox, forms: false });
  return messages.map(({ attachments }) => attachments.map(({ name, size, sha256 }) => ({ name, size, sha256 })));
}

test('F117 an upload of an attachment whose session is lost in the middle is begun anew, and is there once', async () => {
  const mailbox = await sourceOfLarge();
  const into = await target();
  await scene.fault({ pathRegex: '^/upload/', method: 'PUT', nth: 2 }, { kind: 'status', status: 404 });
  expect(await mailbox.restore(into)).toMatchObject({ outcome: 'succeeded', issues: [] });
  expect(await attachmentsIn(into)).toEqual(await attachmentsIn(mailbox.id));
  const uploads = (await scene.requests()).filter(({ path }) => path.startsWith('/upload/'));
  // Who sends the token along is answered 401.
  expect(uploads.filter(({ status }) => status === 401)).toEqual([]);
  expect(uploads.length).toBeGreaterThan(2);
});

test('F118 a lost answer to any fragment of an upload doubles no byte and no attachment', async () => {
  const mailbox = await sourceOfLarge();
  for (let nth = 1; nth <= 2; nth += 1) {
    const into = await target();
    await scene.fault({ pathRegex: '^/upload/', method: 'PUT', mailbox: into, nth }, { kind: 'lost-answer' });
    expect(await mailbox.restore(into)).toMatchObject({ outcome: 'succeeded', issues: [] });
    expect(await attachmentsIn(into)).toEqual(await attachmentsIn(mailbox.id));
    const uploads = (await scene.requests(into)).filter(({ path }) => path.startsWith('/upload/'));
    expect(uploads.filter(({ status }) => status === 416).length).toBeLessThan(2);
  }
});

test('F119 nobody hears of a restore: no invitation, no answer, no mail, no cancellation', async () => {
  const mailbox = await source();
  await mailbox.addEvent({
    ...anHour('Answered'),
    organizer: PERSON,
    responseStatus: { response: 'accepted' },
    attendees: [{ ...PERSON, type: 'required' }],
  });
  await mailbox.backup();
  const before = await scene.control.sent();
  const into = await target();
  for (const collision of ['skip', 'replace', 'keep-both'] as const) {
    await mailbox.restore(into, { collision, restoreId: `restore-${collision}` });
    await mailbox.restore(mailbox.id, { collision, restoreId: `home-${collision}` });
  }
  expect(await scene.control.sent()).toEqual(before);
});

test('F120 a restored message is no draft and keeps its dates, read or not', async () => {
  const mailbox = await fieldMailbox(scene);
  const dates = { sentDateTime: '2019-03-04T05:06:07Z', receivedDateTime: '2019-03-04T05:07:08Z' };
  await mailbox.addMessage('Read', 'inbox', { ...dates, isRead: true });
  await mailbox.addMessage('Unread', 'inbox', { ...dates, isRead: false });
  await mailbox.addMessage('A draft', 'drafts', { isDraft: true });
  await mailbox.backup();
  const into = await target();
  expect(codesOf(await mailbox.restore(into))).toEqual([]);
  expect(await differences(mailbox.id, into)).toEqual([]);
});
