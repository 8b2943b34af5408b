import { Content } from '../../tenant/content.ts';
import type { ByteSource } from '../../tenant/source.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { Drive } from './drive.ts';
import type { DriveState } from './event.ts';
import type { ItemState, ItemType, PermissionState } from './item.ts';
import { newItemState, type NewItem } from './new-item.ts';

/*
 * What can be done to a drive. Each operation writes one event for each item that it touches. Whether it is allowed, and
 * what to answer when it is not, is the business of the callers: Graph requests and the control port.
 */

/** A moment, as states and events have it. */
export interface Moment {
  /** ISO 8601 in UTC, whole seconds. */
  iso: string;
  /** Milliseconds. */
  ms: number;
}

export function momentOf(date: Date): Moment {
  return { iso: `${date.toISOString().slice(0, 19)}Z`, ms: date.getTime() };
}

export function createItem(tenant: Tenant, drive: Drive, item: NewItem, now: Moment): number {
  const key = drive.newKey();
  set(tenant, drive, key, newItemState(item, now.iso), now);
  return key;
}

/** Replaces parts of an item's state; its eTag changes. */
export function changeItem(tenant: Tenant, drive: Drive, key: number, change: Partial<ItemState>, now: Moment): void {
  const before = drive.item(key)!;
  const state: ItemState = { ...before, modifiedAt: now.iso, ...change, revision: before.revision + 1 };
  set(tenant, drive, key, state, now);
}

/** Its content becomes another one; what it was becomes a version. */
export function overwriteFile(
  tenant: Tenant,
  drive: Drive,
  key: number,
  content: ByteSource,
  change: Partial<ItemState>,
  now: Moment,
): void {
  const before = drive.item(key)!;
  const { version, content: old, modifiedAt } = before;
  const older = [...before.older, { version, content: old!, modifiedAt }];
  const contentRevision = before.contentRevision + 1;
  const set = { content, older, version: version + 1, contentRevision, malware: null, fileModifiedAt: now.iso };
  changeItem(tenant, drive, key, { ...set, ...change }, now);
}

/** An older version becomes the present one again; what was present becomes a version too. */
export function restoreVersion(tenant: Tenant, drive: Drive, key: number, version: number, now: Moment): void {
  const { content } = drive.item(key)!.older.find((older) => older.version === version)!;
  overwriteFile(tenant, drive, key, content, {}, now);
}

/** Permissions change nothing else: neither dates nor eTag. */
export function setPermissions(
  tenant: Tenant,
  drive: Drive,
  key: number,
  permissions: PermissionState[],
  inherits: boolean,
  now: Moment,
): void {
  set(tenant, drive, key, { ...drive.item(key)!, permissions, inherits }, now);
}

/** Removes an item with all that is below it. */
export function removeItem(tenant: Tenant, drive: Drive, key: number, now: Moment): void {
  for (const child of [...drive.children(key)]) removeItem(tenant, drive, child, now);
  set(tenant, drive, key, null, now);
}

/** Copies an item with all that is below it; versions and permissions stay behind. */
export function copyItem(
  tenant: Tenant,
  from: { drive: Drive; key: number },
  to: { drive: Drive; parent: number; name: string },
  now: Moment,
): number {
  const { type, content, description, fileCreatedAt, fileModifiedAt, target, malware } = from.drive.item(from.key)!;
  const kept = { type: type satisfies ItemType, content, description, fileCreatedAt, fileModifiedAt, target, malware };
  const children = [...from.drive.children(from.key)];
  const key = createItem(tenant, to.drive, { ...kept, parent: to.parent, name: to.name }, now);
  for (const child of children) {
    const { name } = from.drive.item(child)!;
    copyItem(tenant, { drive: from.drive, key: child }, { drive: to.drive, parent: key, name }, now);
  }
  return key;
}

export function changeDrive(tenant: Tenant, drive: Drive, change: Partial<DriveState>): void {
  tenant.apply({ do: 'drive', drive: drive.number, state: { ...drive.state, ...change } });
}

/** Whether so many more bytes fit in. */
export function fits(drive: Drive, bytes: number): boolean {
  return drive.used + bytes <= drive.state.quota;
}

/** Bytes of a file; 0 for everything else. */
export function sizeOf({ content }: ItemState): number {
  return content === null ? 0 : Content.size(content);
}

function set(tenant: Tenant, drive: Drive, key: number, state: ItemState | null, now: Moment): void {
  tenant.apply({ do: 'drive-item', drive: drive.number, key, state, at: now.ms });
}
