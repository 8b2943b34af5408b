import type { GraphContext } from '../../graph/graph-context.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { UserRecord } from '../../tenant/user.ts';
import type { Drive } from '../state/drive.ts';
import type { DriveAccess } from '../../protocol/drives/changes.ts';
import { ROOT, type ItemState } from '../state/item.ts';
import { driveItemNotFound, invalidRequest, notAllowed } from './drive-errors.ts';

/** A drive as a request names it. */
export interface OpenDrive {
  owner: UserRecord;
  drive: Drive;
}

/** An item as a request names it. */
export interface OpenItem extends OpenDrive {
  key: number;
  state: ItemState;
}

/** Where something is or may come to be: a name in a folder. */
export interface OpenPlace extends OpenDrive {
  parent: number;
  name: string;
  /** Key of what is there; null: nothing. */
  existing: number | null;
}

/** Opens a drive by what stands for it in a path. */
export type OpenBy = (context: GraphContext, name: string) => OpenDrive;

const BLOCKED = 'Access to this site has been blocked. Please contact the administrator to resolve this problem.';

/** @throws GraphError as the service answers for a drive that cannot be used */
export const openDrive: OpenBy = ({ tenant }, id) => {
  const number = tenant.drives.ids.readDrive(id);
  if (number === null) {
    throw invalidRequest('The provided drive id appears to be malformed, or does not represent a valid drive.');
  }
  const drive = tenant.drives.get(number);
  if (drive === undefined || drive.state.access === 'missing') {
    throw driveItemNotFound('Requested site could not be found.');
  }
  return usable({ drive, owner: tenant.users.get(drive.state.owner)! });
};

/** @throws GraphError for a user who has none, and as the service answers for a drive that cannot be used */
export const openDriveOfUser: OpenBy = ({ tenant }, name) => {
  const owner = tenant.user(name);
  if (owner === undefined) throw new GraphError(404, 'ResourceNotFound', 'User not found.');
  const drive = tenant.drives.ofUser(owner.id);
  if (drive === undefined || drive.state.access === 'missing') {
    throw new GraphError(404, 'ResourceNotFound', "User's mysite not found.");
  }
  return usable({ drive, owner });
};

function usable(open: OpenDrive): OpenDrive {
  const error = accessError(open.drive.state.access);
  if (error !== null) throw error;
  return open;
}

function accessError(access: DriveAccess): GraphError | null {
  if (access === 'locked') return new GraphError(423, 'resourceLocked', BLOCKED);
  if (access === 'blocked') return notAllowed(BLOCKED, 'resourceLocked');
  if (access === 'unlicensed') return new GraphError(400, 'BadRequest', 'Tenant does not have a SPO license.');
  return null;
}

/** @throws GraphError for a drive that takes no changes */
export function forWriting<Open extends OpenDrive>(open: Open): Open {
  if (open.drive.state.access !== 'read-only') return open;
  throw new GraphError(403, 'accessDenied', 'The site is read-only.', { innerCode: 'serviceReadOnly' });
}

/** @param name `root`, an id, or either with `:/` and a path below it. @throws GraphError 404 when nothing is there */
export function openItem(context: GraphContext, open: OpenDrive, name: string): OpenItem {
  const [start, ...below] = splitName(name);
  let key = startKey(context, open, start);
  for (const part of below) key = open.drive.child(key, part) ?? missing();
  const state = open.drive.item(key);
  if (state === null) throw driveItemNotFound();
  return { ...open, key, state };
}

/** Like {@link openItem}, but the last name may be of nothing yet. */
export function openPlace(context: GraphContext, open: OpenDrive, name: string): OpenPlace {
  const parts = splitName(name);
  if (parts.length === 1) {
    const { key, state } = openItem(context, open, name);
    return { ...open, parent: state.parent, name: state.name, existing: key };
  }
  const last = parts.at(-1)!;
  const parent = openItem(context, open, name.slice(0, -last.length).replace(/:?\/$/, ''));
  return { ...open, parent: parent.key, name: last, existing: open.drive.child(parent.key, last) ?? null };
}

function splitName(name: string): [start: string, ...below: string[]] {
  const colon = name.indexOf(':/');
  return colon === -1 ? [name] : [name.slice(0, colon), ...name.slice(colon + 2).split('/')];
}

function startKey({ tenant }: GraphContext, { drive }: OpenDrive, start: string): number {
  if (start.toLowerCase() === 'root') return ROOT;
  const read = tenant.drives.ids.readItem(start);
  if (read === null || read.drive !== drive.number) throw driveItemNotFound();
  return read.key;
}

function missing(): never {
  throw driveItemNotFound();
}
