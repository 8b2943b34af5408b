import type { GraphRequest } from '../../http/graph-request.ts';
import type { JsonObject } from '../../graph/json-body.ts';
import { GraphError } from '../../http/graph-error.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { Content } from '../../tenant/content.ts';
import type { ByteSource } from '../../tenant/source.ts';
import { isOneNote, type ItemState } from '../state/item.ts';
import { freeName, isPathTooLong, nameProblem } from '../state/names.ts';
import { createItem, fits, momentOf, overwriteFile, sizeOf } from '../state/operations.ts';
import { invalidRequest, nameAlreadyExists, notAllowed, preconditionFailed, quotaReached } from './drive-errors.ts';
import { eTag } from './item-json.ts';
import { isOfficeFile } from './media-types.ts';
import type { OpenDrive, OpenItem, OpenPlace } from './open-drive.ts';

/** What happens when the name is taken. */
export type ConflictBehavior = 'fail' | 'replace' | 'rename';

const CONFLICT = '@microsoft.graph.conflictBehavior';

/** From the body or the query. @throws GraphError for a word that is none of the three */
export function readConflict(request: GraphRequest, body: JsonObject, standard: ConflictBehavior): ConflictBehavior {
  const given = body[CONFLICT] ?? request.query.get(CONFLICT) ?? standard;
  if (given === 'fail' || given === 'replace' || given === 'rename') return given;
  throw invalidRequest(`${CONFLICT} must be fail, replace or rename.`);
}

/** @throws GraphError for a name that SharePoint does not take, below this folder */
export function checkName({ drive }: OpenDrive, parent: number, name: string): void {
  const problem = nameProblem(name);
  if (problem !== null) throw invalidRequest(problem, 'invalidName');
  if (isPathTooLong([...drive.path(parent), name])) {
    throw invalidRequest('The path is longer than 400 characters.', 'pathIsTooLong');
  }
}

/** A name that is free in a folder. */
export function nextFreeName({ drive }: OpenDrive, parent: number, name: string): string {
  return freeName(name, (candidate) => drive.child(parent, candidate) !== undefined);
}

/** @throws GraphError when the client has seen another state of the item */
export function checkIfMatch(context: GraphContext, request: GraphRequest, { drive, key, state }: OpenItem): void {
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && wanted !== '*' && wanted !== eTag(context, drive, key, state)) throw preconditionFailed();
}

/** A file that is to be put somewhere. */
export interface FileToPlace {
  content: ByteSource;
  conflict: ConflictBehavior;
  /** Dates and description that it is to have. */
  set: Partial<ItemState>;
}

/**
 * Puts a file where it is meant to be: a new one, a new version of the one that is there, or beside it.
 * @throws GraphError when that is not possible; then nothing has changed
 */
export function placeFile(context: GraphContext, place: OpenPlace, file: FileToPlace): { key: number; isNew: boolean } {
  const { tenant } = context;
  const { drive, parent, existing } = place;
  const now = momentOf(context.now());
  checkPlace(place, file.conflict);
  const replaced = file.conflict === 'rename' || existing === null ? null : drive.item(existing)!;
  const size = Content.size(file.content);
  if (!fits(drive, size - (replaced === null ? 0 : sizeOf(replaced)))) throw quotaReached();
  const content = asKept(context, place.name, file.content);
  if (replaced !== null) {
    overwriteFile(tenant, drive, existing!, content, file.set, now);
    return { key: existing!, isNew: false };
  }
  const name = existing === null ? place.name : nextFreeName(place, parent, place.name);
  return { key: createItem(tenant, drive, { type: 'file', name, parent, content, ...file.set }, now), isNew: true };
}

/** @throws GraphError when no file can come to be there */
export function checkPlace(place: OpenPlace, conflict: ConflictBehavior): void {
  const { drive, parent, name, existing } = place;
  checkName(place, parent, name);
  const folder = drive.item(parent)!;
  if (folder.type === 'package' || (isOneNote(name) && existing !== null)) {
    throw notAllowed('Notebooks cannot be written.');
  }
  if (folder.type !== 'folder') throw invalidRequest('The parent is no folder.');
  if (existing === null) return;
  if (conflict === 'fail') throw nameAlreadyExists();
  if (conflict === 'replace' && drive.item(existing)!.type !== 'file') throw nameAlreadyExists();
}

/** SharePoint writes into Office files, where the setting says so. */
function asKept({ tenant }: GraphContext, name: string, content: ByteSource): ByteSource {
  if (tenant.settings.drives.rewriteOfficeFiles === 0 || !isOfficeFile(name) || content.from === 'seed') return content;
  if (content.from === 'text') return content;
  const note = tenant.content.keepBytes(Buffer.from('docProps/custom.xml: MediaServiceMetadata'));
  return Content.inOrder(content.from === 'file' ? [content, note] : [...content.pieces, note]);
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The dates of a `fileSystemInfo`, as parts of a state. @throws GraphError for what is no date */
export function readFileDates(info: unknown): Partial<ItemState> {
  const { createdDateTime, lastModifiedDateTime } = (info ?? {}) as Record<string, unknown>;
  const created = readDate(createdDateTime);
  const modified = readDate(lastModifiedDateTime);
  return {
    ...(created !== null && { fileCreatedAt: created }),
    ...(modified !== null && { fileModifiedAt: modified }),
  };
}

function readDate(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const time = typeof value === 'string' && DATE.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) throw new GraphError(400, 'invalidRequest', `${JSON.stringify(value)} is no date.`);
  return momentOf(new Date(time)).iso;
}
