import { GraphError, itemNotFound, malformedId } from '../http/graph-error.ts';
import type { GraphRequest } from '../http/graph-request.ts';
import type { FolderRecord, Mailbox, MessageRecord } from '../mail/state/mailbox.ts';
import type { FolderState, MessageState } from '../mail/state/message.ts';
import type { UserRecord } from '../tenant/user.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Links } from './links.ts';

/** What every handler works with. */
export interface GraphContext {
  tenant: Tenant;
  links: Links;
  now(): Date;
}

/** A mailbox as a request names it. */
export interface OpenMailbox {
  user: UserRecord;
  mailbox: Mailbox;
}

export interface OpenFolder extends OpenMailbox {
  folder: FolderRecord & { state: FolderState };
}

export interface OpenMessage extends OpenMailbox {
  message: MessageRecord & { state: MessageState };
}

/** A message at the moment it is written into an answer. */
export interface MessageSubject {
  context: GraphContext;
  request: Pick<GraphRequest, 'preferences'>;
  mailbox: Mailbox;
  key: number;
  state: MessageState;
}

/** @throws GraphError as the service answers for someone without a usable mailbox */
export function openMailbox({ tenant }: GraphContext, name: string): OpenMailbox {
  const user = tenant.user(name);
  if (user === undefined) throw new GraphError(404, 'ErrorInvalidUser', `The requested user '${name}' is invalid.`);
  if (user.mailboxState === 'denied') {
    throw new GraphError(
      403,
      'ErrorAccessDenied',
      'Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.',
    );
  }
  const mailbox = user.mailbox === null ? undefined : tenant.mailboxes.get(user.mailbox);
  if (user.mailboxState === 'missing' || mailbox === undefined) {
    throw new GraphError(404, 'ResourceNotFound', 'Resource could not be discovered.');
  }
  if (user.mailboxState === 'inactive') {
    const message = 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.';
    throw new GraphError(404, 'MailboxNotEnabledForRESTAPI', message);
  }
  return { user, mailbox };
}

/** @throws GraphError when the mailbox takes nothing more */
export function openMailboxForWriting(context: GraphContext, name: string): OpenMailbox {
  const open = openMailbox(context, name);
  if (open.user.mailboxState === 'over-quota') {
    throw new GraphError(507, 'ErrorQuotaExceeded', 'The mailbox has exceeded its maximum size.');
  }
  return open;
}

/** @param name id or well-known name */
export function openFolder(context: GraphContext, open: OpenMailbox, name: string): OpenFolder {
  const key = folderKey(context, open.mailbox, name);
  const folder = open.mailbox.folders.get(key);
  if (folder === undefined || folder.state === null) throw itemNotFound();
  return { ...open, folder: folder as OpenFolder['folder'] };
}

/** @param id of either form */
export function openMessage({ tenant }: GraphContext, open: OpenMailbox, id: string): OpenMessage {
  const decoded = tenant.ids.decode(id);
  if (decoded === null || (decoded.kind !== 'message' && decoded.kind !== 'moved-message')) throw malformedId();
  const message = decoded.mailbox === open.mailbox.number ? open.mailbox.messages.get(decoded.key) : undefined;
  if (message === undefined || message.state === null) throw itemNotFound();
  if (decoded.kind === 'moved-message' && decoded.extra !== message.state.moves) throw itemNotFound();
  return { ...open, message: message as OpenMessage['message'] };
}

function folderKey({ tenant }: GraphContext, mailbox: Mailbox, name: string): number {
  const wellKnown = mailbox.wellKnown(name.toLowerCase());
  if (wellKnown !== undefined) return wellKnown;
  const decoded = tenant.ids.decode(name);
  if (decoded === null || decoded.kind !== 'folder') throw malformedId();
  if (decoded.mailbox !== mailbox.number) throw itemNotFound();
  return decoded.key;
}

export function folderId({ tenant }: GraphContext, mailbox: Mailbox, key: number): string {
  return tenant.ids.encode('folder', mailbox.number, key);
}

/** In the form that the request prefers. */
export function messageId(
  { tenant }: GraphContext,
  mailbox: Mailbox,
  key: number,
  state: MessageState,
  { preferences }: Pick<GraphRequest, 'preferences'>,
): string {
  if (preferences.immutableIds) return tenant.ids.encode('message', mailbox.number, key);
  return tenant.ids.encode('moved-message', mailbox.number, key, state.moves);
}

/** Echoes the preferences that were followed. */
export function preferenceApplied({ preferences }: GraphRequest, tracking = false): Record<string, string> {
  const applied: string[] = [];
  if (tracking) applied.push('odata.track-changes');
  if (preferences.maxPageSize !== null) applied.push(`odata.maxpagesize=${preferences.maxPageSize}`);
  if (preferences.immutableIds) applied.push('IdType="ImmutableId"');
  if (preferences.bodyType !== null) applied.push(`outlook.body-content-type="${preferences.bodyType}"`);
  return applied.length === 0 ? {} : { 'Preference-Applied': applied.join(', ') };
}

/** Path of a collection in key syntax, as links carry it. */
export function keyPath(...parts: (string | [name: string, id: string])[]): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : `${part[0]}('${encodeURIComponent(part[1])}')`))
    .join('/');
}
