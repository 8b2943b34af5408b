import { Failure, isFailure, toFailure } from '@backhaul/domain';
import type { FileEntry, PartRef, PartToStore } from '@backhaul/repository';
import { isoTime, partOf } from '../../stored-item.ts';
import { FILE_PARTS, readStoredProperties, versionsPart, type StoredVersion } from '../../stored-file.ts';
import type { FileVersion } from '../drive-source.ts';
import { versionPieces } from './content-reader.ts';
import { noteIssue, type DriveRun } from './drive-run.ts';
import { watched } from './watched-stream.ts';

const PREFIX = 'version-';

/** True for the name of a part that holds an older version. */
export function isVersionPart(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Adds the older versions of a file to what is stored of it. Those that are stored stay, and so does the content that was
 * the current one when the file was read last; each of the others is put as it arrives. The list comes last: without it
 * the next attempt goes on where this one ended.
 * @param stored the file with its current content and the older versions stored so far
 * @param known what was stored before
 */
export async function readVersions(run: DriveRun, stored: FileEntry, known: FileEntry | null): Promise<FileEntry> {
  const wanted = await olderVersions(run, stored);
  if (wanted === null) return stored;
  const formerly = await formerContent(run, known);
  const listing = listingOf(stored);
  const others = stored.parts.filter(({ name }) => !isVersionPart(name));
  const versions: StoredVersion[] = [];
  const parts: PartRef[] = [];
  const keep = (more: PartToStore) =>
    run.session.putItem(listing, [...[...others, ...parts].map((part) => ({ kept: part })), more]);
  for (const version of wanted) {
    const name = PREFIX + version.id;
    const there = partOf(stored, name) ?? (formerly !== null && isSameVersion(version, formerly) && formerly.content);
    const part = there ? { ...there, name } : await fetchVersion(run, stored, version, name, keep);
    if (part === null) continue;
    parts.push(part);
    versions.push({ ...version, part: name });
  }
  return (await keep(versionsPart(versions))) as FileEntry;
}

/** All but the current one; null when they could not be listed, so that a later run asks again. */
async function olderVersions(run: DriveRun, file: FileEntry): Promise<FileVersion[] | null> {
  try {
    return (await run.pace.ask((signal) => run.source.versions(file.id, signal))).slice(1);
  } catch (error) {
    if (!isFailure(error, ...ABOUT_THE_VERSION)) throw error;
    noteUnread(run, file, error, 'The versions of the file could not be listed.');
    return null;
  }
}

/** The content that was the current one at the last backup, and how its version can be recognised. */
async function formerContent(
  run: DriveRun,
  known: FileEntry | null,
): Promise<(Pick<FileVersion, 'modifiedAt' | 'size'> & { content: PartRef }) | null> {
  const content = known === null ? undefined : partOf(known, FILE_PARTS.content);
  const properties = known === null ? null : await readStoredProperties(known, run.session);
  if (content === undefined || properties === null) return null;
  const modifiedAt = isoTime(properties.lastModifiedDateTime);
  return modifiedAt === '' ? null : { modifiedAt, size: properties.size ?? content.length, content };
}

function isSameVersion(one: Pick<FileVersion, 'modifiedAt' | 'size'>, other: typeof one): boolean {
  return one.size === other.size && one.modifiedAt === other.modifiedAt;
}

/** One version that Microsoft does not deliver is left out and named; the others are worth having. */
async function fetchVersion(
  run: DriveRun,
  file: FileEntry,
  version: FileVersion,
  name: string,
  keep: (part: PartToStore) => Promise<unknown>,
): Promise<PartRef | null> {
  const stream = watched(versionPieces(run, file.id, version.id));
  try {
    const stored = (await keep({ name, format: 'bytes', content: stream.pieces })) as FileEntry;
    return partOf(stored, name) ?? null;
  } catch (error) {
    if (stream.brokenBy === null) throw run.pace.stop(error);
    if (!isFailure(stream.brokenBy, ...ABOUT_THE_VERSION)) throw stream.brokenBy;
    noteUnread(run, file, stream.brokenBy, `Version ${version.id} of the file could not be read.`);
    return null;
  }
}

const ABOUT_THE_VERSION = [
  'not-found',
  'unreadable',
  'unavailable',
  'timed-out',
  'expired',
  'invalid-input',
  'conflict',
  'precondition',
] as const;

function noteUnread(run: DriveRun, file: FileEntry, cause: unknown, message: string): void {
  const { kind, where } = toFailure(cause);
  const failure = new Failure(kind, {
    code: 'drive.version-unread',
    message: `${message} ${toFailure(cause).message}`,
    retry: 'later',
    where: { ...where },
    cause,
  });
  noteIssue(run, { id: file.id, folderId: file.containerId, name: file.name }, 'degraded', failure);
}

function listingOf(file: FileEntry): Omit<FileEntry, 'parts' | 'size'> {
  const { parts: _parts, size: _size, ...listing } = file;
  return listing;
}
