import { isFailure } from '@backhaul/domain';
import type { PartRef } from '@backhaul/repository';
import { forEachLimited } from '../../limiter.ts';
import { endWithIssue, reason } from '../../restore/restore-run.ts';
import { isRewrittenByService } from '../drive-item.ts';
import { QuickXorHash } from '../quick-xor-hash.ts';
import type { OpenDriveRestore } from './drive-restore.ts';
import { haveSameDates, type FoundItem } from './file-likeness.ts';
import type { RestoredFile } from './restore-file.ts';
import { itemsIn } from './target-folder.ts';

/**
 * Lists the folders that were restored into and compares length, hash and dates of restored files; what differs ends as
 * degraded. Content is read back only where Microsoft states no hash. Of files that the service rewrites, only the dates can
 * be compared.
 */
export async function verifyFiles(run: OpenDriveRestore, restored: readonly RestoredFile[]): Promise<void> {
  const byFolder = new Map<string, RestoredFile[]>();
  for (const one of restored) byFolder.set(one.folderId, [...(byFolder.get(one.folderId) ?? []), one]);
  for (const [folderId, files] of byFolder) {
    const found = new Map((await itemsIn(run.target, folderId, run.ask)).map((item) => [item.id, item]));
    await forEachLimited(files, run.itemsAtOnce, async (one) => {
      const differing = await differences(run, one, found.get(one.id)).catch((error: unknown) => {
        if (isFailure(error, 'not-found', 'unreadable', 'unavailable', 'timed-out')) return ['readable'];
        throw run.pace.stop(error);
      });
      if (differing.length > 0) noteDifferences(run, one, differing);
    });
  }
}

async function differences(
  run: OpenDriveRestore,
  { expected, stored, id }: RestoredFile,
  found: FoundItem | undefined,
): Promise<string[]> {
  if (found === undefined) return ['readable'];
  const dates = haveSameDates(expected, found) ? [] : ['dates'];
  if (isRewrittenByService(expected.name)) return dates;
  if (found.size !== stored.content.length) return ['size', ...dates];
  return (await hasSameBytes(run, stored.content, expected.hash, id, found)) ? dates : ['content', ...dates];
}

/** The hash that Microsoft stated at the backup may be wrong or missing: before a difference is claimed it is computed. */
async function hasSameBytes(
  run: OpenDriveRestore,
  content: PartRef,
  statedBefore: string,
  id: string,
  found: FoundItem,
): Promise<boolean> {
  if (content.length === 0 || (found.hash !== '' && found.hash === statedBefore)) return true;
  const wanted = await hashOf(run.point.streamPart(content));
  if (found.hash !== '') return found.hash === wanted;
  return run.ask(async (signal) => (await hashOf((await run.target.content(id, signal)).bytes)) === wanted);
}

async function hashOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = new QuickXorHash();
  for await (const piece of pieces) hash.update(piece);
  return hash.digest();
}

function noteDifferences(run: OpenDriveRestore, one: RestoredFile, differing: string[]): void {
  const members = differing.join(', ');
  const message = `Read back after the restore, it differs from the recovery point in: ${members}.`;
  if (one.isDegraded) run.counts.itemsDegraded -= 1;
  else run.counts.itemsRestored -= 1;
  endWithIssue(run, one.file, 'degraded', reason('precondition', 'restore.differs', message, { members }));
}
