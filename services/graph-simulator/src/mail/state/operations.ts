import type { Attachment, FolderState, MessageState } from './message.ts';
import type { Mailbox } from './mailbox.ts';
import type { Tenant } from '../../tenant/tenant.ts';

/*
 * What can be done to a mailbox. Each operation writes one event for each folder or message that it touches. Whether it
 * is allowed, and what to answer when it is not, is the business of the callers: Graph requests and the control port.
 */

export function createFolder(tenant: Tenant, mailbox: Mailbox, state: FolderState): number {
  const key = mailbox.newKey();
  tenant.apply({ do: 'folder', mailbox: mailbox.number, key, state });
  return key;
}

export function changeFolder(tenant: Tenant, mailbox: Mailbox, key: number, set: Partial<FolderState>): void {
  tenant.apply({ do: 'folder', mailbox: mailbox.number, key, state: { ...mailbox.folder(key)!, ...set } });
}

/** Removes a folder for good, with all that is in and below it. */
export function removeFolder(tenant: Tenant, mailbox: Mailbox, key: number): void {
  for (const child of [...mailbox.children(key)]) removeFolder(tenant, mailbox, child);
  for (const message of [...mailbox.folders.get(key)!.messages]) removeMessage(tenant, mailbox, message);
  tenant.apply({ do: 'folder', mailbox: mailbox.number, key, state: null });
}

export function createMessage(tenant: Tenant, mailbox: Mailbox, state: MessageState): number {
  const key = mailbox.newKey();
  tenant.apply({ do: 'message', mailbox: mailbox.number, key, state });
  return key;
}

/** Replaces parts of a message's state; its change key changes. @param now ISO 8601 */
export function changeMessage(
  tenant: Tenant,
  mailbox: Mailbox,
  key: number,
  set: Partial<MessageState>,
  now: string,
): MessageState {
  const before = mailbox.message(key)!;
  const state: MessageState = { ...before, ...set, modifiedAt: now, revision: before.revision + 1 };
  tenant.apply({ do: 'message', mailbox: mailbox.number, key, state });
  return state;
}

/** The immutable id stays, the mutable one changes. */
export function moveMessage(tenant: Tenant, mailbox: Mailbox, key: number, folder: number, now: string): void {
  changeMessage(tenant, mailbox, key, { folder, moves: mailbox.message(key)!.moves + 1 }, now);
}

export function copyMessage(tenant: Tenant, mailbox: Mailbox, key: number, folder: number, now: string): number {
  return createMessage(tenant, mailbox, {
    ...mailbox.message(key)!,
    folder,
    createdAt: now,
    modifiedAt: now,
    moves: 0,
  });
}

export function removeMessage(tenant: Tenant, mailbox: Mailbox, key: number): void {
  tenant.apply({ do: 'message', mailbox: mailbox.number, key, state: null });
}

/** Returns the attachment's key. */
export function addAttachment(
  tenant: Tenant,
  mailbox: Mailbox,
  message: number,
  make: (key: number) => Attachment,
  now: string,
): number {
  const { content, nextAttachment } = mailbox.message(message)!;
  const attachments = [...content.attachments, make(nextAttachment)];
  const set = { content: { ...content, attachments }, nextAttachment: nextAttachment + 1 };
  changeMessage(tenant, mailbox, message, set, now);
  return nextAttachment;
}

export function removeAttachment(tenant: Tenant, mailbox: Mailbox, message: number, key: number, now: string): void {
  const { content } = mailbox.message(message)!;
  const attachments = content.attachments.filter((attachment) => attachment.key !== key);
  changeMessage(tenant, mailbox, message, { content: { ...content, attachments } }, now);
}

/** Whether `folder` is `ancestor` or lies below it. */
export function isWithin(mailbox: Mailbox, folder: number, ancestor: number): boolean {
  for (let key = folder; ;) {
    if (key === ancestor) return true;
    const parent = mailbox.folder(key)?.parent;
    if (parent === undefined || parent === key) return false;
    key = parent;
  }
}

/** Whether a folder is one of those that keep what users have deleted for good. */
export function isRecoverable(mailbox: Mailbox, folder: number): boolean {
  return mailbox.folder(folder)?.wellKnownName?.startsWith('recoverableitems') ?? false;
}

/** Display names from the top folder down; the root's own name is not part of it. */
export function folderPath(folders: (key: number) => FolderState | null, key: number): string[] {
  const state = folders(key);
  if (state === null || state.parent === key) return [];
  return [...folderPath(folders, state.parent), state.name];
}
