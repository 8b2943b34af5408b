import type { ContactProperties, ContactQuery, ContactTarget, PlaceFound } from '@backhaul/engine';
import { REQUESTS_AT_ONCE, type Graph } from '../graph.ts';
import { openMailbox, quoted, segment, type Mailbox } from '../mail/mailbox.ts';
import { ensureFolder } from '../outlook/ensure-folder.ts';
import {
  create,
  findMarked,
  markComplete,
  orNull,
  refused,
  removeForGood,
  SEARCH_PAGE_SIZE,
} from '../outlook/marked-items.ts';
import { markProperties } from '../outlook/restore-mark.ts';
import { CONTACT_QUERY, contactProperties } from './contact-properties.ts';
import { asFolder, childrenOf, listContactFolders, type GraphContactFolder } from './folders.ts';
import { contactPhoto } from './photo.ts';

/** Where contacts of one mailbox are restored to; implements the engine's port on Microsoft Graph. */
export function contactTarget(graph: Graph, userId: string): ContactTarget {
  const mailbox = openMailbox(graph, userId);
  return {
    concurrency: REQUESTS_AT_ONCE,
    folders: (signal) => listContactFolders(mailbox, signal),
    ensureFolder: (parentId, name, _options, signal) => ensureContactFolder(mailbox, parentId, name, signal),
    findMarked: (folderId, restoreId, signal) => findMarked(mailbox, contactsOf(folderId), restoreId, signal),
    findTwins: (folderId, of, signal) => findTwins(mailbox, folderId, of, signal),
    contact: (contactId, signal) => contactAt(mailbox, pathOf(contactId), signal),
    photo: (contactId, signal) => contactPhoto(mailbox, contactId, signal),
    create: (folderId, { fields, mark }, signal) =>
      create(mailbox, contactsOf(folderId), { ...fields, singleValueExtendedProperties: markProperties(mark) }, signal),
    setPhoto: (contactId, bytes, signal) => setPhoto(mailbox, contactId, bytes, signal),
    markComplete: (contactId, mark, signal) => markComplete(mailbox, pathOf(contactId), mark, signal),
    remove: (contactId, signal) => removeForGood(mailbox, pathOf(contactId), signal),
  };
}

function contactsOf(folderId: string): string {
  return `/contactFolders/${segment(folderId)}/contacts`;
}

function pathOf(contactId: string): string {
  return `/contacts/${segment(contactId)}`;
}

async function ensureContactFolder(
  mailbox: Mailbox,
  parentId: string,
  name: string,
  signal: AbortSignal,
): Promise<PlaceFound> {
  const path = parentId === '' ? '/contactFolders' : `/contactFolders/${segment(parentId)}/childFolders`;
  const request = { path, body: { displayName: name }, signal };
  const folder = await ensureFolder<GraphContactFolder>(mailbox, request, name, async () =>
    (await childrenOf(mailbox, parentId, signal)).map(({ id, name: displayName }) => ({ id, displayName })),
  );
  return asFolder({ ...folder, displayName: folder.displayName ?? name }, parentId, null);
}

async function findTwins(
  mailbox: Mailbox,
  folderId: string,
  of: ContactQuery,
  signal: AbortSignal,
): Promise<ContactProperties[]> {
  // Exchange cannot be asked for contacts without a name; there are few of them.
  const filter = of.displayName === '' ? '' : `$filter=displayName%20eq%20${quoted(of.displayName)}&`;
  const path = `${contactsOf(folderId)}?${filter}${CONTACT_QUERY}`;
  const twins: ContactProperties[] = [];
  for await (const page of mailbox.pages<ContactProperties>({ path, pageSize: SEARCH_PAGE_SIZE, signal })) {
    twins.push(...page.value.filter(({ displayName }) => isSameName(displayName ?? '', of.displayName)));
  }
  if (of.id !== null && !twins.some(({ id }) => id === of.id)) {
    const original = await contactAt(mailbox, `${contactsOf(folderId)}/${segment(of.id)}`, signal);
    if (original?.parentFolderId === folderId) twins.push(original);
  }
  return twins.map(contactProperties);
}

async function contactAt(mailbox: Mailbox, path: string, signal: AbortSignal): Promise<ContactProperties | null> {
  const found = await orNull(mailbox.json<ContactProperties>({ path: `${path}?${CONTACT_QUERY}`, signal }));
  return found && contactProperties(found);
}

async function setPhoto(mailbox: Mailbox, contactId: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const request = {
    method: 'PUT' as const,
    path: `${pathOf(contactId)}/photo/$value`,
    headers: { 'Content-Type': imageType(bytes) },
    body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    signal,
  };
  await mailbox.send(request).catch(refused);
}

/** By the first bytes; Exchange looks for itself, but insists on being told something. */
function imageType(bytes: Uint8Array): string {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return 'image/png';
  if (bytes[0] === 0x47 && bytes[1] === 0x49) return 'image/gif';
  return 'image/jpeg';
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
