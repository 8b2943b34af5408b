import { ACCESS } from '../../graph/access.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { jsonBody } from '../../graph/json-body.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { OpenAddresses } from '../../http/open-addresses.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import type { Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { copyItem, fits, momentOf } from '../state/operations.ts';
import { driveItemNotFound, invalidRequest, notAllowed, quotaReached } from './drive-errors.ts';
import type { DriveBase } from './drive-base.ts';
import { itemId } from './item-json.ts';
import { forWriting, openDrive, openItem, type OpenItem } from './open-drive.ts';
import { checkName, nextFreeName, readConflict } from './placing.ts';

const PREFIX = '/monitor/';

/** How a copy has gone, as the token of its monitor says. */
interface Outcome {
  status: 'completed' | 'failed';
  resourceId?: string;
  error?: { code: string; message: string };
}

/** Copying with all that is below; the answer says where to ask how far it is. */
export function copyRoutes(context: GraphContext, base: DriveBase): Route[] {
  return [
    {
      method: 'POST',
      path: `${base.path}/items/{item}/copy`,
      access: ACCESS.filesWrite,
      handle: (request, [drive, item]) => copy(context, request, openItem(context, base.open(context, drive!), item!)),
    },
  ];
}

async function copy(context: GraphContext, request: GraphRequest, item: OpenItem): Promise<Reply> {
  const body = await jsonBody(request);
  const { id = itemId(context, item.drive, item.state.parent), driveId } = (body['parentReference'] ?? {}) as {
    id?: string;
    driveId?: string;
  };
  const target = forWriting(driveId === undefined ? item : openDrive(context, driveId));
  const folder = openItem(context, { drive: target.drive, owner: target.owner }, id);
  if (folder.state.type !== 'folder') throw invalidRequest('The parent is no folder.');
  if (folder.drive === item.drive && folder.drive.isWithin(folder.key, item.key)) {
    throw invalidRequest('An item cannot be copied below itself.');
  }
  if (item.state.type === 'package') throw notAllowed('Notebooks cannot be copied.');
  if (!fits(folder.drive, item.drive.items.get(item.key)!.size)) throw quotaReached();
  const given = typeof body['name'] === 'string' ? body['name'] : item.state.name;
  checkName(folder, folder.key, given);
  const outcome = carryOut(context, item, folder, given, readConflict(request, body, 'fail'));
  const location = `${context.links.root}${PREFIX}${context.links.seal(PREFIX, outcome)}`;
  return { status: 202, headers: { Location: location } };
}

/** A name that is taken is told by the monitor, not by the request. */
function carryOut(context: GraphContext, item: OpenItem, folder: OpenItem, given: string, conflict: string): Outcome {
  const taken = folder.drive.child(folder.key, given) !== undefined;
  if (taken && conflict !== 'rename') {
    const message = 'An item with the same name already exists under the parent.';
    return { status: 'failed', error: { code: 'nameAlreadyExists', message } };
  }
  const name = taken ? nextFreeName(folder, folder.key, given) : given;
  const to = { drive: folder.drive, parent: folder.key, name };
  const key = copyItem(context.tenant, item, to, momentOf(context.now()));
  return { status: 'completed', resourceId: itemId(context, folder.drive, key) };
}

/** Where copies can be watched; no token is needed. */
export function copyMonitors(context: GraphContext): OpenAddresses {
  return {
    prefix: PREFIX,
    scope: () => ({ app: null, mailbox: null, drive: null }),
    answer: ({ method, id }) => {
      if (method !== 'GET') throw new GraphError(405, 'MethodNotAllowed', 'Monitors take GET.');
      return Promise.resolve({ status: 200, json: { ...readOutcome(context, id), percentageComplete: 100 } });
    },
  };
}

function readOutcome({ links }: GraphContext, sealed: string): Outcome {
  try {
    return links.open<Outcome>(PREFIX, sealed);
  } catch {
    throw driveItemNotFound();
  }
}
