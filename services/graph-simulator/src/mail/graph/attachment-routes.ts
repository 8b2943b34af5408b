import { badRequest, GraphError, itemNotFound, malformedId } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import { created, noContent, ok, type Reply } from '../../http/reply.ts';
import type { Route } from '../../http/router.ts';
import { renderMime } from '../mime/render.ts';
import { isoSeconds } from '../generate/message.ts';
import { Content } from '../../tenant/content.ts';
import type { Attachment } from '../state/message.ts';
import { addAttachment, removeAttachment } from '../state/operations.ts';
import { ACCESS } from '../../graph/access.ts';
import { attachmentJson, attachmentNumber, attachmentSelection } from './attachment-json.ts';
import { keyPath, openMailbox, openMailboxForWriting, type GraphContext } from '../../graph/graph-context.ts';
import { messageId, openMessage, type OpenMessage } from './open-mail.ts';
import { jsonBody } from '../../graph/json-body.ts';
import { listPage, openListing } from '../../graph/paging.ts';
import { readAttachment } from './posted-attachment.ts';
import { embedded } from './posted-message.ts';

/** A listing with more bytes than this times out, as the service's does. */
const LISTING_LIMIT = 40 * 1024 * 1024;
/** Attachments come all in one page. */
const ONE_PAGE = { standard: 1000, most: 1000 };

/** Attachments of messages of all three kinds. */
export function attachmentRoutes(context: GraphContext): Route[] {
  return ['/users/{user}/messages/{message}', '/users/{user}/mailFolders/{folder}/messages/{message}'].flatMap(
    (path) => {
      const open = (parameters: string[]): OpenMessage =>
        openMessage(context, openMailbox(context, parameters[0]!), parameters[path.includes('{folder}') ? 2 : 1]!);
      const openToWrite = (parameters: string[]): OpenMessage => {
        openMailboxForWriting(context, parameters[0]!);
        return open(parameters);
      };
      const one = (parameters: string[]): { open: OpenMessage; attachment: Attachment } => {
        const message = open(parameters);
        return { open: message, attachment: openAttachment(context, message, parameters.at(-1)!) };
      };
      const attachments = `${path}/attachments`;
      const routes: Route[] = [
        {
          method: 'GET',
          path: attachments,
          access: ACCESS.mailContent,
          handle: (request, parameters) => list(context, request, open(parameters)),
        },
        {
          method: 'POST',
          path: attachments,
          access: ACCESS.mailWrite,
          handle: (request, parameters) => add(context, request, openToWrite(parameters)),
        },
        {
          method: 'GET',
          path: `${attachments}/{attachment}`,
          access: ACCESS.mailContent,
          handle: (request, parameters) => get(context, request, one(parameters)),
        },
        {
          method: 'GET',
          path: `${attachments}/{attachment}/$value`,
          access: ACCESS.mailContent,
          handle: (_, parameters) => bytes(context, one(parameters).attachment),
        },
        {
          method: 'DELETE',
          path: `${attachments}/{attachment}`,
          access: ACCESS.mailWrite,
          handle: (_, parameters) => {
            const { open: message, attachment } = one(parameters);
            removeAttachment(context.tenant, message.mailbox, message.message.key, attachment.key, now(context));
            return noContent;
          },
        },
      ];
      return routes;
    },
  );
}

function list(context: GraphContext, request: GraphRequest, open: OpenMessage): Reply {
  const { user, mailbox, message } = open;
  const id = messageId(context, mailbox, message.key, message.state, request);
  const path = keyPath(['users', user.id], ['messages', id], 'attachments');
  const listing = openListing(context, request, path);
  const select = attachmentSelection(listing.query.list('select'));
  const all = message.state.content.attachments;
  if (select === null || select.includes('contentbytes')) {
    const total = all.reduce(
      (sum, attachment) => sum + (attachment.kind === 'file' ? Content.size(attachment.bytes) : 0),
      0,
    );
    if (total > LISTING_LIMIT) throw new GraphError(504, 'GatewayTimeout', 'The request timed out.');
  }
  const shape = { select, item: wantsItem(listing.query.get('expand')) };
  const subject = { context, request, mailbox, key: message.key, state: message.state };
  const page = { path, odataContext: `users('${user.id}')/messages('${id}')/attachments`, listing, sizes: ONE_PAGE };
  return ok(listPage(context, request, page, all, (attachment) => attachmentJson(subject, attachment, shape)));
}

function get(
  context: GraphContext,
  request: GraphRequest,
  { open: { user, mailbox, message }, attachment }: { open: OpenMessage; attachment: Attachment },
): Reply {
  const shape = {
    select: attachmentSelection(request.query.list('select')),
    item: wantsItem(request.query.get('expand')),
  };
  const subject = { context, request, mailbox, key: message.key, state: message.state };
  return ok({
    '@odata.context': context.links.context(`users('${user.id}')/messages('…')/attachments/$entity`),
    ...attachmentJson(subject, attachment, shape),
  });
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

async function add(
  context: GraphContext,
  request: GraphRequest,
  { user, mailbox, message }: OpenMessage,
): Promise<Reply> {
  const body = await jsonBody(request);
  const read = readAttachment(context, body, 0, embedded);
  const key = addAttachment(context.tenant, mailbox, message.key, (number) => ({ ...read, key: number }), now(context));
  const subject = { context, request, mailbox, key: message.key, state: message.state };
  const json = attachmentJson(subject, { ...read, key }, { select: null, item: false });
  return created({
    '@odata.context': context.links.context(`users('${user.id}')/messages('…')/attachments/$entity`),
    ...json,
  });
}

function openAttachment({ tenant }: GraphContext, { mailbox, message }: OpenMessage, id: string): Attachment {
  const decoded = tenant.ids.decode(id);
  if (decoded === null || decoded.kind !== 'attachment') throw malformedId();
  const { moves, content } = message.state;
  const attachment = content.attachments.find(({ key }) => attachmentNumber(moves, key) === decoded.extra);
  if (attachment === undefined || decoded.key !== message.key || decoded.mailbox !== mailbox.number)
    throw itemNotFound();
  return attachment;
}

function wantsItem(expand: string | undefined): boolean {
  if (expand === undefined) return false;
  if (/^microsoft\.graph\.itemAttachment\/item(\(.*\))?$/i.test(expand.trim())) return true;
  throw badRequest(`Could not find a property named '${expand}' on type 'microsoft.graph.attachment'.`);
}

function now(context: GraphContext): string {
  return isoSeconds(context.now().getTime());
}
