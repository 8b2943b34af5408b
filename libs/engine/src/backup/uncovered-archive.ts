import { Failure, failureRecord } from '@backhaul/domain';
import type { BackupRun } from './backup-run.ts';

/**
 * Says that the mailbox has an in-place archive, of which nothing is read: it must never be missed silently. Where the
 * application may not ask, nothing is known and nothing is said.
 */
export async function noteUncoveredArchive(run: BackupRun): Promise<void> {
  if (!run.work.kinds.includes('mail')) return;
  if ((await run.pace.ask((signal) => run.sources.hasArchive(signal))) !== true) return;
  const failure = new Failure('unreadable', {
    code: 'mailbox.archive-not-covered',
    message: 'The mailbox has an in-place archive. It is not part of this backup.',
    hint: 'Microsoft offers no way to read archives that can be relied on; keep them by a retention policy of Microsoft’s.',
    retry: 'never',
  });
  run.issues.push({ itemId: '', folderPath: '', result: 'skipped', failure: failureRecord(failure) });
}
