import type { NewItem } from '../state/new-item.ts';
import { momentOf } from '../state/operations.ts';
import type { EditTable } from '../../control/edit-table.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import type { DrivesEdit, GivenContent, GivenDates } from '../../protocol/drives/changes.ts';
import type { EditResult } from '../../protocol/item.ts';
import type { ByteSource } from '../../tenant/source.ts';
import type { Drive } from '../state/drive.ts';
import { ROOT, type ItemState } from '../state/item.ts';
import {
  changeDrive,
  changeItem,
  createItem,
  overwriteFile,
  removeItem,
  setPermissions,
  type Moment,
} from '../state/operations.ts';
import { newDriveState, rootState } from '../generate/drive-maker.ts';
import { findDrive, findItem } from './find-drive.ts';
import { givenPermissions } from './given-permissions.ts';

/** Exact edits of drives, as their owners would do them. */
export const DRIVES_EDITS: EditTable<DrivesEdit> = {
  'add-file': (context, edit) => {
    const { drive: name, parent, content, fileCreatedAt, fileModifiedAt } = edit;
    const dates = givenDates({ fileCreatedAt, fileModifiedAt });
    const item = { type: 'file' as const, name: edit.name, content: bytesOf(context, content), ...dates };
    return create(context, findDrive(context.tenant, name), parent, item);
  },
  'write-file': (context, edit) => {
    const { tenant } = context;
    const { drive, key } = find(context, edit);
    if (drive.item(key)!.type !== 'file') throw new Error('only files can be written');
    overwriteFile(tenant, drive, key, bytesOf(context, edit.content), givenDates(edit), now(context));
    return result(context, drive, key);
  },
  'add-drive-folder': (context, { drive, parent, name }) =>
    create(context, findDrive(context.tenant, drive), parent, { type: 'folder', name }),
  'add-package': (context, { drive: name, parent, name: packageName, sectionBytes = 1000 }) => {
    const drive = findDrive(context.tenant, name);
    const made = create(context, drive, parent, { type: 'package', name: packageName });
    const section = (file: string, size: number): EditResult =>
      create(context, drive, made.id, { type: 'file', name: file, content: bytesOf(context, { size }) });
    section('Open Notebook.onetoc2', 100);
    section('Section.one', sectionBytes);
    return made;
  },
  'rename-item': (context, edit) => change(context, edit, ({ parent }) => ({ parent, name: edit.name })),
  'move-item': (context, edit) =>
    change(context, edit, ({ name }, drive, key) => {
      const parent = findItem(context.tenant, drive, edit.to);
      if (drive.isWithin(parent, key)) throw new Error('an item cannot be moved below itself');
      return { parent, name: edit.name ?? name };
    }),
  'delete-item': (context, edit) => {
    const { drive, key } = find(context, edit);
    removeItem(context.tenant, drive, key, now(context));
    return result(context, drive, key);
  },
  'recreate-item': (context, edit) => {
    const { tenant } = context;
    const { drive, key } = find(context, edit);
    const { type, name, parent, content } = drive.item(key)!;
    if (type !== 'file' && type !== 'folder') throw new Error('only files and folders can be recreated');
    removeItem(tenant, drive, key, now(context));
    return result(context, drive, createItem(tenant, drive, { type, name, parent, content }, now(context)));
  },
  'mark-malware': (context, edit) =>
    change(context, edit, () => ({ malware: edit.infected === false ? null : 'Virus:Simulated.B!test' })),
  'mark-unreadable': (context, edit) => change(context, edit, () => ({ unreadable: edit.unreadable !== false })),
  'set-permissions': (context, edit) => {
    const { tenant } = context;
    const { drive, key } = find(context, edit);
    const permissions = givenPermissions(tenant, edit.permissions);
    setPermissions(tenant, drive, key, permissions, edit.inherits ?? drive.item(key)!.inherits, now(context));
    return result(context, drive, key);
  },
  'set-drive-access': (context, { drive, access }) => changeWhole(context, drive, { access }),
  'set-drive-quota': (context, { drive, quota }) => changeWhole(context, drive, { quota }),
  'set-sharing': (context, { drive, disabled }) => changeWhole(context, drive, { sharingDisabled: disabled }),
  'provision-drive': (context, { drive: name }) => {
    const { tenant } = context;
    const owner = tenant.user(name);
    if (owner === undefined) throw new Error(`there is no user ${name}`);
    const { iso, ms } = now(context);
    const before = tenant.drives.ofUser(owner.id);
    if (before !== undefined) changeDrive(tenant, before, { access: 'missing' });
    const number = tenant.drives.newNumber();
    tenant.apply({ do: 'drive', drive: number, state: newDriveState(owner, iso) });
    tenant.apply({ do: 'drive-item', drive: number, key: ROOT, state: rootState(owner, iso), at: ms });
    return { id: tenant.drives.ids.drive(number) };
  },
};

interface Named {
  drive: string;
  item: string | string[];
}

function find({ tenant }: GraphContext, { drive: name, item }: Named): { drive: Drive; key: number } {
  const drive = findDrive(tenant, name);
  return { drive, key: findItem(tenant, drive, item) };
}

function create(
  context: GraphContext,
  drive: Drive,
  parent: string | string[] = [],
  item: Omit<NewItem, 'parent'>,
): EditResult {
  const folder = findItem(context.tenant, drive, parent);
  refuseTaken(drive, folder, item.name, null);
  return result(context, drive, createItem(context.tenant, drive, { ...item, parent: folder }, now(context)));
}

function change(
  context: GraphContext,
  named: Named,
  set: (state: ItemState, drive: Drive, key: number) => Partial<ItemState>,
): EditResult {
  const { drive, key } = find(context, named);
  const parts = set(drive.item(key)!, drive, key);
  if (parts.name !== undefined && parts.parent !== undefined) refuseTaken(drive, parts.parent, parts.name, key);
  changeItem(context.tenant, drive, key, parts, now(context));
  return result(context, drive, key);
}

function changeWhole(context: GraphContext, name: string, set: Partial<Drive['state']>): EditResult {
  const drive = findDrive(context.tenant, name);
  changeDrive(context.tenant, drive, set);
  return { id: context.tenant.drives.ids.drive(drive.number) };
}

/** Two of one name in a folder would be one. @param except key of an item that may have the name */
function refuseTaken(drive: Drive, folder: number, name: string, except: number | null): void {
  const taken = drive.child(folder, name);
  if (taken !== undefined && taken !== except) throw new Error(`there is an item ${name} already`);
}

function bytesOf({ tenant }: GraphContext, content: GivenContent | undefined): ByteSource {
  if (content === undefined) return { from: 'text', text: '' };
  if ('base64' in content) return tenant.content.keepBytes(Buffer.from(content.base64, 'base64'));
  return { from: 'seed', seed: content.seed ?? tenant.sequence, size: content.size, kind: 'noise' };
}

function givenDates({
  fileCreatedAt,
  fileModifiedAt,
}: { [Name in keyof GivenDates]: string | undefined }): Partial<ItemState> {
  return {
    ...(fileCreatedAt !== undefined && { fileCreatedAt }),
    ...(fileModifiedAt !== undefined && { fileModifiedAt }),
  };
}

function result({ tenant }: GraphContext, drive: Drive, key: number): EditResult {
  return { id: tenant.drives.ids.item(drive.number, key) };
}

function now(context: GraphContext): Moment {
  return momentOf(context.now());
}
