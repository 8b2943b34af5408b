import { randomBytes } from 'node:crypto';
import { badRequest, GraphError } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import type { OpenAddresses, OpenRequest, OpenScope } from '../../http/open-addresses.ts';
import type { Reply } from '../../http/reply.ts';
import type { Access, Route } from '../../http/router.ts';
import type { MailboxLimits } from '../../limits/mailbox-limits.ts';
import { Content } from '../../tenant/content.ts';
import type { UploadSession, UploadTarget } from '../../tenant/event.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import type { AttachmentHolder } from './attachment-holder.ts';
import { anyCase, jsonBody, type JsonObject } from '../../graph/json-body.ts';

const PREFIX = '/upload/outlook/';
const LEAST = 3 * 1024 * 1024;
const MOST = 150 * 1024 * 1024;
const FRAGMENT_MOST = 60 * 1024 * 1024;
const LIFE_MS = 15 * 60_000;

/** Opens what a path names, for writing. */
export type OpenTarget = (parameters: string[]) => { mailbox: number; target: UploadTarget };

/** Asks for a session: attachments from 3 to 150 MB come in fragments. */
export function uploadSessionRoute(context: GraphContext, path: string, access: Access, open: OpenTarget): Route {
  return {
    method: 'POST',
    path: `${path}/attachments/createUploadSession`,
    access,
    handle: async (request, parameters) => {
      const body = await jsonBody(request);
      return create(context, request, body, open(parameters));
    },
  };
}

function create(
  context: GraphContext,
  request: GraphRequest,
  body: JsonObject,
  { mailbox, target }: ReturnType<OpenTarget>,
): Reply {
  const item = anyCase(body, 'AttachmentItem') as JsonObject | undefined;
  const size = item?.['size'];
  if (item === undefined || typeof item['name'] !== 'string' || typeof size !== 'number' || !Number.isInteger(size)) {
    throw badRequest('AttachmentItem needs attachmentType, name and size.', 'ErrorInvalidRequest');
  }
  if (String(item['attachmentType']).toLowerCase() !== 'file') {
    throw badRequest('Only files can be uploaded in sessions.', 'ErrorInvalidRequest');
  }
  if (size > MOST)
    throw new GraphError(413, 'ErrorMessageSizeExceeded', 'The attachment exceeds the maximum size of 150 MB.');
  if (size < LEAST)
    throw badRequest(
      'Attachments below 3 MB are posted without a session.',
      'ErrorAttachmentSizeShouldNotBeLessThanMinimumSize',
    );
  const id = randomBytes(24).toString('base64url');
  const session: UploadSession = {
    app: request.app.clientId,
    mailbox,
    target,
    name: item['name'],
    contentType: typeof item['contentType'] === 'string' ? item['contentType'] : null,
    contentId: typeof item['contentId'] === 'string' ? item['contentId'] : null,
    isInline: item['isInline'] === true,
    size,
    pieces: [],
    expires: context.now().getTime() + LIFE_MS,
  };
  context.tenant.apply({ do: 'upload', id, session });
  const json = {
    '@odata.context': context.links.context('microsoft.graph.uploadSession'),
    uploadUrl: `${context.links.root}${PREFIX}${id}`,
    expirationDateTime: new Date(session.expires).toISOString(),
    nextExpectedRanges: ['0-'],
  };
  return { status: 201, json };
}

/** What a target is now. @throws GraphError when it is gone */
export type OpenTargetHolder = (mailbox: number, target: UploadTarget) => AttachmentHolder;

