import type { GraphContext } from '../../graph/graph-context.ts';
import type { UserRecord } from '../../tenant/user.ts';
import type { Drive } from '../state/drive.ts';
import { ROOT } from '../state/item.ts';
import type { OpenDrive } from './open-drive.ts';

/** Root of everyone's personal site. */
const HOST = 'https://meridian-my.sharepoint.example/personal';

/** Shares of the quota from which on its state is worse than `normal`. */
const NEARING = 0.9;
const CRITICAL = 0.99;

/** A drive as JSON. */
export function driveJson({ tenant }: GraphContext, { drive, owner }: OpenDrive): Record<string, unknown> {
  const root = drive.item(ROOT)!;
  const { quota, createdAt } = drive.state;
  return {
    createdDateTime: createdAt,
    description: '',
    id: tenant.drives.ids.drive(drive.number),
    lastModifiedDateTime: root.modifiedAt,
    name: 'OneDrive',
    webUrl: driveUrl(owner),
    driveType: 'business',
    createdBy: { user: { displayName: 'System Account' } },
    lastModifiedBy: { user: userJson(owner) },
    owner: { user: userJson(owner) },
    quota: {
      deleted: 0,
      remaining: Math.max(0, quota - drive.used),
      state: quotaState(drive),
      total: quota,
      used: drive.used,
    },
  };
}

function quotaState({ used, state: { quota } }: Drive): string {
  if (used >= quota) return 'exceeded';
  if (used >= CRITICAL * quota) return 'critical';
  return used >= NEARING * quota ? 'nearing' : 'normal';
}

/** Where a browser finds the drive. */
export function driveUrl({ userPrincipalName }: UserRecord): string {
  return `${HOST}/${userPrincipalName.toLowerCase().replace(/[@.#]/g, '_')}/Documents`;
}

export function userJson({ id, displayName, mail, userPrincipalName }: UserRecord): Record<string, unknown> {
  return { email: mail ?? userPrincipalName, id, displayName };
}
