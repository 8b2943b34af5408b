import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSimulator, type Simulator } from '@backhaul/graph-simulator';
import { GraphCaller } from './support/graph-caller.ts';

const shape = { mailboxes: 2, messages: 2, contacts: 30, events: 30, seed: 12 };
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graph-simulator-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All contacts and events of the tenant. */
async function everything({ control }: Simulator): Promise<unknown> {
  const users = (await control.users()).filter(({ folders }) => folders > 0);
  return Promise.all(
    users.map(async ({ id }) => {
      const { mark: _, ...contacts } = await control.contactsTruth({ mailbox: id });
      const { mark: __, ...calendar } = await control.calendarTruth({ mailbox: id });
      return { contacts, calendar };
    }),
  );
}

test('contacts and events follow from the seed, and outlive the process with what happened to them', async () => {
  const first = await startSimulator({ ...shape, state: folder });
  const second = await startSimulator(shape);
  const third = await startSimulator({ ...shape, seed: 13 });
  const made = await everything(first);
  expect(await everything(second)).toEqual(made);
  expect(await everything(third)).not.toEqual(made);
  await Promise.all([second.close(), third.close()]);
  const { control } = first;
  const user = (await control.users())[0]!.id;
  await control.addContact({ mailbox: user, contact: { displayName: 'New' }, photoBase64: 'aGk=' });
  await control.addEvent({
    mailbox: user,
    event: {
      subject: 'New',
      start: { dateTime: '2026-01-05T10:00:00', timeZone: 'Tokyo Standard Time' },
      end: { dateTime: '2026-01-05T11:00:00', timeZone: 'Tokyo Standard Time' },
      recurrence: { pattern: { type: 'daily', interval: 1 }, range: { type: 'noEnd', startDate: '2026-01-05' } },
    },
    exceptions: [{ date: '2026-01-07', set: { subject: 'Other' } }],
    cancelled: ['2026-01-08'],
  });
  await control.change({ percent: 10, parts: ['contacts', 'calendar'] });
  const addedUser = await control.addUser({ language: 'de' });
  await control.addContact({ mailbox: addedUser.id, contact: { displayName: 'Of the new user' } });
  const caller = new GraphCaller(first);
  const { last } = await caller.all(`/users/${user}/contacts/delta?$select=id`);
  const link = (last['@odata.deltaLink'] as string).replace(first.graphUrl, '');
  caller.close();
  const before = await everything(first);
  await first.close();
  const again = await startSimulator({ ...shape, state: folder });
  const callerAgain = new GraphCaller(again);
  expect(await everything(again)).toEqual(before);
  const round = await callerAgain.call(again.graphUrl + link);
  expect([round.status, round.json.value]).toEqual([200, []]);
  callerAgain.close();
  await again.close();
});

test('a mailbox that was just made has its default folder and calendar, in its language', async () => {
  const simulator = await startSimulator({ mailboxes: 1, messages: 1 });
  const caller = new GraphCaller(simulator);
  const { id } = await simulator.control.addUser({ language: 'de' });
  expect((await caller.call(`/users/${id}/contactFolders/contacts`)).json.displayName).toBe('Kontakte');
  expect((await caller.call(`/users/${id}/calendar`)).json.name).toBe('Kalender');
  caller.close();
  await simulator.close();
});
