import { expect, test } from '@jest/globals';
import type { FaultEffect } from '@backhaul/graph-simulator';
import { compareRestoredMail } from '../../src/compare/restored-mail.ts';
import { fieldDrive, text } from './field-drive.ts';
import { anHour, differencesOf, fieldMailbox } from './field-mailbox.ts';
import { codesOf, fieldScene } from './scene.ts';

/* Lists that do not come as they should, and what lies at the edge of what can be listed. */

const scene = fieldScene();

/** One of everything, on several pages. */
async function smallMailbox() {
  await scene.settings({ pageSize: 2 });
  const mailbox = await fieldMailbox(scene);
  for (const name of ['one', 'two', 'three']) {
    await mailbox.addMessage(name);
    await scene.control.addContact({ mailbox: mailbox.id, contact: { displayName: name } });
    await mailbox.addEvent(anHour(name));
  }
  return mailbox;
}

async function smallDrive() {
  await scene.settings({ pageSize: 2 });
  const drive = await fieldDrive(scene);
  for (const name of ['one.txt', 'two.txt', 'three.txt']) await drive.addFile(name, text(name));
  return drive;
}

const ANY_LIST = '/(delta|messages|contacts|events|calendarView|children|calendars|contactFolders)(/delta)?(\\?|$)';

test.each<[string, FaultEffect]>([
  ['F11 an empty page that goes on is not the end of a list', { kind: 'empty-page' }],
  ['F12 a page that comes twice doubles nothing', { kind: 'repeated-page' }],
  ['F13 an entry that is mentioned twice is there once', { kind: 'duplicate-items' }],
])('%s', async (_name, effect) => {
  const [mailbox, drive] = [await smallMailbox(), await smallDrive()];
  for (let nth = 1; nth <= 3; nth += 1) {
    await scene.fault({ pathRegex: ANY_LIST, mailbox: mailbox.id, nth }, effect);
    await scene.fault({ pathRegex: ANY_LIST, mailbox: drive.id, nth }, effect);
  }
  expect((await mailbox.backup()).counts).toMatchObject({ itemsTotal: 9, itemsNew: 9 });
  expect((await drive.backup()).counts).toMatchObject({ itemsTotal: 3, itemsNew: 3 });
  expect(await mailbox.differences()).toEqual([]);
  expect(await drive.differences()).toEqual([]);
});

test('F14 a list that gives the same link for ever is left after a few requests, and another way is taken', async () => {
  const [mailbox, drive] = [await smallMailbox(), await smallDrive()];
  await scene.fault({ pathRegex: '/delta' }, { kind: 'endless-next-link', variant: 'same-link' });
  for (const result of [await mailbox.backup(), await drive.backup()]) {
    expect(codesOf(result)).toEqual(['change-tracking.compared']);
    expect(result.point?.status).toBe('complete');
  }
  expect(await mailbox.differences()).toEqual([]);
  expect(await drive.differences()).toEqual([]);
  expect((await scene.requests()).length).toBeLessThan(150);
});

test('F15 folders lie forty levels deep', async () => {
  const mailbox = await fieldMailbox(scene);
  let folder = 'msgfolderroot';
  for (let level = 1; level <= 40; level += 1) folder = await mailbox.addFolder(`Level ${level}`, folder);
  await mailbox.addMessage('At the bottom', folder);
  expect((await mailbox.backup({ kinds: ['mail'] })).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
  const { id: into } = await scene.control.addUser();
  await mailbox.restore(into);
  const [source, target] = await Promise.all([mailbox.id, into].map((one) => scene.control.truth({ mailbox: one })));
  expect(differencesOf(compareRestoredMail(source!, target!))).toEqual([]);
  expect(target!.folders.some(({ path }) => path.length === 40)).toBe(true);
});

const LONG = '長い名前 '.repeat(80).slice(0, 400);
/** Composed, decomposed, right to left, beyond the first plane, a mark of direction. */
const ODD = ['é', 'e\u0301', 'שלום', '👩‍👩‍👧‍👦🎂', 'a\u202Egpj.exe', 'ß'];

test('F16 names of 400 characters and of every script, empty subjects and attachments come through', async () => {
  const mailbox = await fieldMailbox(scene);
  for (const [index, name] of ODD.entries()) {
    const folder = await mailbox.addFolder(`${index} ${name}`);
    await mailbox.addMessage(name, folder, { attachments: [file(`${name}.bin`, '')] });
    await scene.control.addContact({ mailbox: mailbox.id, contact: { displayName: name } });
    await mailbox.addEvent(anHour(name));
  }
  await mailbox.addMessage('');
  await mailbox.addMessage(LONG);
  await mailbox.addEvent(anHour(LONG));
  expect((await mailbox.backup()).outcome).toBe('succeeded');
  expect(await mailbox.differences()).toEqual([]);
  const { id: into } = await scene.control.addUser();
  expect(codesOf(await mailbox.restore(into))).toEqual([]);
  const [source, target] = await Promise.all([mailbox.id, into].map((one) => scene.control.truth({ mailbox: one })));
  expect(differencesOf(compareRestoredMail(source!, target!))).toEqual([]);
});

test('F17 files without a byte, and paths of 400 characters and of every script, come through', async () => {
  const drive = await fieldDrive(scene);
  const deep = await drive.addFolder('d'.repeat(120), await drive.addFolder('D'.repeat(120)));
  await drive.addFile(`${'f'.repeat(140)}.txt`, text('at the end of a long path'), deep);
  for (const [index, name] of ODD.entries()) await drive.addFile(`${index} ${name}.txt`, text(index === 0 ? '' : name));
  expect((await drive.backup()).outcome).toBe('succeeded');
  expect(await drive.differences()).toEqual([]);
  const other = await fieldDrive(scene);
  expect(codesOf(await drive.restore(other.id))).toEqual([]);
  expect(await other.contents()).toEqual(await drive.contents());
});

test('F18 control characters and lone surrogates that stand raw in the JSON cost nothing', async () => {
  const mailbox = await fieldMailbox(scene);
  const name = 'bell \u0007, tab \t, unit \u001f';
  await scene.control.addContact({
    mailbox: mailbox.id,
    contact: { displayName: name, jobTitle: 'half \ud83d of one' },
  });
  await mailbox.addEvent(anHour(name));
  await mailbox.addMessage('Beside them');
  await scene.fault({ mailbox: mailbox.id }, { kind: 'unescaped' });
  const result = await mailbox.backup();
  expect(result.outcome).toBe('succeeded');
  expect(result.counts.itemsTotal).toBe(3);
  const names = (await mailbox.items()).map((item) => (item.kind === 'contact' ? item.name : ''));
  expect(names).toContain(name);
});

function file(name: string, content: string): Record<string, unknown> {
  const contentBytes = Buffer.from(content).toString('base64');
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name,
    contentType: 'application/octet-stream',
    contentBytes,
  };
}
