import { jsonBody } from '../../graph/json-body.ts';
import { listPage, openListing } from '../../graph/paging.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { badRequest, GraphError, itemNotFound, malformedId } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Access, Route } from '../../http/router.ts';
import { embedded } from '../../mail/graph/posted-message.ts';
import { renderMime } from '../../mail/mime/render.ts';
import type { Attachment } from '../../mail/state/message.ts';
import { Content } from '../../tenant/content.ts';
import type { AttachmentHolder } from './attachment-holder.ts';
import { attachmentJson, attachmentSelection } from './attachment-json.ts';
import { readAttachment } from './posted-attachment.ts';

/** A listing with more bytes than this times out, as the service's does. */
const LISTING_LIMIT = 40 * 1024 * 1024;
/** Attachments come all in one page. */
const ONE_PAGE = { standard: 1000, most: 1000 };

/** Opens what a path names. @param write whether it is going to be changed */
export type OpenHolder = (request: GraphRequest, parameters: string[], write: boolean) => AttachmentHolder;

/** Attachments below one path: list, one, its bytes, add, remove. */
export function attachmentRoutesOf(
  context: GraphContext,
  path: string,
  access: { read: Access; write: Access },
  open: OpenHolder,
): Route[] {
  const attachments = `${path}/attachments`;
  return [
    {
      method: 'GET',
      path: attachments,
      access: access.read,
      handle: (request, parameters) => list(request, open(request, parameters, false)),
    },
    {
      method: 'POST',
      path: attachments,
      access: access.write,
      handle: (request, parameters) => add(context, request, open(request, parameters, true)),
    },
    {
      method: 'GET',
      path: `${attachments}/{attachment}`,
      access: access.read,
      handle: (request, parameters) => {
        const holder = open(request, parameters, false);
        return get(request, holder, openAttachment(holder, parameters.at(-1)!));
      },
    },
    {
      method: 'GET',
      path: `${attachments}/{attachment}/$value`,
      access: access.read,
      handle: (request, parameters) =>
        bytes(context, openAttachment(open(request, parameters, false), parameters.at(-1)!)),
    },
    {
      method: 'DELETE',
      path: `${attachments}/{attachment}`,
      access: access.write,
      handle: (request, parameters) => {
        const holder = open(request, parameters, true);
        holder.remove(openAttachment(holder, parameters.at(-1)!).key);
        return noContent;
      },
    },
  ];
}

function list(request: GraphRequest, holder: AttachmentHolder): Reply {
  const { context, attachments: all } = holder;
  const path = `${holder.path}/attachments`;
  const listing = openListing(context, request, path);
  const select = attachmentSelection(listing.query.list('select'));
  if (select === null || select.includes('contentbytes')) {
    const total = all.reduce(
      (sum, attachment) => sum + (attachment.kind === 'file' ? Content.size(attachment.bytes) : 0),
      0,
    );
    if (total > LISTING_LIMIT) throw new GraphError(504, 'GatewayTimeout', 'The request timed out.');
  }
  const shape = { select, item: wantsItem(listing.query.get('expand')) };
  const page = { path, odataContext: path, listing, sizes: ONE_PAGE };
  return ok(listPage(context, request, page, all, (attachment) => attachmentJson(holder, attachment, shape)));
}

function get(request: GraphRequest, holder: AttachmentHolder, attachment: Attachment): Reply {
  const shape = {
    select: attachmentSelection(request.query.list('select')),
    item: wantsItem(request.query.get('expand')),
  };
  return ok(entity(holder, attachmentJson(holder, attachment, shape)));
}

function bytes(context: GraphContext, attachment: Attachment): Reply {
  const { content } = context.tenant;
  if (attachment.kind === 'reference') {
    throw new GraphError(405, 'ErrorInvalidRequest', 'Reference attachments have no raw content.');
  }
  if (attachment.kind === 'item') {
    return { status: 200, stream: renderMime(attachment.item, content, context.now()), contentType: 'text/plain' };
  }
  const stream = { length: Content.size(attachment.bytes), pieces: () => content.pieces(attachment.bytes) };
  return { status: 200, stream, contentType: attachment.contentType ?? 'application/octet-stream' };
}

async function add(context: GraphContext, request: GraphRequest, holder: AttachmentHolder): Promise<Reply> {
  const read = readAttachment(context, await jsonBody(request), 0, embedded);
  const key = holder.add((number) => ({ ...read, key: number }));
  return created(entity(holder, attachmentJson(holder, { ...read, key }, { select: null, item: false })));
}

function entity({ context, path }: AttachmentHolder, json: object): object {
  return { '@odata.context': context.links.context(`${path}/attachments/$entity`), ...json };
}

function openAttachment(holder: AttachmentHolder, id: string): Attachment {
  const kind = holder.context.tenant.ids.decode(id)?.kind;
  if (kind !== 'attachment' && kind !== 'event-attachment') throw malformedId();
  const number = holder.key(id);
  const attachment = holder.attachments.find((candidate) => candidate.key === number);
  if (attachment === undefined) throw itemNotFound();
  return attachment;
}

function wantsItem(expand: string | undefined): boolean {
  if (expand === undefined) return false;
  if (/^microsoft\.graph\.itemAttachment\/item(\(.*\))?$/i.test(expand.trim())) return true;
  throw badRequest(`Could not find a property named '${expand}' on type 'microsoft.graph.attachment'.`);
}
