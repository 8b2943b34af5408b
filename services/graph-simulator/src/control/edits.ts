import { generateUser } from '../directory/people.ts';
import { makeWellKnownFolders } from '../mail/generate/folders.ts';
import { isoSeconds } from '../mail/generate/message.ts';
import { MAILBOX_LANGUAGES, type Language } from '../generate/languages.ts';
import { seededRandom } from '../generate/random.ts';
import { openMailbox, type GraphContext } from '../graph/graph-context.ts';
import { openFolder, openMessage } from '../mail/graph/open-mail.ts';
import type { JsonObject } from '../graph/json-body.ts';
import { contentFromJson, embedded, messageFromJson } from '../mail/graph/posted-message.ts';
import { newMessageState } from '../mail/generate/message.ts';
import { parseMime } from '../mail/mime/parse.ts';
import type { Attachment, MessageState } from '../mail/state/message.ts';
import type { UserRecord } from '../tenant/user.ts';
import {
  changeFolder,
  changeMessage,
  createFolder,
  createMessage,
  moveMessage,
  removeFolder,
  removeMessage,
} from '../mail/state/operations.ts';
import { readAttachment } from '../mail/graph/posted-attachment.ts';
import type { Edit, EditResult, MessageEdit, NewMessage } from '../protocol/changes.ts';
import type { NewUser, UserPatch } from '../protocol/users.ts';

/** Does one exact edit, as the mailbox's owner would. @throws Error when something it names is not there */
export function applyEdit(context: GraphContext, edit: Edit): EditResult {
  const { tenant } = context;
  const open = openMailbox(context, edit.mailbox);
  const { mailbox } = open;
  const now = isoSeconds(context.now().getTime());
  const folderKey = (name: string): number => openFolder(context, open, name).folder.key;
  const messageKey = (id: string): number => openMessage(context, open, id).message.key;
  const folderResult = (key: number): EditResult => ({ id: tenant.ids.encode('folder', mailbox.number, key) });
  const messageResult = (key: number): EditResult => ({ id: tenant.ids.encode('message', mailbox.number, key) });
  switch (edit.do) {
    case 'add-folder': {
      const parent = folderKey(edit.parent);
      const state = {
        name: edit.displayName,
        parent,
        hidden: edit.hidden ?? false,
        wellKnownName: null,
        search: false,
      };
      return folderResult(createFolder(tenant, mailbox, state));
    }
    case 'rename-folder': {
      const key = folderKey(edit.folder);
      changeFolder(tenant, mailbox, key, { name: edit.displayName });
      return folderResult(key);
    }
    case 'move-folder': {
      const key = folderKey(edit.folder);
      changeFolder(tenant, mailbox, key, { parent: folderKey(edit.to) });
      return folderResult(key);
    }
    case 'delete-folder': {
      const key = folderKey(edit.folder);
      removeFolder(tenant, mailbox, key);
      return folderResult(key);
    }
    case 'update-message': {
      const key = messageKey(edit.message);
      changeMessage(tenant, mailbox, key, messageEdit(mailbox.message(key)!, edit.set), now);
      return messageResult(key);
    }
    case 'move-message': {
      const key = messageKey(edit.message);
      moveMessage(tenant, mailbox, key, folderKey(edit.to), now);
      return messageResult(key);
    }
    case 'delete-message': {
      const key = messageKey(edit.message);
      removeMessage(tenant, mailbox, key);
      return messageResult(key);
    }
    default:
      throw new Error(`there is no edit '${String((edit as { do?: unknown }).do)}'`);
  }
}

function messageEdit(state: MessageState, { subject, flag, ...set }: MessageEdit): Partial<MessageState> {
  return {
    ...set,
    ...(flag !== undefined && { flag: { flagStatus: flag } }),
    ...(subject !== undefined && { content: { ...state.content, subject } }),
  };
}

/** Puts a given message into a folder. @throws Error when neither or both of message and MIME are given */
export function addMessage(
  context: GraphContext,
  { mailbox: name, folder = 'inbox', message, mimeBase64 }: NewMessage,
): EditResult {
  if ((message === undefined) === (mimeBase64 === undefined)) throw new Error('give either message or mimeBase64');
  const { tenant } = context;
  const open = openMailbox(context, name);
  const folderKey = openFolder(context, open, folder).folder.key;
  const now = isoSeconds(context.now().getTime());
  const state =
    message === undefined ? fromMime(context, folderKey, mimeBase64!, now) : fromJson(context, folderKey, message, now);
  const key = createMessage(tenant, open.mailbox, state);
  return { id: tenant.ids.encode('message', open.mailbox.number, key) };
}

