import { isFailure } from '@backhaul/domain';
import type { Loss } from '../../restore/restore-kind.ts';
import { endWithIssue, reason } from '../../restore/restore-run.ts';
import type { DrivePermission } from '../drive-source.ts';
import type { OpenDriveRestore } from './drive-restore.ts';
import { planPermissions, type PermissionStep } from './plan-permissions.ts';

/**
 * Gives an item the stored permissions that it does not have, links before grants, without telling anybody. What cannot be
 * given back, or what the target refuses, is named.
 */
export async function restorePermissions(
  run: OpenDriveRestore,
  itemId: string,
  stored: readonly DrivePermission[],
): Promise<Loss[]> {
  if (!run.work.include.filePermissions || stored.length === 0) return [];
  const there = await run.ask((signal) => run.target.permissions(itemId, signal));
  const { steps, losses } = planPermissions(stored, there);
  for (const step of steps) {
    try {
      await run.ask((signal) => take(run, itemId, step, signal));
    } catch (error) {
      if (!isFailure(error, 'invalid-input', 'forbidden', 'conflict', 'not-found')) throw error;
      const message = `The target refused ${step.meaning}: ${error.message}`;
      losses.push({ code: 'restore.permission-refused', message });
    }
  }
  return losses;
}

/** {@link restorePermissions} of a folder, which ends as degraded when something of them is lost. */
export async function restoreFolderPermissions(
  run: OpenDriveRestore,
  folder: { itemId: string; folderPath: string },
  targetId: string,
  stored: readonly DrivePermission[],
): Promise<void> {
  const losses = await restorePermissions(run, targetId, stored);
  const [first] = losses;
  if (first === undefined) return;
  const message = losses.map((loss) => loss.message).join(' ');
  endWithIssue(run, folder, 'degraded', reason('unreadable', first.code, message));
}

function take(run: OpenDriveRestore, itemId: string, step: PermissionStep, signal: AbortSignal): Promise<void> {
  return step.type === 'link'
    ? run.target.link(itemId, step.link, signal)
    : run.target.grant(itemId, step.grant, signal);
}
