import type { ItemKind } from '@backhaul/domain';
import { unsupported } from './corrupt.ts';
import type { Entry, FolderEntry, ItemEntry, PartRef } from './entry.ts';
import { decodeRecipe, encodeRecipe, isElsewhere, type PartRecipe } from './recipe.ts';
import { FieldWriter, readFields } from './wire-format.ts';

/** Folders and items as they lie in a container of a tree's node, both directions in one file (FORMAT.md 9). */

const KIND_MESSAGE = 1;
const KIND_CONTACT = 2;
const KIND_EVENT = 3;
const KIND_FILE = 4;
/** By their number in a folder. */
const FOLDER_KINDS: readonly ItemKind[] = ['mail', 'contacts', 'calendar', 'files'];

/** Appends a folder (field 3) or an item (field 4) to a container. */
export function writeEntry(writer: FieldWriter, entry: Entry): void {
  if (entry.type === 'folder') writer.message(3, encodeFolder(entry));
  else writer.message(4, encodeItem(entry));
}

function encodeFolder(folder: FolderEntry): Buffer {
  const writer = new FieldWriter();
  writer.text(1, folder.id);
  writer.text(2, folder.parentId);
  writer.text(3, folder.name);
  if (folder.wellKnownName !== null) writer.textEvenEmpty(4, folder.wellKnownName);
  writer.bool(5, folder.hidden);
  writer.number(6, FOLDER_KINDS.indexOf(folder.kind));
  for (const part of folder.parts) writer.message(7, encodePart(part));
  return writer.view();
}

/** @throws RangeError; Failure `unsupported-format` for a kind that is not known. */
export function decodeFolder(bytes: Buffer): FolderEntry {
  const folder: FolderEntry = {
    type: 'folder',
    containerId: '',
    kind: 'mail',
    id: '',
    parentId: '',
    name: '',
    wellKnownName: null,
    hidden: false,
    parts: [],
  };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) folder.id = value.toString();
    else if (field === 2) folder.parentId = value.toString();
    else if (field === 3) folder.name = value.toString();
    else if (field === 4) folder.wellKnownName = value.toString();
    else if (field === 5) folder.hidden = number !== 0;
    else if (field === 6) folder.kind = folderKind(number);
    else if (field === 7) folder.parts.push(decodePart(value));
  }
  return folder;
}

function folderKind(number: number): ItemKind {
  const kind = FOLDER_KINDS[number];
  if (kind === undefined) throw unsupported('tree', `folders of kind ${number} are not known`);
  return kind;
}

/** Fields of an item as they are stored; what they are called depends on the item's kind. */
interface ItemFields {
  id: string;
  kind: number;
  changeKey: string;
  title: string;
  person: string;
  time: string;
  size: number;
  isRead: boolean;
  hasAttachments: boolean;
  parts: PartRef[];
  company: string;
  endsAt: string;
  isSeries: boolean;
  createdAt: string;
  contentHash: string;
}

function encodeItem(item: ItemEntry): Buffer {
  const fields = itemFields(item);
  const writer = new FieldWriter(1024);
  writer.text(1, fields.id);
  writer.number(2, fields.kind);
  writer.text(3, fields.changeKey);
  writer.text(4, fields.title);
  writer.text(5, fields.person);
  writer.text(6, fields.time);
  writer.number(7, fields.size);
  writer.bool(8, fields.isRead);
  writer.bool(9, fields.hasAttachments);
  for (const part of fields.parts) writer.message(10, encodePart(part));
  writer.text(11, fields.company);
  writer.text(12, fields.endsAt);
  writer.bool(13, fields.isSeries);
  writer.text(14, fields.createdAt);
  writer.text(15, fields.contentHash);
  return writer.view();
}

