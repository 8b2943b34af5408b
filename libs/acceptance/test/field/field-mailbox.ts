import { systemClock, type BackupWork, type Clock, type RestoreWork } from '@backhaul/domain';
import { backupMailbox, restoreMailbox, type WorkContext, type WorkOutcome } from '@backhaul/engine';
import { backupWork, MemoryRepository, objectTask, restoreWork, workContext } from '@backhaul/engine/testing';
import type { Edit, NewUser } from '@backhaul/graph-simulator';
import { mailboxSources, mailboxTargets, type Graph } from '@backhaul/m365';
import type { ItemEntry, PointReader } from '@backhaul/repository';
import { compareTree } from '../../src/compare/compare-tree.ts';
import type { Comparison } from '../../src/compare/difference.ts';
import { expectedCalendar } from '../../src/compare/expected-calendar.ts';
import { expectedContacts } from '../../src/compare/expected-contacts.ts';
import { expectedMail } from '../../src/compare/expected-mail.ts';
import type { FieldScene } from './scene.ts';

export type Done = Extract<WorkOutcome, { type: 'done' }>;

/** How a piece of work is done, when not as usual. */
export interface Working {
  graph?: Graph;
  context?: Partial<WorkContext>;
  /** Where windows of calendars lie. */
  clock?: Pick<Clock, 'now'>;
}

/** A mailbox of the tenant, what happens to it, and the chain of points that a job makes of it. */
export interface FieldMailbox {
  /** User id. */
  readonly id: string;
  /** Makes one edit; returns the id of what it was about. */
  edit(edit: Edit): Promise<string>;
  addFolder(displayName: string, parent?: string): Promise<string>;
  /** Id of the folder of mail with this role. */
  folderOf(wellKnownName: string): Promise<string>;
  /** Puts a message into a folder (default: the inbox); returns its id. */
  addMessage(subject: string, folder?: string, more?: Record<string, unknown>): Promise<string>;
  /** Puts an event into the default calendar; returns its id. */
  addEvent(event: Record<string, unknown>, calendar?: string): Promise<string>;
  /** Backs it up: mail, contacts and calendar, unless `work` says something else. */
  backup(work?: Partial<BackupWork>, how?: Working): Promise<Done>;
  /** The newest point. */
  point(): PointReader;
  /** The items of the newest point. */
  items(): Promise<ItemEntry[]>;
  /** In what the newest point differs from the mailbox as it is now. */
  differences(): Promise<string[]>;
  /** Restores the newest point into another mailbox, or this one. */
  restore(into: string, work?: Partial<RestoreWork>, how?: Working): Promise<Done>;
}

/** Makes a mailbox for one scenario; its chain begins empty. */
export async function fieldMailbox(scene: FieldScene, user: NewUser = {}): Promise<FieldMailbox> {
  const { id } = await scene.control.addUser(user);
  return mailboxOf(scene, id);
}

/** A mailbox that is there already. */
export function mailboxOf(scene: FieldScene, id: string): FieldMailbox {
  const { control } = scene;
  const repository = new MemoryRepository();
  const { chain } = objectTask();
  let runs = 0;
  const edit = async (one: Edit) => (await control.edit(one))[0]?.id ?? '';
  const mailbox: FieldMailbox = {
    id,
    edit,
    addFolder: (displayName, parent = 'msgfolderroot') => edit({ do: 'add-folder', mailbox: id, parent, displayName }),
    async folderOf(wellKnownName) {
      const { folders } = await control.truth({ mailbox: id, forms: false });
      return folders.find((folder) => folder.wellKnownName === wellKnownName)?.id ?? '';
    },
    addMessage: async (subject, folder = 'inbox', more = {}) =>
      (await control.addMessage({ mailbox: id, folder, message: { subject, body: plain(subject), ...more } })).id,
    addEvent: async (event, calendar) =>
      (await control.addEvent({ mailbox: id, event, ...(calendar !== undefined && { calendar }) })).id,
    async backup(work = {}, { graph = scene.open(), context = {}, clock = {} } = {}) {
      runs += 1;
      const outcome = await backupMailbox({
        sources: mailboxSources(graph, id, { clock: { ...systemClock(), ...clock } }),
        writer: repository.openWriter(),
        task: objectTask({ chain, taskId: `task-${runs}`, fence: runs }),
        work: backupWork({ kinds: ['mail', 'contacts', 'calendar'], ...work }),
        context: workContext(context),
      });
      return done(outcome);
    },
    point: () => repository.openPoint(chain),
    items: () => itemsOf(mailbox.point()),
    differences: async () => differencesOf(await compareMailbox(scene, id, mailbox.point())),
    async restore(into, work = {}, { graph = scene.open(), context = {} } = {}) {
      const outcome = await restoreMailbox({
        targets: mailboxTargets(graph, into),
        point: mailbox.point(),
        work: restoreWork(work),
        context: workContext(context),
      });
      return done(outcome);
    },
  };
  return mailbox;
}

/** All items of a point. */
export async function itemsOf(point: PointReader): Promise<ItemEntry[]> {
  const items: ItemEntry[] = [];
  for (const { id } of await point.folders()) for await (const item of point.items(id)) items.push(item);
  return items;
}

/** What was found, one line each. */
export function differencesOf(...comparisons: Comparison[]): string[] {
  return comparisons.flatMap(({ differences }) => differences.map(({ item, problem }) => `${item} ${problem}`));
}

/** @throws Error when the work has yielded */
export function done(outcome: WorkOutcome): Done {
  if (outcome.type !== 'done') throw new Error(`It yielded: ${outcome.reason}`);
  return outcome;
}

/** A text body. */
export function plain(content: string): { contentType: 'text'; content: string } {
  return { contentType: 'text', content };
}

/** An event of the coming days, in UTC. */
export function anHour(subject: string, day = inDays(7)): Record<string, unknown> {
  const at = (hour: number) => ({ dateTime: `${day}T${hour}:00:00`, timeZone: 'UTC' });
  return { subject, start: at(10), end: at(11) };
}

/** The date so many days from now, `YYYY-MM-DD`. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

async function compareMailbox(scene: FieldScene, mailbox: string, point: PointReader): Promise<Comparison> {
  const { control } = scene;
  const sent = (await scene.requests(mailbox)).flatMap(({ status, sha256 }) => (status === 200 ? (sha256 ?? []) : []));
  const trees = [
    expectedMail(await control.truth({ mailbox }), new Set(sent)),
    expectedContacts(await control.contactsTruth({ mailbox })),
    expectedCalendar(await control.calendarTruth({ mailbox })),
  ];
  const differences = [];
  for (const tree of trees.filter(({ kind }) => point.record.kinds.includes(kind)))
    differences.push(...(await compareTree(point, tree)).differences);
  return { items: 0, folders: 0, bytes: 0, differences };
}
