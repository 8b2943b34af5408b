import type { GraphContext } from '../../graph/graph-context.ts';
import type { ByteSource } from '../../tenant/source.ts';
import type { Drive } from '../state/drive.ts';
import { isOneNote, ROOT, type ItemState } from '../state/item.ts';
import { sizeOf } from '../state/operations.ts';
import { sharedScope } from '../state/permissions.ts';
import { cTagOf, eTagOf } from '../state/tags.ts';
import { QuickXorHash } from '../state/quick-xor-hash.ts';
import { downloadUrl } from './download-address.ts';
import { driveUrl, userJson } from './drive-json.ts';
import { mediaType } from './media-types.ts';
import type { OpenDrive } from './open-drive.ts';

const DRIVE_TYPE = 'business';

/** Where an item is shown: alone or in a listing, or by change tracking, which leaves some things out. */
export interface ItemView {
  delta: boolean;
  /** Sharing is told only where it is set. */
  ownSharingOnly: boolean;
  /** Client id of who asks. */
  app: string;
}

export function plainView(app: string): ItemView {
  return { delta: false, ownSharingOnly: false, app };
}

/** An item as JSON, with every property. */
export function itemJson(
  context: GraphContext,
  open: OpenDrive,
  key: number,
  state: ItemState,
  view: ItemView,
): Record<string, unknown> {
  const { drive, owner } = open;
  const user = { user: userJson(owner) };
  const isRoot = key === ROOT;
  const url = isRoot ? null : downloadAddress(context, open, key, state, view.app);
  const scope = isRoot ? null : sharedScope(drive, key, view.ownSharingOnly);
  return {
    ...(view.delta && { '@odata.type': '#microsoft.graph.driveItem' }),
    ...(url !== null && { '@microsoft.graph.downloadUrl': url }),
    createdDateTime: state.createdAt,
    eTag: eTag(context, drive, key, state),
    id: itemId(context, drive, key),
    lastModifiedDateTime: state.modifiedAt,
    name: isRoot ? 'root' : state.name,
    webUrl: [driveUrl(owner), ...drive.path(key).map(encodeURIComponent)].join('/'),
    ...(!view.delta && { cTag: cTag(context, drive, key, state) }),
    size: drive.items.get(key)!.size,
    ...(state.description !== null && { description: state.description }),
    createdBy: user,
    lastModifiedBy: user,
    parentReference: parentReference(context, drive, key, state, view.delta),
    fileSystemInfo: { createdDateTime: state.fileCreatedAt, lastModifiedDateTime: state.fileModifiedAt },
    ...facets(context, drive, key, state),
    ...(scope !== null && { shared: { scope } }),
    ...(scope === null && view.ownSharingOnly && !isRoot && !state.inherits && { shared: {} }),
  };
}

function facets(context: GraphContext, drive: Drive, key: number, state: ItemState): Record<string, unknown> {
  const childCount = drive.items.get(key)!.children.size;
  return {
    ...(key === ROOT && { root: {} }),
    ...(state.type === 'folder' && { folder: { childCount } }),
    ...(state.type === 'package' && { package: { type: 'oneNote' } }),
    ...(state.type === 'file' && { file: fileFacet(context, state) }),
    ...(state.type === 'shortcut' && { remoteItem: remoteItem(context, state) }),
    ...(state.malware !== null && { malware: { description: state.malware } }),
    ...(state.special !== null && { specialFolder: { name: state.special } }),
  };
}

/** Empty files and parts of notebooks have no hashes. */
function fileFacet({ tenant }: GraphContext, state: ItemState): Record<string, unknown> {
  const mimeType = mediaType(state.name);
  if (sizeOf(state) === 0 || isOneNote(state.name)) return { mimeType };
  const source = state.content as ByteSource;
  const quickXorHash = tenant.content.digest('quickXorHash', source, () => new QuickXorHash());
  return { mimeType, hashes: { quickXorHash } };
}

function remoteItem(context: GraphContext, { name, target }: ItemState): Record<string, unknown> {
  const { ids } = context.tenant.drives;
  const { drive, key } = target!;
  return {
    id: ids.item(drive, key),
    name,
    folder: { childCount: context.tenant.drives.get(drive)?.children(key).length ?? 0 },
    parentReference: { driveType: DRIVE_TYPE, driveId: ids.drive(drive), id: ids.item(drive, ROOT) },
  };
}

/** Change tracking does not say the path, as it changes without the item. */
function parentReference(
  context: GraphContext,
  drive: Drive,
  key: number,
  { parent }: ItemState,
  delta: boolean,
): Record<string, unknown> {
  const driveId = context.tenant.drives.ids.drive(drive.number);
  if (key === ROOT) return { driveType: DRIVE_TYPE, driveId };
  const names = drive.path(parent);
  return {
    driveType: DRIVE_TYPE,
    driveId,
    id: itemId(context, drive, parent),
    ...(parent !== ROOT && { name: names.at(-1) }),
    ...(!delta && { path: `/drives/${driveId}/root:${names.map((name) => `/${name}`).join('')}` }),
  };
}

/** What change tracking tells of an item that is gone. @param state its last one */
export function deletedJson(context: GraphContext, drive: Drive, key: number, state: ItemState): object {
  return {
    '@odata.type': '#microsoft.graph.driveItem',
    id: itemId(context, drive, key),
    deleted: { state: 'deleted' },
    parentReference: {
      driveType: DRIVE_TYPE,
      driveId: context.tenant.drives.ids.drive(drive.number),
      id: itemId(context, drive, state.parent),
    },
    size: 0,
  };
}

/** Null for what has no content to give out. */
function downloadAddress(
  context: GraphContext,
  { drive }: OpenDrive,
  key: number,
  state: ItemState,
  app: string,
): string | null {
  if (state.type !== 'file' || state.malware !== null || state.unreadable) return null;
  return downloadUrl(context, { drive: drive.number, key, version: null, app, paid: false });
}

export function itemId({ tenant }: GraphContext, drive: Drive, key: number): string {
  return tenant.drives.ids.item(drive.number, key);
}

export function eTag({ tenant }: GraphContext, { number }: Drive, key: number, state: ItemState): string {
  return eTagOf(tenant.drives.ids, number, key, state);
}

export function cTag({ tenant }: GraphContext, { number }: Drive, key: number, state: ItemState): string {
  return cTagOf(tenant.drives.ids, number, key, state);
}
