import { Failure, isFailure } from '@backhaul/domain';
import type { FileEntry, PartToStore } from '@backhaul/repository';
import { isUnread, partOf } from '../../stored-item.ts';
import { FILE_PARTS, fileListing, filePropertiesPart, readStoredProperties } from '../../stored-file.ts';
import { hasSameContent, statedHash, type DriveItem } from '../drive-item.ts';
import { ContentChanged, HashDiffers, openContent } from './content-reader.ts';
import { driveCheckpointIfDue, noteIssue, reportDrive, type DriveRun } from './drive-run.ts';
import { needsPermissions, storedPermissions } from './read-permissions.ts';
import { isVersionPart, readVersions } from './read-versions.ts';
import { hasFileContent, leavePlace, storeSkipped } from './skipped-files.ts';

/** So often a file is read anew because it changed, or because what came had another hash than stated. */
const MAX_ATTEMPTS = 4;

/** Failures of a single file that leave the rest of the drive alone. */
const ABOUT_THE_FILE = [
  'unreadable',
  'unavailable',
  'timed-out',
  'expired',
  'forbidden',
  'invalid-input',
  'conflict',
  'precondition',
] as const;

/** So many files in a row that the service failed to deliver are no bad files: the service is down, or closed to us. */
const MAX_SERVICE_FAILURES_IN_A_ROW = 20;

/**
 * Brings one listed file into the point: leaves it alone when nothing of it changed, takes over its content when only its
 * name, place or properties did, else transfers it.
 * @param known what is stored of it, wherever that lies; null when nothing is
 * @returns whether the point was changed.
 */
export async function readFile(
  run: DriveRun,
  item: DriveItem,
  folderId: string,
  known: FileEntry | null,
  transfer: 'differences' | 'everything',
): Promise<boolean> {
  if (transfer === 'differences' && (await isCurrent(run, item, folderId, known))) return false;
  await run.transfers(async () => {
    try {
      if (isBlocked(item)) throw blocked(item);
      const keeps = transfer === 'differences' && known !== null && (await hasKnownContent(run, item, known));
      await (keeps ? takeOver(run, item, folderId, known) : transferContent(run, item, folderId, known));
      run.failuresInARow = 0;
    } catch (error) {
      await afterFailure(run, item, folderId, known, error);
    }
  });
  await driveCheckpointIfDue(run);
  reportDrive(run, 'transferring');
  return true;
}

/** Nothing is to be done: it lies there as it is stored, and all that is wanted of it is stored. */
async function isCurrent(run: DriveRun, item: DriveItem, folderId: string, known: FileEntry | null): Promise<boolean> {
  if (known === null || known.containerId !== folderId || known.changeKey !== fileListing(item, folderId).changeKey)
    return false;
  if (known.name !== (item.name ?? '') || isUnread(known)) return false;
  if (run.work.include.fileVersions && partOf(known, FILE_PARTS.versions) === undefined) return false;
  return !needsPermissions(run, item, known);
}

function isBlocked(item: DriveItem): boolean {
  return item.malware !== undefined && item.malware !== null;
}

function blocked(item: DriveItem): Failure {
  return new Failure('unreadable', {
    code: 'drive.malware',
    message: `Microsoft blocks this file as malware${item.malware?.description ? `: ${item.malware.description}` : '.'}`,
    retry: 'never',
    hint: 'Clean or remove the file in OneDrive; every backup tries it again.',
  });
}

/** The hash covers the length too, so an equal one is enough; else the content tag decides. */
async function hasKnownContent(run: DriveRun, item: DriveItem, known: FileEntry): Promise<boolean> {
  if (!hasFileContent(known)) return false;
  const stated = statedHash(item);
  if (stated !== '' && known.contentHash !== '') return stated === known.contentHash;
  const stored = await readStoredProperties(known, run.session);
  return stored !== null && hasSameContent(stored, item);
}

/** The content stays as it is stored; what is said of the file is new. */
async function takeOver(run: DriveRun, item: DriveItem, folderId: string, known: FileEntry): Promise<void> {
  const content = partOf(known, FILE_PARTS.content);
  await store(run, item, folderId, known, content === undefined ? [] : [{ kept: content }]);
}

