import { itemsPerKind, shuffled, type ChangeOrder } from '../../control/change-order.ts';
import type { BytesKind } from '../../generate/bytes.ts';
import { seededRandom, type Random } from '../../generate/random.ts';
import type { ChangeKind } from '../../protocol/changes.ts';
import type { FileChanges } from '../../protocol/drives/changes.ts';
import type { ChangedItem } from '../../protocol/item.ts';
import type { ByteSource } from '../../tenant/source.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { Drive } from '../state/drive.ts';
import { ROOT } from '../state/item.ts';
import { freeName } from '../state/names.ts';
import { changeItem, createItem, overwriteFile, removeItem, type Moment } from '../state/operations.ts';

/** Changes a share of the files of each drive. Users without one are passed over. */
export function changeFiles(order: ChangeOrder, report: FileChanges): void {
  const { tenant } = order;
  const now = { iso: order.now, ms: Date.parse(order.now) };
  for (const drive of chosenDrives(order)) {
    const random = seededRandom(order.seed, drive.number, 1212);
    const work = { tenant, drive, random, now, report };
    changeDrive(work, order.share, order.kinds);
    if (order.renameFolder) renameOneFolder(work);
  }
}

interface Work {
  tenant: Tenant;
  drive: Drive;
  random: Random;
  now: Moment;
  report: FileChanges;
}

function changeDrive(work: Work, share: number, kinds: readonly ChangeKind[]): void {
  const { drive, random, report, tenant } = work;
  const keys = shuffled(
    [...drive.items.keys()].filter((key) => isOrdinary(drive, key)),
    random,
  );
  const total = keys.length;
  const count = itemsPerKind(total, share, kinds.length);
  for (const kind of kinds) {
    if (kind === 'new') {
      const amount = Math.ceil(total * share);
      for (let number = 0; number < amount; number++) report.new.push(changed(work, addOne(work, number)));
      continue;
    }
    keys.splice(0, count).forEach((key, at) => {
      const item = changed(work, key);
      if (kind === 'changed') overwriteFile(tenant, drive, key, someContent(work), {}, work.now);
      else if (kind === 'deleted') removeItem(tenant, drive, key, work.now);
      else if (at % 2 === 0) moveOne(work, key);
      else renameOne(work, key);
      // Of those that come to another path, every other one is renamed where it is.
      (kind === 'moved' && at % 2 === 1 ? report.renamed : report[kind]).push(item);
    });
  }
}

function addOne(work: Work, number: number): number {
  const { tenant, drive, random, now } = work;
  const parent = random.pick(folders(drive));
  const name = freeIn(drive, parent, `New ${tenant.sequence}.${number}.pdf`);
  return createItem(tenant, drive, { type: 'file', name, parent, content: someContent(work) }, now);
}

function moveOne({ tenant, drive, random, now }: Work, key: number): void {
  const { parent, name } = drive.item(key)!;
  const others = folders(drive).filter((folder) => folder !== parent);
  const target = others.length === 0 ? parent : random.pick(others);
  changeItem(tenant, drive, key, { parent: target, name: freeIn(drive, target, name) }, now);
}

function renameOne({ tenant, drive, now, random }: Work, key: number): void {
  const { parent, name } = drive.item(key)!;
  changeItem(tenant, drive, key, { name: freeIn(drive, parent, `Renamed ${random.below(10_000)} ${name}`) }, now);
}

/** The folder with most below it, but those with a name of their own. */
function renameOneFolder({ tenant, drive, random, now, report }: Work): void {
  const own = folders(drive).filter((key) => key !== ROOT && drive.item(key)!.special === null);
  const weight = (key: number): number => drive.children(key).reduce((sum, child) => sum + 1 + weight(child), 0);
  const [key] = own.sort((a, b) => weight(b) - weight(a) || a - b);
  if (key === undefined) return;
  const { name: from, parent } = drive.item(key)!;
  const to = freeIn(drive, parent, `${from} (renamed ${random.below(1000)})`);
  changeItem(tenant, drive, key, { name: to }, now);
  const folderId = tenant.drives.ids.item(drive.number, key);
  report.renamedFolders.push({ mailbox: drive.state.owner, folderId, from, to });
}

function changed({ tenant, drive }: Work, key: number): ChangedItem {
  return { mailbox: drive.state.owner, id: tenant.drives.ids.item(drive.number, key) };
}

function someContent({ tenant: { shape }, random }: Work): ByteSource {
  const mean = shape.files === 0 ? 20_000 : shape.fileBytes / shape.files;
  const size = Math.max(1, Math.round(mean * (0.3 + random.next())));
  return { from: 'seed', seed: random.bits(), size, kind: random.pick<BytesKind>(['noise', 'mixed', 'words']) };
}

function freeIn(drive: Drive, folder: number, name: string): string {
  const isTaken = (candidate: string): boolean => drive.child(folder, candidate) !== undefined;
  return isTaken(name) ? freeName(name, isTaken) : name;
}

function folders(drive: Drive): number[] {
  return [...drive.items.keys()].filter((key) => drive.item(key)?.type === 'folder');
}

/** Files that a user works with: no notebooks, nothing infected. */
function isOrdinary(drive: Drive, key: number): boolean {
  const state = drive.item(key);
  if (state === null || state.type !== 'file' || state.malware !== null || state.unreadable) return false;
  return drive.item(state.parent)?.type === 'folder';
}

function chosenDrives({ tenant, users }: ChangeOrder): Drive[] {
  if (users === null) return [...tenant.drives.all()].filter(({ state }) => state.access === 'open');
  return users.flatMap((user) => tenant.drives.ofUser(user.id) ?? []);
}
