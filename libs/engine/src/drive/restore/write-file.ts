import { isFailure } from '@backhaul/domain';
import type { PartRef } from '@backhaul/repository';
import type { StoredFile } from '../../stored-file.ts';
import type { FileDates } from '../drive-item.ts';
import type { FileToWrite } from '../drive-target.ts';
import type { OpenDriveRestore } from './drive-restore.ts';
import { foundItem, haveSameDates, isSameFile, type FileLikeness, type FoundItem } from './file-likeness.ts';
import { nameMeanwhile } from './file-names.ts';
import type { TargetDriveFolder } from './target-folder.ts';

/** So often a file is written when it is not known whether it was. */
const MAX_ATTEMPTS = 3;

/** What was written last is listed with some delay. */
const LOOK_AGAIN_MS = 2_000;

/** A file to write, and under which name. */
export interface Writing {
  expected: FileLikeness;
  stored: StoredFile;
  name: string;
  ifTaken: 'fail' | 'replace';
}

/**
 * Writes a file; with older versions, when they are wanted, one after the other from the oldest on. A new file with versions
 * has another name until it is whole, so that a stop never leaves an old version under the file's name: what is half made is
 * found by that name and made anew.
 */
export async function writeVersions(
  run: OpenDriveRestore,
  folder: TargetDriveFolder,
  writing: Writing,
): Promise<FoundItem> {
  const { stored, name, ifTaken } = writing;
  const older = run.work.include.fileVersions ? [...stored.versions].reverse() : [];
  if (older.length === 0) return writeOne(run, folder.id, writing, stored.content, datesOf(writing.expected));
  const meanwhile = ifTaken === 'replace' ? name : nameMeanwhile(name, run.work.restoreId);
  if (ifTaken === 'fail') await discard(run, folder, meanwhile);
  const overwriting = { ...writing, name: meanwhile, ifTaken: 'replace' } as const;
  for (const { content, modifiedAt } of older) {
    await writeOne(run, folder.id, overwriting, content, { lastModifiedDateTime: modifiedAt });
  }
  const whole = await writeOne(run, folder.id, overwriting, stored.content, datesOf(writing.expected));
  if (meanwhile === name) return whole;
  return foundItem(await run.ask((signal) => run.target.rename(whole.id, name, signal)));
}

async function discard(run: OpenDriveRestore, folder: TargetDriveFolder, name: string): Promise<void> {
  const left = folder.at(name);
  if (left === undefined) return;
  await run.ask((signal) => run.target.remove(left.id, signal));
  folder.forget(name);
}

/** Nothing is repeated blindly: after a lost answer, and where the name is suddenly taken, the folder is asked first. */
async function writeOne(
  run: OpenDriveRestore,
  folderId: string,
  { expected, name, ifTaken }: Writing,
  content: PartRef,
  dates: FileDates,
): Promise<FoundItem> {
  let file: FileToWrite = { name, content: contentOf(run, content), dates, ifTaken };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return foundItem(await run.ask((signal) => run.target.write(folderId, file, signal)));
    } catch (error) {
      const isLost = isFailure(error, 'unavailable', 'timed-out', 'unreachable');
      if (!isLost && !(isFailure(error, 'conflict') && ifTaken === 'fail')) throw error;
      if (isLost) await run.context.clock.sleep(LOOK_AGAIN_MS, run.context.signal);
      const there = await run.ask((signal) => run.target.child(folderId, name, signal));
      if (there !== null && isWritten(expected, foundItem(there), content, dates)) return foundItem(there);
      if (!isLost || attempt >= MAX_ATTEMPTS) throw error;
      // A file without bytes is given its dates by a request of its own, which was not made.
      if (there !== null && content.length === 0 && foundItem(there).size === 0) file = { ...file, ifTaken: 'replace' };
    }
  }
}

/** An older version has a hash and dates of its own, so only its dates and length tell it. */
function isWritten(expected: FileLikeness, found: FoundItem, content: PartRef, dates: FileDates): boolean {
  const { lastModifiedDateTime: modifiedAt = '' } = dates;
  const isCurrent = modifiedAt === expected.modifiedAt;
  const likeness = isCurrent ? expected : { ...expected, hash: '', createdAt: '', modifiedAt };
  const isDated = content.length > 0 || haveSameDates(likeness, found);
  return isDated && isSameFile({ ...likeness, size: content.length }, found);
}

function datesOf({ createdAt, modifiedAt }: FileLikeness): FileDates {
  return {
    ...(createdAt !== '' && { createdDateTime: createdAt }),
    ...(modifiedAt !== '' && { lastModifiedDateTime: modifiedAt }),
  };
}

function contentOf(run: OpenDriveRestore, part: PartRef): FileToWrite['content'] {
  return {
    length: part.length,
    async *from(offset) {
      for await (const piece of run.point.streamPart(part, offset)) {
        run.counts.bytesRead += piece.length;
        yield piece;
      }
    },
  };
}
