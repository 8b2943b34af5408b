import type { BackupRun } from './backup-run.ts';

/**
 * Takes out of the point what it has of kinds that the job does not select any more. They were not deleted in the mailbox,
 * so they are not counted as such; earlier points keep them.
 */
export async function leaveOutOtherKinds(run: BackupRun): Promise<void> {
  for (const folder of await run.session.folders()) {
    if (run.work.kinds.includes(folder.kind)) continue;
    for await (const { size } of run.session.items(folder.id)) {
      run.itemsLeftOut += 1;
      run.bytesTotal -= size;
    }
    await run.session.removeFolder(folder.id);
  }
}
