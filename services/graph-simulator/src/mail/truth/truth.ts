import { changeKey } from '../state/change-key.ts';
import { Content } from '../../tenant/content.ts';
import type { Mailbox } from '../state/mailbox.ts';
import type { Attachment, FolderState, MessageState } from '../state/message.ts';
import { folderPath } from '../state/operations.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { stateAt } from '../../tenant/versions.ts';
import { canonicalHash, canonicalMessage } from './canonical-form.ts';
import type { FolderTruth, MailboxTruth, MessageTruth } from '../../protocol/mail/truth.ts';

/** A {@link MailboxTruth} whose messages are still to be read, once. */
export type LazyTruth = Omit<MailboxTruth, 'messages'> & { messages: Generator<MessageTruth> };

/** What of a truth is wanted. */
export interface TruthChoice {
  /** Whether each message comes with its canonical form. */
  forms: boolean;
  /** Whether the folders of recoverable items belong to it. */
  recoverable: boolean;
}

/**
 * What a mailbox held at a mark, from the structures that everything was generated or posted as. Its messages are made one
 * by one while they are read: with all bodies they may be larger than memory.
 */
export function mailboxTruth(
  tenant: Tenant,
  mailbox: Mailbox,
  mark: number,
  { forms, recoverable }: TruthChoice,
): LazyTruth {
  const owner = tenant.owner(mailbox.number);
  const folderAt = (key: number): FolderState | null => {
    const record = mailbox.folders.get(key);
    return record === undefined ? null : stateAt(record.versions, mark);
  };
  const folders = foldersAt(tenant, mailbox, folderAt, recoverable);
  const paths = new Map(folders.map(({ key, truth }) => [key, truth.path]));
  function* messages(): Generator<MessageTruth> {
    for (const [key, { versions }] of mailbox.messages) {
      const state = stateAt(versions, mark);
      const path = state === null ? undefined : paths.get(state.folder);
      if (state !== null && path !== undefined) yield messageTruth(tenant, mailbox, key, state, path, forms);
    }
  }
  return {
    mailbox: owner.id,
    userPrincipalName: owner.userPrincipalName,
    mark,
    folders: folders.map(({ truth }) => truth),
    messages: messages(),
  };
}

/** Parents before children; the root itself and search folders are left out. */
function foldersAt(
  tenant: Tenant,
  mailbox: Mailbox,
  folderAt: (key: number) => FolderState | null,
  recoverable: boolean,
): { key: number; truth: FolderTruth }[] {
  const found: { key: number; truth: FolderTruth }[] = [];
  const id = (key: number): string => tenant.ids.encode('folder', mailbox.number, key);
  for (const key of mailbox.folders.keys()) {
    const state = folderAt(key);
    if (state === null || state.parent === key || state.search) continue;
    const outside = state.wellKnownName?.startsWith('recoverableitems') ?? false;
    if (outside && !recoverable) continue;
    const top = folderAt(state.parent)?.parent === state.parent;
    const path = folderPath(folderAt, key);
    const truth = {
      id: id(key),
      parentId: top ? null : id(state.parent),
      path,
      hidden: state.hidden || outside,
      wellKnownName: state.wellKnownName,
    };
    found.push({ key, truth });
  }
  return found.sort((a, b) => a.truth.path.length - b.truth.path.length || a.key - b.key);
}

function messageTruth(
  tenant: Tenant,
  mailbox: Mailbox,
  key: number,
  state: MessageState,
  path: string[],
  forms: boolean,
): MessageTruth {
  const { content, ids } = tenant;
  const given = state.content.mime;
  const canonical = given === undefined ? canonicalMessage(state, path, content) : null;
  return {
    id: ids.encode('message', mailbox.number, key),
    folderId: ids.encode('folder', mailbox.number, state.folder),
    changeKey: changeKey(mailbox, key, state),
    isDraft: state.isDraft,
    canonicalHash: canonical === null ? null : canonicalHash(canonical),
    ...(forms && { canonical }),
    mimeSha256: given === undefined ? null : content.sha256(given),
    attachments: state.content.attachments.map((attachment) => attachmentTruth(attachment, content)),
  };
}

function attachmentTruth(attachment: Attachment, content: Content): MessageTruth['attachments'][number] {
  const { kind } = attachment;
  const name = attachment.name ?? '';
  if (kind !== 'file') return { kind, name, size: 0, sha256: null };
  return { kind, name, size: Content.size(attachment.bytes), sha256: content.sha256(attachment.bytes) };
}