async function transferContent(
  run: DriveRun,
  listed: DriveItem,
  folderId: string,
  known: FileEntry | null,
): Promise<void> {
  let [item, receivedBefore]: [DriveItem, string | null] = [listed, null];
  for (let attempt = 1; ; attempt += 1) {
    const content = await openContent(run, item, receivedBefore);
    try {
      const part = { name: FILE_PARTS.content, format: 'bytes', content: content.stream.pieces } as const;
      const stored = await store(run, content.item, folderId, known, [part]);
      if (content.verdict.differs) noteDiffering(run, stored);
      noteUnreported(run, known, stored);
      return;
    } catch (error) {
      const { brokenBy } = content.stream;
      // What the repository could not do is no matter of this file.
      if (brokenBy === null) throw run.pace.stop(error);
      if (!(brokenBy instanceof ContentChanged || brokenBy instanceof HashDiffers)) throw brokenBy;
      if (attempt >= MAX_ATTEMPTS) throw unsteady();
      if (brokenBy instanceof ContentChanged) [item, receivedBefore] = [brokenBy.item, null];
      else receivedBefore = brokenBy.received;
    }
  }
}

/** Puts the file with the given content, and then what else is wanted of it. */
async function store(
  run: DriveRun,
  item: DriveItem,
  folderId: string,
  known: FileEntry | null,
  content: PartToStore[],
): Promise<FileEntry> {
  const permissions = await storedPermissions(run, item, folderId, known);
  const versions = (known?.parts ?? []).filter(({ name }) => isVersionPart(name)).map((part) => ({ kept: part }));
  leavePlace(run, known, folderId);
  const parts = [filePropertiesPart(item), ...content, ...versions, ...permissions];
  const stored = (await run.session.putItem(fileListing(item, folderId), parts)) as FileEntry;
  run.bytesTotal += stored.size - (known?.size ?? 0);
  count(run, known, stored);
  run.skipped.delete(item.id);
  if (!run.work.include.fileVersions) return stored;
  const whole = await readVersions(run, stored, known);
  run.bytesTotal += whole.size - stored.size;
  return whole;
}

function count(run: DriveRun, known: FileEntry | null, stored: FileEntry): void {
  if (known === null || !hasFileContent(known)) run.counts.itemsNew += 1;
  else if (known.containerId !== stored.containerId) run.counts.itemsMoved += 1;
  else if (known.changeKey !== stored.changeKey) run.counts.itemsChanged += 1;
}

function noteDiffering(run: DriveRun, { id, containerId: folderId, name }: FileEntry): void {
  const failure = new Failure('precondition', {
    code: 'drive.hash-differs',
    message:
      'The file came twice with the same bytes, and they have another hash than Microsoft states; they were stored.',
    retry: 'later',
    hint: 'Open the file in OneDrive and see whether it is whole.',
  });
  noteIssue(run, { id, folderId, name }, 'degraded', failure);
}

/** Only who transfers everything can find content that changed under the same change key. */
function noteUnreported(run: DriveRun, known: FileEntry | null, stored: FileEntry): void {
  if (known === null || known.changeKey !== stored.changeKey) return;
  const before = partOf(known, FILE_PARTS.content)?.sha256;
  if (before === undefined || before === partOf(stored, FILE_PARTS.content)?.sha256) return;
  const { id, containerId: folderId, name } = stored;
  const failure = new Failure('precondition', {
    code: 'drive.change-not-reported',
    message: 'The content has changed since the last point, and Microsoft did not say so.',
    retry: 'later',
  });
  noteIssue(run, { id, folderId, name }, 'degraded', failure);
}

async function afterFailure(
  run: DriveRun,
  item: DriveItem,
  folderId: string,
  known: FileEntry | null,
  error: unknown,
): Promise<void> {
  if (isFailure(error, 'not-found')) {
    // Deleted since it was listed: its removal will be listed too.
    if (await isGone(run, item.id)) return;
    return storeSkipped(run, item, folderId, known, contentMissing(error));
  }
  if (!isFailure(error, ...ABOUT_THE_FILE)) throw run.pace.stop(error);
  if (!isFailure(error, 'unreadable')) run.failuresInARow += 1;
  if (run.failuresInARow > MAX_SERVICE_FAILURES_IN_A_ROW) throw run.pace.stop(error);
  await storeSkipped(run, item, folderId, known, error);
}

async function isGone(run: DriveRun, id: string): Promise<boolean> {
  try {
    await run.pace.ask((signal) => run.source.item(id, signal));
    return false;
  } catch (error) {
    if (isFailure(error, 'not-found')) return true;
    throw run.pace.stop(error);
  }
}

function contentMissing(cause: Failure): Failure {
  return new Failure('unreadable', {
    code: 'drive.content-missing',
    message: 'The file is listed, and Microsoft delivers no content of it.',
    retry: 'later',
    hint: 'Seen with sections of notebooks; open the file in OneDrive.',
    where: { ...cause.where },
    cause,
  });
}

function unsteady(): Failure {
  return new Failure('unreadable', {
    code: 'drive.content-unsteady',
    message: 'The content was another one at each attempt to read it.',
    retry: 'later',
    hint: 'The file may be written all the time; the next backup tries it again.',
  });
}
