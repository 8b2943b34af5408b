import { createHash } from 'node:crypto';
import { canonicalHash, canonicalMessage, type MessageProperties } from '@backhaul/engine';
import type { FolderTruth, MailboxTruth, MessageTruth } from '@backhaul/graph-simulator';
import type { FolderEntry, ItemEntry, PointReader } from '@backhaul/repository';
import type { Comparison, Difference } from './difference.ts';

export interface ComparePointOptions {
  /** The mailbox as it was when the point was made. */
  truth: MailboxTruth;
  /** SHA-256 of every body the tenant has sent: stored MIME must be one of them. */
  sentBodies: ReadonlySet<string>;
}

/**
 * Holds a whole recovery point against the tenant's truth: every folder and message is there and no other, every message
 * equals in the canonical form, and its stored MIME is byte for byte what was sent.
 */
export async function comparePoint(point: PointReader, options: ComparePointOptions): Promise<Comparison> {
  const { truth } = options;
  const differences: Difference[] = [];
  const differs = (item: string, problem: string) =>
    differences.push({ mailbox: truth.userPrincipalName, item, problem });

  const folders = new Map((await point.folders()).map((folder) => [folder.id, folder]));
  compareFolders(folders, truth.folders, differs);

  const expected = new Map(truth.messages.map((message) => [message.id, message]));
  let bytes = 0;
  for (const folder of folders.values()) {
    const items: ItemEntry[] = [];
    for await (const item of point.items(folder.id)) items.push(item);
    // Read in the order in which they are stored, each segment is decoded once.
    for (const item of point.inStorageOrder(items)) {
      const message = expected.get(item.id);
      expected.delete(item.id);
      if (message === undefined) differs(item.id, 'is in the point, but not in the tenant');
      else if (message.folderId !== folder.id)
        differs(item.id, `lies in "${folder.name}", not where the tenant has it`);
      else bytes += await compareMessage(point, item, pathOf(folder, folders), message, options.sentBodies, differs);
    }
  }
  for (const message of expected.values()) differs(message.id, 'is in the tenant, but not in the point');
  return { messages: truth.messages.length, folders: truth.folders.length, bytes, differences };
}

type Report = (item: string, problem: string) => void;

function compareFolders(stored: Map<string, FolderEntry>, truth: FolderTruth[], differs: Report): void {
  const missing = new Map(truth.map((folder) => [folder.id, folder]));
  for (const folder of stored.values()) {
    const expected = missing.get(folder.id);
    missing.delete(folder.id);
    if (expected === undefined) differs(folder.id, `folder "${folder.name}" is in the point, but not in the tenant`);
    else if (pathOf(folder, stored).join('/') !== expected.path.join('/')) {
      differs(folder.id, `folder path is "${pathOf(folder, stored).join('/')}", not "${expected.path.join('/')}"`);
    } else if (folder.hidden !== expected.hidden || folder.wellKnownName !== expected.wellKnownName) {
      differs(folder.id, `folder "${folder.name}" differs in being hidden or well-known`);
    }
  }
  for (const folder of missing.values()) differs(folder.id, `folder "${folder.path.join('/')}" is not in the point`);
}

/** Display names from the top folder down. */
export function pathOf(folder: FolderEntry, folders: ReadonlyMap<string, FolderEntry>): string[] {
  const parent = folders.get(folder.parentId);
  return parent === undefined ? [folder.name] : [...pathOf(parent, folders), folder.name];
}

/** Returns the bytes read. */
async function compareMessage(
  point: PointReader,
  item: ItemEntry,
  folderPath: string[],
  truth: MessageTruth,
  sentBodies: ReadonlySet<string>,
  differs: Report,
): Promise<number> {
  const mimePart = item.parts.find((part) => part.name === 'mime');
  const propertiesPart = item.parts.find((part) => part.name === 'properties');
  if (mimePart === undefined || propertiesPart === undefined) {
    differs(item.id, `has the parts ${item.parts.map((part) => part.name).join(', ')}, not mime and properties`);
    return 0;
  }
  const mime = await point.readPart(mimePart);
  const sha256 = createHash('sha256').update(mime).digest('hex');
  if (!sentBodies.has(sha256)) differs(item.id, 'stored MIME is not among the bodies that were sent');
  if (truth.mimeSha256 !== null && truth.mimeSha256 !== sha256) differs(item.id, 'stored MIME is not the given one');
  if (truth.canonicalHash !== null) {
    const properties = await point.readPart(propertiesPart);
    const json = JSON.parse(new TextDecoder().decode(properties)) as MessageProperties;
    const form = await canonicalMessage(json, mime, folderPath);
    if (canonicalHash(form) !== truth.canonicalHash) {
      differs(item.id, `canonical form differs: ${firstDifference(truth.canonical, form)}`);
    }
  }
  return item.size;
}

/** Where two forms first differ, for a person. */
export function firstDifference(expected: unknown, actual: unknown): string {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return `${shown(actual)} instead of ${shown(expected)}`;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const [left, right] = [(expected as Record<string, unknown>)[key], (actual as Record<string, unknown>)[key]];
    if (JSON.stringify(left) !== JSON.stringify(right)) return `${key}: ${firstDifference(left, right)}`;
  }
  return 'only in the order of members';
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
