import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, realpath, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Failure } from '@backhaul/domain';
import type { ExportedEntry, ExportedFile } from './exported-file.ts';

/** What an export to a folder did. */
export interface FolderReport {
  /** Files that were written. */
  written: number;
  /** Files that were there already with the very same bytes. */
  unchanged: number;
  /** Paths below the folder at which something else is already; it was left as it is. */
  refused: string[];
}

const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/**
 * Writes the entries below `folder`, which must be there and be the export's alone while it runs. Run again after a break it
 * goes on: files that are there with the same bytes stay. Nothing that is there is ever changed or followed: what differs is
 * refused and named, and a symbolic link on the way ends the export.
 * @throws Failure `not-found` for a folder that is not there, `not-writable` for a symbolic link or a file where a folder
 * must be, and what the entries throw; errors of the file system as they are.
 */
export async function exportToFolder(folder: string, entries: AsyncGenerator<ExportedEntry>): Promise<FolderReport> {
  const root = await realFolder(folder);
  const report: FolderReport = { written: 0, unchanged: 0, refused: [] };
  const made = new Set<string>([root]);
  for await (const entry of entries) {
    const path = within(root, entry.path);
    if (entry.type === 'folder') await makeFolders(root, path, made);
    else {
      await makeFolders(root, dirname(path), made);
      const result = await placeFile(path, entry);
      if (result === 'refused') report.refused.push(entry.path);
      else report[result] += 1;
    }
  }
  return report;
}

/** The folder itself may lie behind a link: that is its owner's wish. */
async function realFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => null);
  if (real !== null && (await lstat(real)).isDirectory()) return real;
  throw new Failure('not-found', {
    code: 'export.no-folder',
    message: `${folder} is no folder.`,
    hint: 'Make it, and give its path.',
    retry: 'never',
    where: { path: folder },
  });
}

/** Names are safe already; this is the second lock. */
function within(root: string, path: string): string {
  const whole = resolve(root, path);
  if (!whole.startsWith(root.endsWith(sep) ? root : root + sep)) throw new Error(`${path} leads out of the export.`);
  return whole;
}

async function makeFolders(root: string, folder: string, made: Set<string>): Promise<void> {
  if (made.has(folder)) return;
  await makeFolders(root, dirname(folder), made);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (!(await lstat(folder)).isDirectory()) throw inTheWay(folder);
  made.add(folder);
}

async function placeFile(path: string, file: ExportedFile): Promise<'written' | 'unchanged' | 'refused'> {
  const there = await lstat(path).catch(() => null);
  if (there?.isSymbolicLink() === true) throw inTheWay(path);
  if (there !== null && !there.isFile()) return 'refused';
  if (there !== null && file.known !== null && file.known.length === there.size) {
    if ((await hashOf(path)) === file.known.sha256) return 'unchanged';
  }
  const partial = join(dirname(path), `.${randomUUID()}.part`);
  try {
    const sha256 = await write(partial, file);
    if (file.mayReplace) await rename(partial, path);
    else if (there !== null) return (await hashOf(path)) === sha256 ? 'unchanged' : 'refused';
    else await settle(partial, path);
    return 'written';
  } finally {
    await rm(partial, { force: true });
  }
}

/** @returns the SHA-256 of what was written */
async function write(path: string, file: ExportedFile): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, NEW_FILE, 0o600);
  await pipeline(
    file.content,
    async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    },
    handle.createWriteStream(),
  );
  await utimes(path, file.modifiedAt, file.modifiedAt);
  return hash.digest('hex');
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  for await (const piece of handle.createReadStream()) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Gives a finished file its name. A link, unlike a rename, never takes the place of what came meanwhile. */
async function settle(partial: string, path: string): Promise<void> {
  await link(partial, path).catch(async (error: NodeJS.ErrnoException) => {
    // FAT knows no links.
    if (error.code !== 'EPERM' && error.code !== 'ENOTSUP' && error.code !== 'ENOSYS') throw error;
    await rename(partial, path);
  });
}

function inTheWay(path: string): Failure {
  return new Failure('not-writable', {
    code: 'export.in-the-way',
    message: `${path} is a link or no folder; an export does not follow it.`,
    hint: 'Export into an empty folder.',
    retry: 'never',
    where: { path },
  });
}
