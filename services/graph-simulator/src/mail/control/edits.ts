import type { EditTable } from '../../control/edit-table.ts';
import { openMailbox, type GraphContext, type OpenMailbox } from '../../graph/graph-context.ts';
import type { EditResult } from '../../protocol/item.ts';
import type { MailEdit, MessageEdit } from '../../protocol/mail/changes.ts';
import { isoSeconds } from '../generate/message.ts';
import { openFolder, openMessage } from '../graph/open-mail.ts';
import type { MessageState } from '../state/message.ts';
import {
  changeFolder,
  changeMessage,
  createFolder,
  moveMessage,
  removeFolder,
  removeMessage,
} from '../state/operations.ts';

/** Exact edits of mail, as the mailbox's owner would do them. */
export const MAIL_EDITS: EditTable<MailEdit> = {
  'add-folder': (context, edit) => {
    const open = openMailbox(context, edit.mailbox);
    const parent = folderKey(context, open, edit.parent);
    const hidden = edit.hidden ?? false;
    const state = { name: edit.displayName, parent, hidden, wellKnownName: null, search: false };
    return folderResult(context, open, createFolder(context.tenant, open.mailbox, state));
  },
  'rename-folder': (context, edit) => {
    const open = openMailbox(context, edit.mailbox);
    const key = folderKey(context, open, edit.folder);
    changeFolder(context.tenant, open.mailbox, key, { name: edit.displayName });
    return folderResult(context, open, key);
  },
  'move-folder': (context, edit) => {
    const open = openMailbox(context, edit.mailbox);
    const key = folderKey(context, open, edit.folder);
    changeFolder(context.tenant, open.mailbox, key, { parent: folderKey(context, open, edit.to) });
    return folderResult(context, open, key);
  },
  'delete-folder': (context, edit) => {
    const open = openMailbox(context, edit.mailbox);
    const key = folderKey(context, open, edit.folder);
    removeFolder(context.tenant, open.mailbox, key);
    return folderResult(context, open, key);
  },
  'update-message': (context, edit) => {
    const open = openMailbox(context, edit.mailbox);
    const key = messageKey(context, open, edit.message);
    const set = messageEdit(open.mailbox.message(key)!, edit.set);
    changeMessage(context.tenant, open.mailbox, key, set, now(context));
    return messageResult(context, open, key);
  },
  'move-message': (context, edit) => {
    const open = openMailbox(context, edit.mailbox);
    const key = messageKey(context, open, edit.message);
    moveMessage(context.tenant, open.mailbox, key, folderKey(context, open, edit.to), now(context));
    return messageResult(context, open, key);
  },
  'delete-message': (context, edit) => {
    const open = openMailbox(context, edit.mailbox);
    const key = messageKey(context, open, edit.message);
    removeMessage(context.tenant, open.mailbox, key);
    return messageResult(context, open, key);
  },
};

function messageEdit(state: MessageState, { subject, flag, ...set }: MessageEdit): Partial<MessageState> {
  return {
    ...set,
    ...(flag !== undefined && { flag: { flagStatus: flag } }),
    ...(subject !== undefined && { content: { ...state.content, subject } }),
  };
}

function folderKey(context: GraphContext, open: OpenMailbox, name: string): number {
  return openFolder(context, open, name).folder.key;
}

function messageKey(context: GraphContext, open: OpenMailbox, id: string): number {
  return openMessage(context, open, id).message.key;
}

function folderResult({ tenant }: GraphContext, { mailbox }: OpenMailbox, key: number): EditResult {
  return { id: tenant.ids.encode('folder', mailbox.number, key) };
}

function messageResult({ tenant }: GraphContext, { mailbox }: OpenMailbox, key: number): EditResult {
  return { id: tenant.ids.encode('message', mailbox.number, key) };
}

function now(context: GraphContext): string {
  return isoSeconds(context.now().getTime());
}
