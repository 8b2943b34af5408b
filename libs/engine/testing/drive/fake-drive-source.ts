import { Failure } from '@backhaul/domain';
import { hasSameContent } from '../../src/drive/drive-item.ts';
import type { ContentStream, DriveSource } from '../../src/drive/drive-source.ts';
import type { FakeDrive, PlannedDriveFault } from './fake-drive.ts';

/** Bytes of a piece of content. */
const PIECE_BYTES = 64 * 1024;

/** The drive in memory as a source. */
export function fakeDriveSource(drive: FakeDrive): DriveSource {
  return {
    concurrency: 8,
    async drive() {
      unless(drive.ask('drive'));
      const remainingBytes = drive.capacity - drive.usedBytes;
      return { id: drive.id, rootId: drive.rootId, driveType: 'business', remainingBytes };
    },
    async *changes(cursor) {
      // As at Microsoft: what a walk tells is the state at its beginning, and its cursor goes on from there.
      unless(drive.ask('changes'));
      const { changed, removed } = drive.changesSince(cursor);
      const next = drive.cursor;
      const entries = [...changed.map((item) => ({ item })), ...removed.map((gone) => ({ gone }))];
      for (let from = 0; ; from += drive.pageSize) {
        if (from > 0) unless(drive.ask('changes'));
        const page = entries.slice(from, from + drive.pageSize);
        yield {
          changed: page.flatMap((entry) => ('item' in entry ? [entry.item] : [])),
          removed: page.flatMap((entry) => ('gone' in entry ? [entry.gone] : [])),
          ...(from + drive.pageSize >= entries.length && { cursor: next }),
        };
        if (from + drive.pageSize >= entries.length) return;
      }
    },
    async latest() {
      unless(drive.ask('latest'));
      return drive.cursor;
    },
    async *children(folderId) {
      unless(drive.ask('children', folderId));
      const items = drive.childrenOf(folderId).map((item) => drive.describe(item));
      for (let from = 0; from < items.length; from += drive.pageSize) {
        if (from > 0) unless(drive.ask('children', folderId));
        yield items.slice(from, from + drive.pageSize);
      }
    },
    async item(id) {
      unless(drive.ask('item', id));
      return drive.describe(drive.item(id));
    },
    async content({ id }, { offset, ifTag }) {
      const fault = drive.ask('content', id, offset);
      if (fault?.afterBytes === undefined) unless(fault);
      const item = drive.item(id);
      if (item.malware) throw blocked();
      const described = drive.describe(item);
      if (ifTag !== null && !hasSameContent(ifTag, described)) throw changedMeanwhile();
      return { item: described, ...streamed(item.content, offset, fault) };
    },
    async versions(id) {
      unless(drive.ask('versions', id));
      const item = drive.item(id);
      const current = {
        id: `${item.versions.length + 1}.0`,
        modifiedAt: drive.time(item.changedAt),
        size: item.content.length,
      };
      const older = item.versions.map(({ content: _content, ...version }) => version);
      return [...older, current].reverse();
    },
    async versionContent(id, versionId, offset) {
      const fault = drive.ask('versionContent', id, offset);
      if (fault?.afterBytes === undefined) unless(fault);
      const version = drive.item(id).versions.find((one) => one.id === versionId);
      if (version === undefined) throw noVersion(versionId);
      return streamed(version.content, offset, fault);
    },
    async permissions(id) {
      unless(drive.ask('permissions', id));
      return drive.item(id).permissions;
    },
  };
}

function streamed(content: Uint8Array, offset: number, fault: PlannedDriveFault | null): ContentStream {
  const until = fault?.afterBytes === undefined ? content.length : Math.min(content.length, offset + fault.afterBytes);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let from = offset; from < until; from += PIECE_BYTES) {
      yield content.subarray(from, Math.min(until, from + PIECE_BYTES));
    }
    unless(fault);
  }
  return { length: content.length, bytes: pieces() };
}

function unless(fault: PlannedDriveFault | null): void {
  if (fault !== null) throw fault.failure;
}

function blocked(): Failure {
  return new Failure('unreadable', { code: 'fake.malware', message: 'The file is blocked.', retry: 'never' });
}

function changedMeanwhile(): Failure {
  const message = 'The file has another content by now.';
  return new Failure('precondition', { code: 'drive.changed-meanwhile', message, retry: 'now' });
}

function noVersion(id: string): Failure {
  return new Failure('not-found', { code: 'fake.no-version', message: `There is no version ${id}.`, retry: 'never' });
}
