import { resourceUnits } from '../drives/graph/resource-units.ts';
import { driveInPath } from '../drives/graph/drive-paths.ts';
import type { GraphContext } from '../graph/graph-context.ts';
import { Query } from '../http/graph-request.ts';
import type { PathLimits } from './path-limits.ts';
import type { SharePointLimits } from './sharepoint-limits.ts';

/** SharePoint's limits, for everything that is about drives. */
export function sharePointPaths({ tenant }: GraphContext, limits: SharePointLimits): PathLimits {
  return {
    enter: (request, segments) => {
      if (segments[0]?.toLowerCase() !== 'drives' && driveInPath(tenant, segments) === null) return null;
      const at = request.url.indexOf('?');
      const query = new Query(at === -1 ? '' : request.url.slice(at + 1));
      const units = resourceUnits(request.method, segments, query);
      return limits.enter(request.app.clientId, units, tenant.settings.limits, Date.now());
    },
  };
}
