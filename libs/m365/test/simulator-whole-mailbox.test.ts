import type { ItemEntry, PointReader } from '@backhaul/repository';
import {
  backupMailbox,
  canonicalContact,
  canonicalEvent,
  canonicalHash,
  folderPaths,
  readStoredContact,
  readStoredEvent,
} from '@backhaul/engine';
import { backupWork, MemoryRepository, objectTask, workContext } from '@backhaul/engine/testing';
import type { Edit, Simulator } from '@backhaul/graph-simulator';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mailboxSources } from '../src/index.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

const CHAIN = { jobId: 'job-1', objectId: 'object-1' };
const work = backupWork({ kinds: ['mail', 'contacts', 'calendar'] });

let scene: SimulatorScene;
let simulator: Simulator;
let user: string;
let repository: MemoryRepository;
let runs = 0;

beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 30, contacts: 30, events: 40, seed: 11 });
  simulator = scene.simulator;
  const [first] = (await simulator.control.users()).filter(({ messages }) => messages > 0);
  user = first?.id ?? '';
  repository = new MemoryRepository();
});
afterAll(() => scene.close());

async function backup(changes: Partial<typeof work> = {}) {
  runs += 1;
  const outcome = await backupMailbox({
    sources: mailboxSources(scene.open(), user),
    writer: repository.openWriter(),
    task: objectTask({ taskId: `task-${runs}`, fence: runs }),
    work: { ...work, ...changes },
    context: workContext(),
  });
  if (outcome.type !== 'done') throw new Error(outcome.reason);
  return outcome;
}

/** Folder and canonical hash by id, as the newest point has its contacts and events. */
async function stored() {
  const point = repository.openPoint(CHAIN);
  const folders = await point.folders();
  const paths = folderPaths(folders);
  const hashes = new Map<string, [string, string]>();
  for (const { id, kind } of folders) {
    if (kind === 'mail') continue;
    for await (const item of point.items(id)) {
      hashes.set(item.id, [id, canonicalHash((await canonicalForm(point, item, paths.get(id) ?? [])) ?? {})]);
    }
  }
  return hashes;
}

async function canonicalForm(point: PointReader, item: ItemEntry, path: string[]) {
  if (item.kind === 'contact') {
    const contact = await readStoredContact(item, point);
    return contact === null ? null : canonicalContact(contact, path);
  }
  const event = await readStoredEvent(item, point);
  return event === null ? null : canonicalEvent(event, path);
}

async function truth() {
  const { contacts } = await simulator.control.contactsTruth({ mailbox: user, forms: false });
  const { events } = await simulator.control.calendarTruth({ mailbox: user, forms: false });
  return new Map<string, [string, string]>([
    ...contacts.map(({ id, folderId, canonicalHash: hash }) => [id, [folderId, hash]] as [string, [string, string]]),
    ...events.map(({ id, calendarId, canonicalHash: hash }) => [id, [calendarId, hash]] as [string, [string, string]]),
  ]);
}

function sorted(hashes: Map<string, [string, string]>) {
  return [...hashes].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('a whole mailbox backed up through Graph', () => {
  test('holds every contact and event exactly, series with exceptions and attachments included', async () => {
    const result = await backup();
    expect(result).toMatchObject({ outcome: 'succeeded', point: { kinds: ['mail', 'contacts', 'calendar'] } });
    expect(sorted(await stored())).toEqual(sorted(await truth()));
    const { maxConcurrentPerMailbox } = await simulator.control.logSummary({});
    expect(maxConcurrentPerMailbox).toBeLessThanOrEqual(4);
  });

  test('without changes fetches no single item again', async () => {
    const since = (await simulator.control.log({})).next;
    const result = await backup();
    expect(result.counts).toMatchObject({ itemsNew: 0, itemsChanged: 0, itemsDeleted: 0, bytesRead: 0 });
    const asked = (await scene.logged(since)).map(({ path }) => path);
    expect(asked.filter((path) => /\/(\$value|events\/[^/]+)$/.test(path))).toEqual([]);
  });

  test.each([
    ['with change tracking', {}],
    ['by comparison', { changeTracking: { mode: 'proprietary', onError: 'fail-object' } as const }],
    ['with change tracking again', {}],
  ])('%s holds what has changed since, of each kind', async (_how, changes) => {
    await simulator.control.change({ percent: 10, seed: runs, parts: ['contacts', 'calendar'], mailboxes: [user] });
    const result = await backup(changes);
    expect(result.outcome).toBe('succeeded');
    expect(result.counts.itemsNew).toBeGreaterThan(0);
    expect(result.counts.itemsDeleted).toBeGreaterThan(0);
    expect(sorted(await stored())).toEqual(sorted(await truth()));
  });

  test('finds a changed and a cancelled occurrence', async () => {
    const { events } = await simulator.control.calendarTruth({ mailbox: user });
    const series = events.find(({ canonical }) => canonical?.recurrence?.range.type === 'noEnd');
    if (series === undefined) throw new Error('The seed has no endless series.');
    const { id: event } = series;
    const source = mailboxSources(scene.open(), user).calendar;
    const dates = await occurrenceDates(event);
    const edits: Edit[] = [
      { do: 'change-occurrence', mailbox: user, event, date: dates[0] ?? '', set: { subject: 'This time elsewhere' } },
      { do: 'cancel-occurrence', mailbox: user, event, date: dates[1] ?? '' },
    ];
    await simulator.control.edit(...edits);
    const whole = await source.event(event, 'UTC', new AbortController().signal);
    expect(whole.exceptions.map(({ properties }) => properties.subject)).toContain('This time elsewhere');
    expect((await backup()).counts).toMatchObject({ itemsChanged: 1, itemsNew: 0, itemsDeleted: 0 });
    expect(sorted(await stored())).toEqual(sorted(await truth()));
  });
});

/** Dates of coming occurrences of a series, in its recurrence's time zone. */
async function occurrenceDates(event: string): Promise<string[]> {
  const path =
    `/users/${user}/events/${encodeURIComponent(event)}/instances` +
    '?startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-06-01T00:00:00Z&$select=start,type,originalStartTimeZone&$top=20';
  const prefer = ['IdType="ImmutableId"'];
  const { value } = await scene
    .open()
    .json<{ value: { type: string; start: { dateTime: string } }[] }>({ path, prefer });
  return value.filter(({ type }) => type === 'occurrence').map(({ start }) => start.dateTime.slice(0, 10));
}
