import { isFailure } from '@backhaul/domain';
import type { SourceFolder } from '@backhaul/engine';
import type { BatchOutcome } from '../batch.ts';
import { segment, type Mailbox } from '../mail/mailbox.ts';
import { entriesOf } from '../paging.ts';

/** A contact folder as Graph lists it. */
export interface GraphContactFolder {
  id: string;
  displayName?: string | null;
}

interface FolderList {
  value?: GraphContactFolder[];
  '@odata.nextLink'?: string;
}

const LISTING = '$select=id,displayName&$top=250';

/**
 * The default folder and the whole tree of the others, parents before children, level by level, twenty folders in a request.
 * Graph lists the default folder nowhere; it is asked for by its name.
 */
export async function listContactFolders(mailbox: Mailbox, signal: AbortSignal): Promise<SourceFolder[]> {
  const standard = await standardFolder(mailbox, signal);
  const others = (await childrenOf(mailbox, '', signal)).filter(({ id }) => id !== standard?.id);
  const folders: SourceFolder[] = [];
  let level = [...(standard === null ? [] : [standard]), ...others];
  while (level.length > 0) {
    folders.push(...level);
    const paths = level.map(({ id }) => `/contactFolders/${segment(id)}/childFolders?${LISTING}`);
    const lists = await mailbox.batch(paths, signal);
    const below = await Promise.all(
      level.map(({ id }, index) => wholeList(mailbox, childList(lists[index]), id, signal)),
    );
    level = below.flat();
  }
  return folders;
}

/**
 * The default folder by its well-known name, which works though it is not documented; else by a contact that lies in it. An
 * empty one that cannot be found either way has nothing to be read.
 */
async function standardFolder(mailbox: Mailbox, signal: AbortSignal): Promise<SourceFolder | null> {
  const fields = '$select=id,displayName';
  const get = (id: string) => mailbox.json<GraphContactFolder>({ path: `/contactFolders/${id}?${fields}`, signal });
  try {
    return asFolder(await get('contacts'), '', 'contacts');
  } catch (error) {
    if (!isFailure(error, 'not-found', 'invalid-input')) throw error;
    const path = '/contacts?$top=1&$select=parentFolderId';
    const { value } = await mailbox.json<{ value?: { parentFolderId?: string | null }[] }>({ path, signal });
    const id = value?.[0]?.parentFolderId;
    return id ? asFolder(await get(segment(id)), '', 'contacts') : null;
  }
}

/** The folders right below one; `''` is the root. */
export async function childrenOf(mailbox: Mailbox, parentId: string, signal: AbortSignal): Promise<SourceFolder[]> {
  const below = parentId === '' ? '/contactFolders' : `/contactFolders/${segment(parentId)}/childFolders`;
  return wholeList(mailbox, await mailbox.json<FolderList>({ path: `${below}?${LISTING}`, signal }), parentId, signal);
}

async function wholeList(
  mailbox: Mailbox,
  first: FolderList,
  parentId: string,
  signal: AbortSignal,
): Promise<SourceFolder[]> {
  const folders = [...entriesOf(first)];
  const next = first['@odata.nextLink'];
  if (next !== undefined) {
    const rest = mailbox.pages<GraphContactFolder>({ path: '', from: next, signal });
    for await (const page of rest) folders.push(...page.value);
  }
  return folders.map((folder) => asFolder(folder, parentId, null));
}

/** A folder that went away between two requests has no children. */
function childList(outcome: BatchOutcome | undefined): FolderList {
  if (outcome?.ok === true) return outcome.body as FolderList;
  if (outcome === undefined || outcome.failure.kind === 'not-found') return { value: [] };
  throw outcome.failure;
}

/** Contact folders are never hidden. */
export function asFolder(folder: GraphContactFolder, parentId: string, wellKnownName: string | null): SourceFolder {
  return { id: folder.id, parentId, name: folder.displayName ?? '', wellKnownName, hidden: false };
}
