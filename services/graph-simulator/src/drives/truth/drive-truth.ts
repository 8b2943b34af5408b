import type { DriveItemTruth, DriveTruth, PermissionTruth } from '../../protocol/drives/truth.ts';
import { Content } from '../../tenant/content.ts';
import type { ByteSource } from '../../tenant/source.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { Drive } from '../state/drive.ts';
import { itemAt } from '../state/drives.ts';
import { everythingAt } from '../state/everything-at.ts';
import { isOneNote, ROOT, type ItemState } from '../state/item.ts';
import { sizeOf } from '../state/operations.ts';
import { effectivePermissions, type EffectivePermission } from '../state/permissions.ts';
import { QuickXorHash } from '../state/quick-xor-hash.ts';
import { cTagOf, eTagOf } from '../state/tags.ts';

/** A {@link DriveTruth} whose items are still to be read, once. */
export type LazyDriveTruth = Omit<DriveTruth, 'items'> & { items: Generator<DriveItemTruth> };

/**
 * What a drive held at a mark. Its items are made one by one while they are read: hashing large files takes time.
 * @param hashes whether each file comes with its hashes
 */
export function driveTruth(tenant: Tenant, drive: Drive, mark: number, hashes: boolean): LazyDriveTruth {
  const at = (key: number): ItemState | null => itemAt(drive, key, mark);
  const paths = new Map<number, string[]>([[ROOT, []]]);
  function* items(): Generator<DriveItemTruth> {
    for (const key of everythingAt(drive, mark)) {
      if (key === ROOT) continue;
      const state = at(key)!;
      const path = [...paths.get(state.parent)!, state.name];
      if (state.type !== 'file') paths.set(key, path);
      const permissions = effectivePermissions(at, key).map((effective) => permissionTruth(effective, key));
      yield { ...itemTruth(tenant, drive, key, state, hashes), path, permissions };
    }
  }
  return { driveId: tenant.drives.ids.drive(drive.number), user: drive.state.owner, mark, items: items() };
}

function itemTruth(
  { drives, content }: Tenant,
  drive: Drive,
  key: number,
  state: ItemState,
  hashes: boolean,
): Omit<DriveItemTruth, 'path' | 'permissions'> {
  const { ids } = drives;
  const sha256 = (source: ByteSource): string | null => (hashes ? content.sha256(source) : null);
  const hasHash = hashes && state.type === 'file' && sizeOf(state) > 0 && !isOneNote(state.name);
  const versions =
    state.content === null
      ? []
      : [{ version: state.version, content: state.content, modifiedAt: state.modifiedAt }, ...state.older.toReversed()];
  return {
    id: ids.item(drive.number, key),
    parentId: ids.item(drive.number, state.parent),
    type: state.type,
    eTag: eTagOf(ids, drive.number, key, state),
    cTag: cTagOf(ids, drive.number, key, state),
    size: sizeOf(state),
    sha256: state.content === null ? null : sha256(state.content),
    quickXorHash: hasHash ? content.digest('quickXorHash', state.content!, () => new QuickXorHash()) : null,
    createdAt: state.fileCreatedAt,
    modifiedAt: state.fileModifiedAt,
    malware: state.malware !== null,
    unreadable: state.unreadable,
    versions: versions.map(({ version, content: source, modifiedAt }) => ({
      id: `${version}.0`,
      size: Content.size(source),
      sha256: sha256(source),
      modifiedAt,
    })),
  };
}

function permissionTruth({ permission, setOn }: EffectivePermission, key: number): PermissionTruth {
  const { id, roles, grantedTo, link } = permission;
  return {
    id,
    roles,
    grantedTo: grantedTo?.email ?? null,
    link:
      link === null ? null : { type: link.type, scope: link.scope, grantees: link.grantees.map(({ email }) => email) },
    inherited: setOn !== key,
  };
}
