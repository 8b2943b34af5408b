import { failureRecord, isFailure, type Failure, type FailureKind } from '@backhaul/domain';
import { folderPaths } from '../folder-paths.ts';
import type { BackupRun, KindReading } from './backup-run.ts';
import { newContainer, storedFolders } from './read-folders.ts';
import { isAboutTheContainer } from './tracking-failure.ts';

/**
 * When the folders of one kind cannot even be listed, is that about this kind alone? An application may have been given the
 * right to mail and not to contacts, or the service may fail for one of them. As with single containers that failed inside
 * an object that otherwise worked, the other kinds then go on and the point is incomplete: it does not count as protected,
 * and the report names the permission. Throttling, the connection, and who we are to Microsoft concern the whole mailbox.
 */
export function concernsOneKind(error: unknown): error is Failure {
  return isFailure(error) && (RIGHTS.includes(error.kind) || isAboutTheContainer(error.kind));
}

const RIGHTS: readonly FailureKind[] = ['permission-missing', 'forbidden'];

/** Nothing of the kind can be read: what the last point has of it is carried over, with its cursors and dates. */
export async function carryOver(reading: KindReading, failure: Failure): Promise<void> {
  const { run, of, containers } = reading;
  reading.failure = failure;
  const folders = await storedFolders(reading);
  const paths = folderPaths(folders);
  for (const { id, name } of folders) {
    containers.set(id, { ...newContainer(reading, id, paths.get(id) ?? [name]), failure });
  }
  const record = failureRecord(failure);
  run.issues.push({
    itemId: '',
    folderPath: '',
    result: 'failed',
    failure: { ...record, where: { ...record.where, kind: of.kind } },
  });
}

/** Throws why nothing was read, when that is so; there is nothing to make a point of then. */
export function throwIfNothingWasRead({ readings }: BackupRun): void {
  const failures = readings.map(failureOfAll);
  const [first] = failures;
  if (first && !failures.includes(null)) throw first;
}

/** Why nothing of the kind was read; null when something was, be it that there is nothing. */
function failureOfAll({ failure, containers }: KindReading): Failure | null {
  if (failure !== null) return failure;
  const failures = [...containers.values()].map((container) => container.failure);
  return failures.includes(null) ? null : (failures[0] ?? null);
}
