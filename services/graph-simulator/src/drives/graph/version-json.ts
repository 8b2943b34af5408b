import type { GraphContext } from '../../graph/graph-context.ts';
import { Content } from '../../tenant/content.ts';
import { sizeOf } from '../state/operations.ts';
import { downloadUrl } from './download-address.ts';
import { userJson } from './drive-json.ts';
import type { OpenItem } from './open-drive.ts';

/** Versions of a file, the present one first; that one has no address of its own. */
export function versionsJson(context: GraphContext, { drive, owner, key, state }: OpenItem, app: string): object[] {
  const lastModifiedBy = { user: userJson(owner) };
  const present = {
    id: versionId(state.version),
    lastModifiedBy,
    lastModifiedDateTime: state.modifiedAt,
    size: sizeOf(state),
  };
  const older = state.older.toReversed().map(({ version, content, modifiedAt }) => ({
    id: versionId(version),
    lastModifiedBy,
    lastModifiedDateTime: modifiedAt,
    size: Content.size(content),
    '@microsoft.graph.downloadUrl': downloadUrl(context, { drive: drive.number, key, version, app, paid: false }),
  }));
  return [present, ...older];
}

export function versionId(version: number): string {
  return `${version}.0`;
}