/** Where fragments go: addresses that need no token and must not be sent one. They count for the limits of the mailbox. */
export function outlookUploads(
  context: GraphContext,
  limits: MailboxLimits,
  holders: Readonly<Record<UploadTarget['kind'], OpenTargetHolder>>,
): OpenAddresses {
  const scope = (id: string): OpenScope => {
    const session = context.tenant.uploads.get(id);
    if (session === undefined) return { app: null, mailbox: null, drive: null };
    return { app: session.app, mailbox: context.tenant.owner(session.mailbox).id, drive: null };
  };
  return {
    prefix: PREFIX,
    scope,
    answer: async (request) => {
      const { app, mailbox } = scope(request.id);
      const { settings } = context.tenant;
      const leave = limits.enter(`${app} ${mailbox}`, request.bodySize, settings.limits, Date.now());
      try {
        if (settings.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, settings.latencyMs));
        return { ...(await answerUpload(context, request, holders)), onSent: leave };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

/** @throws GraphError for a session that is not there, and for fragments out of order or of a wrong size */
async function answerUpload(
  context: GraphContext,
  request: OpenRequest,
  holders: Readonly<Record<UploadTarget['kind'], OpenTargetHolder>>,
): Promise<Reply> {
  const { tenant } = context;
  const session = tenant.uploads.get(request.id);
  if (session === undefined || session.expires < context.now().getTime()) throw sessionNotFound();
  if (request.headers['authorization'] !== undefined) {
    throw new GraphError(
      401,
      'unauthenticated',
      'The upload address is authorized already: send no Authorization header.',
    );
  }
  if (request.method === 'GET') return { status: 200, json: progress(context, session) };
  if (request.method === 'DELETE') {
    tenant.apply({ do: 'upload', id: request.id, session: null });
    return { status: 204 };
  }
  if (request.method !== 'PUT')
    throw new GraphError(405, 'MethodNotAllowed', 'Upload addresses take PUT, GET and DELETE.');
  const done = await takeFragment(context, request, session);
  if (sizeOf(done) < done.size) return { status: 200, json: progress(context, done) };
  return finish(context, request.id, done, holders[done.target.kind](done.mailbox, done.target));
}

/** The session with the fragment added. */
async function takeFragment(
  context: GraphContext,
  request: OpenRequest,
  session: UploadSession,
): Promise<UploadSession> {
  const { tenant } = context;
  if (request.headers['content-length'] === undefined)
    throw new GraphError(411, 'LengthRequired', 'Content-Length is required.');
  const range = readRange(request.headers['content-range']);
  if (range.total !== session.size)
    throw badRequest('Content-Range names another size than the session.', 'ErrorInvalidRange');
  const bytes = await request.body(FRAGMENT_MOST);
  // What was awaited may have been overtaken: the session is read again.
  const current = tenant.uploads.get(request.id);
  if (current === undefined) throw sessionNotFound();
  const received = sizeOf(current);
  if (range.from !== received)
    throw new GraphError(416, 'ErrorInvalidRange', `The next expected range begins at ${received}.`);
  if (bytes.length !== range.to - range.from + 1)
    throw badRequest('Content-Range and body differ in length.', 'ErrorInvalidRange');
  const source = tenant.content.keepBytes(bytes) as { offset: number; size: number };
  const pieces = [...current.pieces, { offset: source.offset, size: source.size }];
  const next = { ...current, pieces, expires: context.now().getTime() + LIFE_MS };
  if (received + bytes.length < session.size) tenant.apply({ do: 'upload', id: request.id, session: next });
  return next;
}

/** The answer has no body: where the attachment is stands in its Location. */
function finish(context: GraphContext, id: string, session: UploadSession, holder: AttachmentHolder): Reply {
  const { tenant } = context;
  const bytes = Content.inOrder(session.pieces);
  const { name, contentType, contentId, isInline } = session;
  const key = holder.add((number) => ({ kind: 'file', key: number, name, contentType, contentId, isInline, bytes }));
  tenant.apply({ do: 'upload', id, session: null });
  // The older service writes its collections with capitals.
  const path = decodeURIComponent(holder.path).replace(/(^|\/)[a-z]/g, (start) => start.toUpperCase());
  const location = `${context.links.root}/api/v2.0/${path}/Attachments('${holder.id(key)}')`;
  return { status: 201, headers: { Location: location } };
}

/** In the older service's spelling, and without a dash at the end of a range. */
function progress(context: GraphContext, session: UploadSession): object {
  return {
    '@odata.context': `${context.links.root}/api/v2.0/$metadata#Users('…')/Messages('…')/AttachmentSessions/$entity`,
    ExpirationDateTime: new Date(session.expires).toISOString(),
    NextExpectedRanges: [String(sizeOf(session))],
  };
}

function sizeOf({ pieces }: UploadSession): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}

function readRange(header: string | string[] | undefined): { from: number; to: number; total: number } {
  const match = /^bytes (\d{1,12})-(\d{1,12})\/(\d{1,12})$/.exec(String(header ?? ''));
  if (match === null) throw badRequest('Content-Range must read "bytes from-to/total".', 'ErrorInvalidRange');
  return { from: Number(match[1]), to: Number(match[2]), total: Number(match[3]) };
}

function sessionNotFound(): GraphError {
  return new GraphError(404, 'ErrorItemNotFound', 'The upload session was not found.');
}
