import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { useSimulator } from './support/use-simulator.ts';

const bench = useSimulator({ mailboxes: 1, messages: 1 });
let user = '';

beforeAll(async () => {
  user = (await bench.simulator.control.addUser()).id;
});
afterEach(async () => {
  await bench.simulator.control.clearFaults();
  await bench.simulator.control.updateSettings({ clockAheadSeconds: 0, pageSize: 0 });
});

test('control characters and lone surrogates stand in the JSON as they are', async () => {
  const { control } = bench.simulator;
  const displayName = 'tab\t back\\slash \u0001 lone \ud83d and paired 😀';
  await control.addContact({ mailbox: user, contact: { displayName } });
  await control.addFault({ match: {}, effect: { kind: 'unescaped' } });
  const { bytes } = await bench.graph.call(`/users/${user}/contacts?$select=displayName`);
  const raw = Buffer.from(bytes);
  const around = Buffer.concat([Buffer.from('\u0001 lone '), Buffer.from([0xed, 0xa0, 0xbd]), Buffer.from(' and')]);
  expect(raw.includes(around)).toBe(true);
  expect(raw.includes('tab\t back\\\\slash')).toBe(true);
  expect(raw.includes('😀')).toBe(true);
});

test('a request within a batch fails, and those beside it and outside do not', async () => {
  const { control } = bench.simulator;
  const effect = { kind: 'status', status: 429, retryAfterSeconds: 7 } as const;
  await control.addFault({ match: { pathRegex: '/contacts', inBatch: true }, effect });
  const requests = ['contacts', 'messages'].map((what) => ({ id: what, method: 'GET', url: `/users/${user}/${what}` }));
  const { json } = await bench.graph.call('/$batch', { method: 'POST', body: { requests } });
  const answers = new Map(json.responses.map((one: { id: string }) => [one.id, one]));
  expect(answers.get('contacts')).toMatchObject({ status: 429, headers: { 'Retry-After': '7' } });
  expect(answers.get('messages')).toMatchObject({ status: 200 });
  expect((await bench.graph.call(`/users/${user}/contacts`)).status).toBe(200);
  await expect(control.addFault({ match: { inBatch: true }, effect: { kind: 'reset' } })).rejects.toThrow(/status/);
});

test('a clock that is ahead shows in dates, and Retry-After can be one of them', async () => {
  const { control } = bench.simulator;
  await control.updateSettings({ clockAheadSeconds: 7200 });
  const effect = { kind: 'status', status: 503, retryAfterSeconds: 30, retryAfterIsDate: true } as const;
  await control.addFault({ match: { times: 1 }, effect });
  const { status, headers } = await bench.graph.call('/organization');
  expect(status).toBe(503);
  const date = Date.parse(String(headers['date']));
  expect(date - Date.now()).toBeGreaterThan(7_100_000);
  expect(Date.parse(String(headers['retry-after'])) - date).toBe(30_000);
  const logged = (await control.log()).entries.at(-1)?.retryAfter ?? 0;
  // A date has whole seconds.
  expect([28, 29, 30]).toContain(logged);
  // A token from before is two hours old by now.
  expect((await bench.graph.call('/organization')).status).toBe(401);
});

test('pages are as small as the settings say, whatever is asked', async () => {
  const { control } = bench.simulator;
  for (const number of [1, 2, 3]) await control.addMessage({ mailbox: user, message: { subject: `${number}` } });
  await control.updateSettings({ pageSize: 2 });
  const headers = { prefer: 'odata.maxpagesize=500' };
  for (const path of ['messages?$top=500', 'mailFolders/inbox/messages/delta']) {
    const { pages, value } = await bench.graph.all(`/users/${user}/${path}`, { headers });
    expect([path, pages, value.length]).toEqual([path, 2, 3]);
  }
});

test('a user changes when a request comes: a licence is taken, a name is given', async () => {
  const { control } = bench.simulator;
  const { id } = await control.addUser();
  const userPrincipalName = 'married@example.com';
  const edits = [{ do: 'update-user', mailbox: id, set: { mailboxState: 'unlicensed', userPrincipalName } } as const];
  await control.changeAtRequest({ inRequests: 2, edits });
  const inbox = `/users/${id}/mailFolders/inbox`;
  expect((await bench.graph.call(inbox)).status).toBe(200);
  expect((await bench.graph.call(inbox)).json.error.code).toBe('MailboxNotEnabledForRESTAPI');
  expect((await control.users()).find((one) => one.id === id)).toMatchObject({ userPrincipalName });
  const { id: other } = await control.addUser();
  await expect(control.updateUser(other, { userPrincipalName })).rejects.toThrow(/married/);
});

test.each([
  [0, false],
  [1, true],
])('a changed and a cancelled occurrence leave the change key of their series, or not (%d)', async (setting, kept) => {
  const { control } = bench.simulator;
  const { id: mailbox } = await control.addUser();
  const at = (hour: number) => ({ dateTime: `2026-12-07T${hour}:00:00`, timeZone: 'UTC' });
  const pattern = { type: 'daily', interval: 1 };
  const range = { type: 'numbered', startDate: '2026-12-07', numberOfOccurrences: 5, recurrenceTimeZone: 'UTC' };
  const series = { subject: 'Daily', start: at(10), end: at(11), recurrence: { pattern, range } };
  const { id: event } = await control.addEvent({ mailbox, event: series });
  await control.updateSettings({ keepSeriesKey: setting });
  const key = async () =>
    (await bench.graph.call(`/users/${mailbox}/events?$select=changeKey`)).json.value[0].changeKey;
  const before = await key();
  await control.edit(
    { do: 'change-occurrence', mailbox, event, date: '2026-12-08', set: { subject: 'Changed' } },
    { do: 'cancel-occurrence', mailbox, event, date: '2026-12-09' },
  );
  expect((await key()) === before).toBe(kept);
  await control.edit({ do: 'update-event', mailbox, event, set: { subject: 'Another name' } });
  expect(await key()).not.toBe(before);
  await control.updateSettings({ keepSeriesKey: 0 });
});