/** @throws like {@link decodeFolder}. */
export function decodeItem(containerId: string, bytes: Buffer): ItemEntry {
  const fields = { ...NO_FIELDS, kind: 0, parts: [] as PartRef[] };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) fields.id = value.toString();
    else if (field === 2) fields.kind = number;
    else if (field === 3) fields.changeKey = value.toString();
    else if (field === 4) fields.title = value.toString();
    else if (field === 5) fields.person = value.toString();
    else if (field === 6) fields.time = value.toString();
    else if (field === 7) fields.size = number;
    else if (field === 8) fields.isRead = number !== 0;
    else if (field === 9) fields.hasAttachments = number !== 0;
    else if (field === 10) fields.parts.push(decodePart(value));
    else if (field === 11) fields.company = value.toString();
    else if (field === 12) fields.endsAt = value.toString();
    else if (field === 13) fields.isSeries = number !== 0;
    else if (field === 14) fields.createdAt = value.toString();
    else if (field === 15) fields.contentHash = value.toString();
  }
  return itemOf(containerId, fields);
}

const NO_FIELDS: Omit<ItemFields, 'parts'> = {
  id: '',
  kind: KIND_MESSAGE,
  changeKey: '',
  title: '',
  person: '',
  time: '',
  size: 0,
  isRead: false,
  hasAttachments: false,
  company: '',
  endsAt: '',
  isSeries: false,
  createdAt: '',
  contentHash: '',
};

function itemFields(item: ItemEntry): ItemFields {
  const { id, changeKey, size, parts } = item;
  const common = { ...NO_FIELDS, id, changeKey, size, parts };
  switch (item.kind) {
    case 'message': {
      const { subject: title, from: person, receivedAt: time, isRead, hasAttachments } = item;
      return { ...common, kind: KIND_MESSAGE, title, person, time, isRead, hasAttachments };
    }
    case 'contact': {
      const { name: title, address: person, company } = item;
      return { ...common, kind: KIND_CONTACT, title, person, company };
    }
    case 'event': {
      const { subject: title, organizer: person, startsAt: time, endsAt, isSeries, hasAttachments } = item;
      return { ...common, kind: KIND_EVENT, title, person, time, endsAt, isSeries, hasAttachments };
    }
    case 'file': {
      const { name: title, modifiedAt: time, createdAt, contentHash } = item;
      return { ...common, kind: KIND_FILE, title, time, createdAt, contentHash };
    }
  }
}

function itemOf(containerId: string, fields: ItemFields): ItemEntry {
  const { id, changeKey, size, parts, title, person, time } = fields;
  const common = { type: 'item', containerId, id, changeKey, size, parts } as const;
  switch (fields.kind) {
    case KIND_MESSAGE: {
      const { isRead, hasAttachments } = fields;
      return { ...common, kind: 'message', subject: title, from: person, receivedAt: time, isRead, hasAttachments };
    }
    case KIND_CONTACT:
      return { ...common, kind: 'contact', name: title, address: person, company: fields.company };
    case KIND_EVENT: {
      const { endsAt, isSeries, hasAttachments } = fields;
      return {
        ...common,
        kind: 'event',
        subject: title,
        organizer: person,
        startsAt: time,
        endsAt,
        isSeries,
        hasAttachments,
      };
    }
    case KIND_FILE: {
      const { createdAt, contentHash } = fields;
      return { ...common, kind: 'file', name: title, createdAt, modifiedAt: time, contentHash };
    }
    default:
      throw unsupported('tree', `items of kind ${fields.kind} are not known`);
  }
}

function encodePart(part: PartRef): Buffer {
  const writer = new FieldWriter(256);
  const recipe = part.recipe as PartRecipe;
  writer.text(1, part.name);
  writer.number(2, part.length);
  writer.bytes(3, Buffer.from(part.sha256, 'hex'));
  if (isElsewhere(recipe)) writer.bytes(5, Buffer.from(recipe.recipeChunks, 'base64'));
  else writer.message(4, encodeRecipe(recipe));
  return writer.view();
}

function decodePart(bytes: Buffer): PartRef {
  let recipe: PartRecipe = { chunks: '', pieces: [] };
  const part = { name: '', length: 0, sha256: '' };
  for (const { field, number, bytes: value } of readFields(bytes)) {
    if (field === 1) part.name = value.toString();
    else if (field === 2) part.length = number;
    else if (field === 3) part.sha256 = value.toString('hex');
    else if (field === 4) recipe = decodeRecipe(value);
    else if (field === 5) recipe = { recipeChunks: value.toString('base64') };
  }
  return { ...part, recipe };
}
