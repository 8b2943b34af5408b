import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { noContent, ok } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { momentOf, restoreVersion } from '../state/operations.ts';
import { downloadUrl } from './download-address.ts';
import { driveItemNotFound, invalidRequest, malwareDetected } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { forWriting, openItem, type OpenDrive, type OpenItem } from './open-drive.ts';
import { versionId, versionsJson } from './version-json.ts';

/** Earlier contents of files. */
export function versionRoutes(context: GraphContext, base: DriveBase): Route[] {
  const path = `${base.path}/items/{item}/versions`;
  const file = (open: OpenDrive, name: string): OpenItem => {
    const item = openItem(context, open, name);
    if (item.state.type !== 'file') throw invalidRequest('Only files have versions.');
    return item;
  };
  return [
    {
      method: 'GET',
      path,
      access: ACCESS.files,
      handle: (request, [drive, item]) => {
        const value = versionsJson(context, file(base.open(context, drive!), item!), request.app.clientId);
        return ok({ '@odata.context': context.links.context('Collection(driveItemVersion)'), value });
      },
    },
    {
      method: 'GET',
      path: `${path}/{version}`,
      access: ACCESS.files,
      handle: (request, [drive, item, version]) => {
        const all = versionsJson(context, file(base.open(context, drive!), item!), request.app.clientId);
        const found = all.find((json) => (json as { id: string }).id === version);
        if (found === undefined) throw driveItemNotFound();
        return ok({ '@odata.context': context.links.context('Collection(driveItemVersion)/$entity'), ...found });
      },
    },
    {
      method: 'GET',
      path: `${path}/{version}/content`,
      access: ACCESS.files,
      handle: (request, [drive, item, version]) => {
        const { drive: of, key, state } = file(base.open(context, drive!), item!);
        if (version === versionId(state.version)) {
          throw invalidRequest('You cannot get the content of the current version.');
        }
        const older = olderVersion(state, version!);
        if (state.malware !== null) throw malwareDetected();
        const app = request.app.clientId;
        const location = downloadUrl(context, { drive: of.number, key, version: older, app, paid: true });
        return { status: 302, headers: { Location: location } };
      },
    },
    {
      method: 'POST',
      path: `${path}/{version}/restoreVersion`,
      access: ACCESS.filesWrite,
      handle: (_, [drive, item, version]) => {
        const { drive: of, key, state } = file(forWriting(base.open(context, drive!)), item!);
        if (version === versionId(state.version)) throw invalidRequest('The version is the current one.');
        restoreVersion(context.tenant, of, key, olderVersion(state, version!), momentOf(context.now()));
        return noContent;
      },
    },
  ];
}

function olderVersion({ older }: OpenItem['state'], id: string): number {
  const found = older.find(({ version }) => versionId(version) === id);
  if (found === undefined) throw driveItemNotFound();
  return found.version;
}
