import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { selected } from '../../graph/paging.ts';
import { ok } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { contentRoutes } from './content-routes.ts';
import { copyRoutes } from './copy-routes.ts';
import { driveDeltaRoutes } from './delta-routes.ts';
import { DRIVE_BASES, type DriveBase } from './drive-base.ts';
import { driveJson } from './drive-json.ts';
import { driveUploadRoutes } from './upload-routes.ts';
import { itemRoutes } from './item-routes.ts';
import { itemWriteRoutes } from './item-write-routes.ts';
import { openDriveOfUser } from './open-drive.ts';
import { permissionRoutes } from './permission-routes.ts';
import { versionRoutes } from './version-routes.ts';

/** Everything that Graph serves of drives. */
export function driveRoutes(context: GraphContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/users/{user}/drives',
      access: ACCESS.files,
      handle: (request, [user]) => {
        const value = [driveJson(context, openDriveOfUser(context, user!))];
        const select = request.query.list('select');
        const json = value.map((drive) => selected(drive, select));
        return ok({ '@odata.context': context.links.context('drives'), value: json });
      },
    },
    ...DRIVE_BASES.flatMap((base) => routesBelow(context, base)),
  ];
}

function routesBelow(context: GraphContext, base: DriveBase): Route[] {
  return [
    {
      method: 'GET',
      path: base.path,
      access: ACCESS.files,
      handle: (request, [name]) => {
        const json = selected(driveJson(context, base.open(context, name!)), request.query.list('select'));
        return ok({ '@odata.context': context.links.context('drives/$entity'), ...json });
      },
    },
    ...itemRoutes(context, base),
    ...driveDeltaRoutes(context, base),
    ...contentRoutes(context, base),
    ...itemWriteRoutes(context, base),
    ...copyRoutes(context, base),
    ...driveUploadRoutes(context, base),
    ...versionRoutes(context, base),
    ...permissionRoutes(context, base),
  ];
}
