import { chainsOf, withRepository } from '../compare/compare-backup.ts';
import { sumComparisons, type Comparison } from '../compare/difference.ts';
import { compareRestoredCalendar } from '../compare/restored-calendar.ts';
import { compareRestoredContacts } from '../compare/restored-contacts.ts';
import { compareRestoredFiles } from '../compare/restored-files.ts';
import { compareRestoredMail } from '../compare/restored-mail.ts';
import type { ObjectView, RunView } from '../system/director-client.ts';
import type { PreparedJob } from '../system/prepare-job.ts';
import type { System } from '../system/start-system.ts';

/** Starts the restore of a mailbox with all it holds into the empty one of a new user whose folders have other names. */
export async function restoreMailboxElsewhere(
  system: System,
  job: PreparedJob,
): Promise<{ run: RunView; compare: () => Promise<Comparison> }> {
  const { api, control } = system;
  const source = await mediumMailbox(system, job);
  const target = await control.addUser({ displayName: 'Restore Target', language: 'de' });
  await api.refreshInventory(job.tenantId);
  const targetObject = (await api.inventory(job.tenantId, 'mailbox')).find((object) => object.externalId === target.id);
  if (targetObject === undefined) throw new Error('The new user is not in the inventory.');
  const pointId = await newestPointId(job, source);
  const run = await api.startRestore({ pointId, targetObjectId: targetObject.id });
  const [from, to] = [{ mailbox: source.externalId }, { mailbox: target.id }];
  const compare = async () =>
    sumComparisons([
      compareRestoredMail(await control.truth(from), await control.truth(to)),
      compareRestoredContacts(await control.contactsTruth(from), await control.contactsTruth(to)),
      compareRestoredCalendar(await control.calendarTruth(from), await control.calendarTruth(to)),
    ]);
  return { run, compare };
}

/** Starts the restore of one OneDrive into a new folder of another one. */
export async function restoreDriveElsewhere(
  system: System,
  job: PreparedJob,
): Promise<{ run: RunView; compare: () => Promise<Comparison> }> {
  const { api, control } = system;
  const [source, target] = await smallestDrives(system, job);
  if (source === undefined || target === undefined) throw new Error('The job protects too few OneDrives.');
  const folder = 'Restored';
  const run = await api.startRestore({
    pointId: await newestPointId(job, source),
    targetObjectId: target.id,
    placement: { type: 'new-folder', name: folder },
  });
  const compare = async () =>
    compareRestoredFiles(
      await control.driveTruth({ user: source.externalId }),
      await control.driveTruth({ user: target.externalId }),
      folder,
    );
  return { run, compare };
}

async function newestPointId(job: PreparedJob, object: ObjectView): Promise<string> {
  const points = await withRepository(job, async (repository) => (await chainsOf(repository, job)).get(object.id));
  return `${job.jobId}.${object.id}.${String(points?.at(-1)?.sequence)}`;
}

/** Not the largest, so that the restore stays short; not an empty one either. */
async function mediumMailbox(system: System, job: PreparedJob): Promise<ObjectView> {
  const messages = new Map((await system.control.users()).map((user) => [user.id, user.messages]));
  const bySize = job.objects
    .filter(({ kind }) => kind === 'mailbox')
    .sort((one, other) => (messages.get(one.externalId) ?? 0) - (messages.get(other.externalId) ?? 0));
  const chosen = bySize[Math.floor(bySize.length / 2)];
  if (chosen === undefined) throw new Error('The job protects no mailbox.');
  return chosen;
}

/** Drives with the least in them first, so that the restore stays short. */
async function smallestDrives({ control }: System, job: PreparedJob): Promise<ObjectView[]> {
  const drives = job.objects.filter(({ kind }) => kind === 'oneDrive');
  const sized = await Promise.all(
    drives.map(async (drive) => {
      const { items } = await control.driveTruth({ user: drive.externalId, hashes: false });
      return { drive, bytes: items.reduce((sum, { size }) => sum + size, 0) };
    }),
  );
  return sized.sort((one, other) => one.bytes - other.bytes).map(({ drive }) => drive);
}
