import type { GraphContext, OpenMailbox } from '../../graph/graph-context.ts';
import { itemNotFound, malformedId } from '../../http/graph-error.ts';
import type { GraphRequest } from '../../http/graph-request.ts';
import type { FolderRecord, Mailbox, MessageRecord } from '../state/mailbox.ts';
import type { FolderState, MessageState } from '../state/message.ts';

/** A mail folder as a request names it. */
export interface OpenFolder extends OpenMailbox {
  folder: FolderRecord & { state: FolderState };
}

/** A message as a request names it. */
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
