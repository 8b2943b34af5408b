import type { FailureKind } from '@backhaul/domain';
import type { SourceFolder } from '@backhaul/engine';
import type { BatchOutcome } from '../batch.ts';
import { entriesOf } from '../paging.ts';
import { segment, type Mailbox } from './mailbox.ts';

/** A folder as Graph lists it. */
export interface GraphFolder {
  '@odata.type'?: string;
  id: string;
  displayName?: string | null;
  isHidden?: boolean | null;
  totalItemCount?: number | null;
}

interface FolderList {
  value?: GraphFolder[];
  '@odata.nextLink'?: string;
}

/**
 * Names by which Graph knows folders whatever the mailbox's language; v1.0 tells of no folder that it is one of them, so
 * each is asked for.
 */
const WELL_KNOWN_NAMES = [
  'inbox',
  'drafts',
  'sentitems',
  'deleteditems',
  'outbox',
  'junkemail',
  'archive',
  'clutter',
  'conflicts',
  'conversationhistory',
  'localfailures',
  'scheduled',
  'serverfailures',
  'syncissues',
] as const;

/**
 * What was deleted from Deleted Items, or purged, and what mailboxes on hold keep of changed items. They lie beside the
 * visible tree, so no list leads to them.
 */
const RECOVERABLE_ITEMS = ['recoverableitemsdeletions', 'recoverableitemspurges', 'recoverableitemsversions'] as const;

/** What of a mailbox's folders is wanted. */
export interface FolderChoice {
  /** Also the folders of recoverable items, as hidden ones. Default: false. */
  recoverableItems?: boolean;
}

const SEARCH_FOLDER = '#microsoft.graph.mailSearchFolder';
const LISTING = 'includeHiddenFolders=true&$select=id,displayName,isHidden,totalItemCount&$top=250';

/**
 * The whole tree, parents before children. It is read level by level, twenty folders in a request; change tracking of the
 * hierarchy would be cheaper, but it leaves out hidden folders.
 */
export async function listFolders(
  mailbox: Mailbox,
  signal: AbortSignal,
  { recoverableItems = false }: FolderChoice = {},
): Promise<SourceFolder[]> {
  const names = await wellKnownNames(mailbox, signal);
  const folders: SourceFolder[] = [];
  const top = await mailbox.json<FolderList>({ path: `/mailFolders?${LISTING}`, signal });
  let level = (await wholeList(mailbox, top, signal)).map((folder) => asMailFolder(folder, '', names));
  if (recoverableItems) level.push(...(await recoverableFolders(mailbox, signal)));
  while (level.length > 0) {
    folders.push(...level);
    const paths = level.map(({ id }) => `/mailFolders/${segment(id)}/childFolders?${LISTING}`);
    const lists = await mailbox.batch(paths, signal);
    const below = await Promise.all(
      level.map(async (parent, index) => {
        const children = await wholeList(mailbox, childList(lists[index]), signal);
        return children.map((folder) => asMailFolder(folder, parent.id, names));
      }),
    );
    level = below.flat();
  }
  return folders;
}

export function asMailFolder(folder: GraphFolder, parentId: string, names: ReadonlyMap<string, string>): SourceFolder {
  return {
    id: folder.id,
    parentId,
    name: folder.displayName ?? '',
    wellKnownName: names.get(folder.id) ?? null,
    hidden: folder.isHidden ?? false,
    ...(typeof folder.totalItemCount === 'number' && { itemCount: folder.totalItemCount }),
  };
}

/** The children of one folder; `''` is the root. */
export async function listChildren(mailbox: Mailbox, parentId: string, signal: AbortSignal): Promise<GraphFolder[]> {
  const below = parentId === '' ? '/mailFolders' : `/mailFolders/${segment(parentId)}/childFolders`;
  return wholeList(mailbox, await mailbox.json<FolderList>({ path: `${below}?${LISTING}`, signal }), signal);
}

/** Folder ids with their well-known name. */
async function wellKnownNames(mailbox: Mailbox, signal: AbortSignal): Promise<Map<string, string>> {
  const found = await foldersByName(mailbox, WELL_KNOWN_NAMES, 'id', signal);
  return new Map(found.map(({ name, folder }) => [folder.id, name]));
}

async function recoverableFolders(mailbox: Mailbox, signal: AbortSignal): Promise<SourceFolder[]> {
  const found = await foldersByName(mailbox, RECOVERABLE_ITEMS, 'id,displayName,totalItemCount', signal);
  return found.map(({ name, folder }) => ({
    ...asMailFolder(folder, '', new Map([[folder.id, name]])),
    hidden: true,
  }));
}

/** The folders that are known by these names; a mailbox has not all of them. */
async function foldersByName(
  mailbox: Mailbox,
  names: readonly string[],
  fields: string,
  signal: AbortSignal,
): Promise<{ name: string; folder: GraphFolder }[]> {
  const outcomes = await mailbox.batch(
    names.map((name) => `/mailFolders/${name}?$select=${fields}`),
    signal,
  );
  return names.flatMap((name, index) => {
    const outcome = outcomes[index];
    if (outcome?.ok) return { name, folder: outcome.body as GraphFolder };
    if (outcome !== undefined && !ABSENT.includes(outcome.failure.kind)) throw outcome.failure;
    return [];
  });
}

/** How Graph says that a mailbox has no such folder, or that it does not know the name. */
const ABSENT: readonly FailureKind[] = ['not-found', 'invalid-input'];

const NO_FOLDERS: FolderList = { value: [] };

/** A folder that went away between two requests has no children. */
function childList(outcome: BatchOutcome | undefined): FolderList {
  if (outcome === undefined) return NO_FOLDERS;
  if (outcome.ok) return outcome.body as FolderList;
  if (outcome.failure.kind === 'not-found') return NO_FOLDERS;
  throw outcome.failure;
}

async function wholeList(mailbox: Mailbox, first: FolderList, signal: AbortSignal): Promise<GraphFolder[]> {
  const folders = [...entriesOf(first)];
  const next = first['@odata.nextLink'];
  if (next !== undefined) {
    for await (const page of mailbox.pages<GraphFolder>({ path: '', from: next, signal })) folders.push(...page.value);
  }
  return folders.filter((folder) => folder['@odata.type'] !== SEARCH_FOLDER);
}
