import { Failure, foldName, isFailure } from '@backhaul/domain';
import type { FileDates } from '../../src/drive/drive-item.ts';
import type { DrivePermission } from '../../src/drive/drive-source.ts';
import type { DriveTarget, FileToWrite } from '../../src/drive/drive-target.ts';
import type { DriveRequestKind, FakeDrive, FakeDriveItem } from './fake-drive.ts';

/** The drive in memory as a target. People it knows are those with an address at example.com. */
export function fakeDriveTarget(drive: FakeDrive): DriveTarget {
  const at = (folderId: string, name: string): FakeDriveItem | undefined =>
    drive.childrenOf(folderId).find((item) => foldName(item.name) === foldName(name));

  /** A request that takes effect even when its answer is to be lost. */
  const take = <T>(kind: DriveRequestKind, about: string, effect: () => T): T => {
    const fault = drive.ask(kind, about);
    if (fault !== null && fault.answerLost !== true) throw fault.failure;
    const result = effect();
    if (fault !== null) throw fault.failure;
    return result;
  };

  return {
    concurrency: 8,
    drive: async () =>
      take('drive', '', () => ({
        id: drive.id,
        rootId: drive.rootId,
        driveType: 'business',
        remainingBytes: drive.capacity - drive.usedBytes,
      })),
    item: async (id) => take('item', id, () => orNull(() => drive.describe(drive.item(id)))),
    async *children(folderId) {
      const items = take('children', folderId, () => drive.childrenOf(folderId));
      for (let from = 0; from < items.length; from += drive.pageSize) {
        yield items.slice(from, from + drive.pageSize).map((item) => drive.describe(item));
      }
    },
    child: async (folderId, name) =>
      take('child', folderId, () => {
        const found = at(folderId, name);
        return found === undefined ? null : drive.describe(found);
      }),
    ensureFolder: async (parentId, name, dates) =>
      take('ensureFolder', parentId, () => {
        refuseName(name);
        const there = at(parentId, name);
        if (there !== undefined && there.kind !== 'folder') throw taken(name);
        if (there !== undefined) return drive.describe(there);
        return drive.describe(withDates(drive, drive.addFolder(parentId, name), dates));
      }),
    async write(parentId, file) {
      const content = await gathered(file);
      return take('write', parentId, () => {
        refuseName(file.name);
        drive.assertRoomFor(content.length);
        return drive.describe(written(drive, parentId, file, content, at(parentId, file.name)));
      });
    },
    rename: async (id, name) =>
      take('rename', id, () => {
        const item = drive.item(id);
        if (at(item.parentId, name) !== undefined) throw taken(name);
        drive.rename(id, name);
        return drive.describe(drive.item(id));
      }),
    remove: async (id) => take('remove', id, () => void orNull(() => drive.remove(id))),
    async content(id) {
      const { content } = take('content', id, () => drive.item(id));
      return { length: content.length, bytes: pieceOf(content) };
    },
    permissions: async (id) => take('permissions', id, () => drive.item(id).permissions),
    grant: async (id, { to, role, expiresAt }) =>
      take('grant', id, () => {
        if (!/@example\.com$/.test(to.email ?? '')) throw unknownPerson();
        share(drive, id, { roles: [role], grantedToV2: { user: to }, ...expiry(expiresAt) });
      }),
    link: async (id, { type, scope, recipients, expiresAt }) =>
      take('link', id, () =>
        share(drive, id, {
          roles: [type === 'edit' ? 'write' : 'read'],
          link: { type, scope },
          ...(recipients.length > 0 && { grantedToIdentitiesV2: recipients.map((user) => ({ user })) }),
          ...expiry(expiresAt),
        }),
      ),
  };
}

function written(
  drive: FakeDrive,
  parentId: string,
  { name, dates, ifTaken }: FileToWrite,
  content: Uint8Array,
  there: FakeDriveItem | undefined,
): FakeDriveItem {
  const stored = drive.rewrites(name) ? Buffer.concat([content, Buffer.from('<properties/>')]) : content;
  if (there !== undefined && (there.kind !== 'file' || ifTaken === 'fail')) throw taken(name);
  if (there === undefined) return withDates(drive, drive.addFile(parentId, name, stored), dates);
  drive.writeFile(there.id, stored);
  return withDates(drive, there.id, dates);
}

function withDates(drive: FakeDrive, id: string, dates: FileDates | null): FakeDriveItem {
  if (dates !== null) drive.setDates(id, dates);
  return drive.item(id);
}

function share(drive: FakeDrive, id: string, permission: Omit<DrivePermission, 'id'>): void {
  const { permissions } = drive.item(id);
  drive.share(id, [...permissions, { id: `permission-${permissions.length + 1}`, ...permission }]);
}

function expiry(expiresAt: string | null): { expirationDateTime?: string } {
  return expiresAt === null ? {} : { expirationDateTime: expiresAt };
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (isFailure(error, 'not-found')) return null;
    throw error;
  }
}

async function gathered({ content }: FileToWrite): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content.from(0)) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

async function* pieceOf(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

function refuseName(name: string): void {
  if (!/["*:<>?/\\|]/.test(name)) return;
  throw new Failure('invalid-input', { code: 'fake.name', message: `The name "${name}" is refused.`, retry: 'never' });
}

function taken(name: string): Failure {
  return new Failure('conflict', { code: 'fake.taken', message: `The name "${name}" is taken.`, retry: 'never' });
}

function unknownPerson(): Failure {
  const message = 'One or more users could not be resolved.';
  return new Failure('invalid-input', { code: 'fake.unknown', message, retry: 'never' });
}