/** Its bytes are kept as they are; what they say is read as far as it can be read. */
function fromMime({ tenant }: GraphContext, folder: number, base64: string, now: string): MessageState {
  const bytes = Buffer.from(base64, 'base64');
  const { content } = tenant;
  const parsed = parseMime(bytes, { text: (text) => content.keepText(text), bytes: (data) => content.keepBytes(data) });
  return newMessageState(folder, { ...parsed, mime: content.keepBytes(bytes) }, now);
}

/** Unlike a posted message it is received unless it says otherwise, keeps its dates, and may hold a link. */
function fromJson(context: GraphContext, folder: number, body: JsonObject, now: string): MessageState {
  const { attachments = [], ...rest } = body as { attachments?: JsonObject[] };
  const posted = messageFromJson(context, folder, rest, now);
  const date = (name: string): string | null => {
    const text = body[name];
    return typeof text === 'string' ? isoSeconds(Date.parse(text)) : null;
  };
  const content = {
    ...contentFromJson(context, rest, {}, date('sentDateTime') ?? now),
    attachments: attachments.map((attachment, at) => givenAttachment(context, attachment, at + 1)),
  };
  return {
    ...posted,
    content,
    receivedAt: date('receivedDateTime') ?? now,
    isDraft: body['isDraft'] === true,
    isRead: body['isRead'] === true,
    nextAttachment: attachments.length + 1,
  };
}

function givenAttachment(context: GraphContext, attachment: JsonObject, key: number): Attachment {
  if (!String(attachment['@odata.type']).endsWith('referenceAttachment'))
    return readAttachment(context, attachment, key, embedded);
  return {
    kind: 'reference',
    key,
    name: textOr(attachment['name'], ''),
    url: textOr(attachment['sourceUrl'], 'https://files.example/'),
  };
}

/** Makes a user, with an empty mailbox where its kind has one. */
export function addUser({ tenant }: GraphContext, user: NewUser): UserRecord {
  const { kind = 'user', language = 'en' } = user;
  if (!MAILBOX_LANGUAGES.includes(language as Language))
    throw new Error(`language must be one of ${MAILBOX_LANGUAGES.join(', ')}`);
  const number = Math.max(0, ...tenant.mailboxes.keys()) + 1;
  const hasMailbox = kind === 'user' || kind === 'shared' || kind === 'room';
  const random = seededRandom(tenant.shape.seed, tenant.sequence, 909);
  const made = generateUser(random, tenant.users.size + 1, kind, language as Language, hasMailbox ? number : null);
  const displayName = user.displayName ?? `${made.displayName} ${tenant.users.size + 1}`;
  const userPrincipalName = user.userPrincipalName ?? made.userPrincipalName;
  if (tenant.user(userPrincipalName) !== undefined) throw new Error(`there is a user ${userPrincipalName} already`);
  const record = { ...made, displayName, userPrincipalName, mail: made.mail === null ? null : userPrincipalName };
  tenant.apply({ do: 'user', user: record });
  if (hasMailbox) {
    const mailbox = tenant.mailboxes.get(number)!;
    makeWellKnownFolders(mailbox, record.language, (key, state) =>
      tenant.apply({ do: 'folder', mailbox: number, key, state }),
    );
  }
  return record;
}

/** @throws Error when there is no such user */
export function changeUser(
  { tenant }: GraphContext,
  name: string,
  { displayName, accountEnabled, mailboxState }: UserPatch,
): UserRecord {
  const user = tenant.user(name);
  if (user === undefined) throw new Error(`there is no user ${name}`);
  const changed: UserRecord = {
    ...user,
    ...(displayName !== undefined && { displayName }),
    ...(accountEnabled !== undefined && { accountEnabled }),
    ...(mailboxState !== undefined && { mailboxState }),
  };
  tenant.apply({ do: 'user', user: changed });
  return changed;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
