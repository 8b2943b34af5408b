import type { Tenant } from '../../tenant/tenant.ts';
import type { Drive } from '../state/drive.ts';
import { ROOT } from '../state/item.ts';

/** The drive of a user, who is named by id or principal name. @throws Error when there is none */
export function findDrive(tenant: Tenant, name: string): Drive {
  const drive = tenant.drives.ofUser(tenant.user(name)?.id ?? '');
  if (drive === undefined) throw new Error(`there is no drive of ${name}`);
  return drive;
}

/** Key of an item that is named by id or by its path from the root. @throws Error when it is not there */
export function findItem(tenant: Tenant, drive: Drive, name: string | readonly string[]): number {
  const key = typeof name === 'string' ? byId(tenant, drive, name) : byPath(drive, name);
  if (key === undefined || drive.item(key) === null) throw new Error(`there is no item ${JSON.stringify(name)}`);
  return key;
}

function byId({ drives }: Tenant, drive: Drive, id: string): number | undefined {
  const read = drives.ids.readItem(id);
  return read !== null && read.drive === drive.number ? read.key : undefined;
}

function byPath(drive: Drive, names: readonly string[]): number | undefined {
  let key: number | undefined = ROOT;
  for (const name of names) key = key === undefined ? undefined : drive.child(key, name);
  return key;
}
