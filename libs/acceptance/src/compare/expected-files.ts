import { createHash } from 'node:crypto';
import type { DriveTruth, DriveItemTruth } from '@backhaul/graph-simulator';
import type { ItemEntry, PartRef, PointReader } from '@backhaul/repository';
import type { ExpectedTree } from './compare-tree.ts';
import type { Report } from './difference.ts';

/**
 * What a point must hold of a drive: every folder, and every file byte for byte with its dates. A file whose content the
 * tenant refuses (malware, a broken section of a notebook) is listed without; shortcuts to other drives are not.
 *
 * @param proven SHA-256 of contents of this repository that were read before, which are not read once more; grows. Default: none
 */
export function expectedFiles(truth: DriveTruth, proven: Set<string> = new Set()): ExpectedTree {
  const folders = truth.items.filter(({ type }) => type === 'folder' || type === 'package');
  const root = truth.items.find(({ path }) => path.length === 1)?.parentId;
  return {
    owner: truth.user,
    kind: 'files',
    folders: [
      ...(root === undefined ? [] : [{ id: root, path: [ROOT] }]),
      ...folders.map(({ id, path }) => ({ id, path: [ROOT, ...path] })),
    ],
    items: truth.items
      .filter(({ type }) => type === 'file')
      .map((file) => ({
        id: file.id,
        folderId: file.parentId,
        compare: (item, point, _folderPath, differs) => compareFile(file, item, point, proven, differs),
      })),
  };
}

/** The name of every drive's uppermost folder. */
const ROOT = 'root';

async function compareFile(
  truth: DriveItemTruth,
  item: ItemEntry,
  point: PointReader,
  proven: Set<string>,
  differs: Report,
): Promise<void> {
  if (item.kind !== 'file') return differs(item.id, `is a ${item.kind}`);
  if (item.name !== truth.path.at(-1)) differs(item.id, `is called "${item.name}", not "${truth.path.at(-1)}"`);
  for (const [name, stored, expected] of [
    ['created', item.createdAt, truth.createdAt],
    ['modified', item.modifiedAt, truth.modifiedAt],
  ] as const) {
    if (toSecond(stored) !== toSecond(expected)) differs(item.id, `was ${name} ${stored}, not ${expected}`);
  }
  const content = item.parts.find(({ name }) => name === 'content');
  if (truth.malware || truth.unreadable) {
    if (content !== undefined) differs(item.id, 'has content that the tenant has not given');
    return;
  }
  if (content === undefined) return differs(item.id, 'has no content');
  if (content.length !== truth.size) differs(item.id, `has ${content.length} bytes, not ${truth.size}`);
  const sha256 = proven.has(content.sha256) ? content.sha256 : await hashOf(point, content);
  proven.add(sha256);
  if (sha256 !== truth.sha256) differs(item.id, 'its bytes are not those of the tenant');
}

async function hashOf(point: PointReader, content: PartRef): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of point.streamPart(content)) hash.update(piece);
  return hash.digest('hex');
}

function toSecond(time: string): string {
  return time.slice(0, 19);
}
