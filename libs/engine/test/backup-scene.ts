import type { BackupWork } from '@backhaul/domain';
import type { ItemEntry, PointReader } from '@backhaul/repository';
import { backupMailbox, type BackupMailboxInput, type Recurrence } from '../src/index.ts';
import {
  backupWork,
  fakeMailboxSources,
  FakeMailbox,
  MemoryRepository,
  objectTask,
  workContext,
} from '../testing/index.ts';

/** The chain that {@link backupScene} writes. */
export const CHAIN = { jobId: 'job-1', objectId: 'object-1' };

/** A weekly series, without exceptions. */
export const WEEKLY: Recurrence = {
  pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday' },
  range: { type: 'noEnd', startDate: '2026-03-02', recurrenceTimeZone: 'W. Europe Standard Time' },
};

/** Work that reads everything of a mailbox. */
export function wholeMailbox(overrides: Partial<BackupWork> = {}): BackupWork {
  return backupWork({ kinds: ['mail', 'contacts', 'calendar'], ...overrides });
}

/** {@link backupScene} with a folder of two contacts and a calendar of an event and a series. */
export function wholeMailboxScene() {
  const scene = backupScene();
  const { mailbox } = scene;
  mailbox.contacts.addFolder({ id: 'contacts', name: 'Contacts', wellKnownName: 'contacts' });
  mailbox.addContact('contacts', {}, { photo: Buffer.from('a photo') });
  mailbox.addContact('contacts');
  mailbox.calendar.addFolder({ id: 'calendar', name: 'Calendar', wellKnownName: 'calendar' });
  mailbox.addEvent('calendar');
  mailbox.addEvent('calendar', { recurrence: WEEKLY });
  const backup = (overrides: Partial<BackupMailboxInput> = {}) => scene.backup({ work: wholeMailbox(), ...overrides });
  return { ...scene, backup };
}

/** A mailbox with an inbox of three messages and an archive of one, and a repository to back it up to. */
export function backupScene() {
  const mailbox = new FakeMailbox();
  mailbox.addFolder({ id: 'inbox', name: 'Inbox', wellKnownName: 'inbox' });
  mailbox.addFolder({ id: 'archive', name: 'Archive' });
  for (let n = 0; n < 3; n += 1) mailbox.addMessage('inbox');
  mailbox.addMessage('archive');
  const repository = new MemoryRepository();
  let runs = 0;
  const backup = (overrides: Partial<BackupMailboxInput> = {}) => {
    runs += 1;
    const task = objectTask({ taskId: `task-${runs}`, fence: runs });
    return backupMailbox({
      sources: fakeMailboxSources(mailbox),
      writer: repository.openWriter(),
      task,
      work: backupWork(),
      context: workContext(),
      ...overrides,
    });
  };
  return { mailbox, repository, backup };
}

/** The result of work that must not yield. */
export async function done(outcome: ReturnType<typeof backupMailbox>) {
  const result = await outcome;
  if (result.type !== 'done') throw new Error(`The work yielded: ${result.reason}`);
  return result;
}

/** Ids by folder, as a point lists them. */
export async function contentsOf(point: PointReader): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {};
  for (const folder of await point.folders()) {
    contents[folder.id] = (await itemsOf(point, folder.id)).map(({ id }) => id);
  }
  return contents;
}

/** The items of one folder. */
export async function itemsOf(point: PointReader, folderId: string): Promise<ItemEntry[]> {
  const items: ItemEntry[] = [];
  for await (const item of point.items(folderId)) items.push(item);
  return items;
}
