import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure, isFailure } from '@backhaul/domain';
import type { BlobInfo, BlobStore, ByteRange } from '@backhaul/repository';
import { diskFailure, noSpace, notFound } from './disk-failure.ts';
import { probeFolder } from './probe.ts';
import { touchFile } from './touch-file.ts';

export interface DiskStoreOptions {
  /** New objects are refused when less than this many bytes would stay free on the disk. Default 64 MiB. */
  minFreeBytes?: number;
}

const DEFAULT_MIN_FREE_BYTES = 64 * 1024 * 1024;
/** Unfinished files of writers that died; what is younger may still be written. */
const LEFTOVER_AGE_MS = 24 * 60 * 60_000;
const TEMPORARY = '.tmp';

/**
 * A store in a folder of a local disk or NFS, which must exist. An object is written beside its place, flushed, and moved
 * there (`rename`) or linked there (`link`, which fails when the name is taken); then its folder is flushed.
 * @throws Failure `not-found` when the folder is missing; see {@link probeFolder} for one that cannot serve.
 */
export async function openDiskStore(folder: string, options: DiskStoreOptions = {}): Promise<BlobStore> {
  await requireFolder(folder);
  const now = await probeFolder(folder);
  await removeLeftovers(folder, new Date(now.getTime() - LEFTOVER_AGE_MS));
  return new DiskStore(folder, options.minFreeBytes ?? DEFAULT_MIN_FREE_BYTES);
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw diskFailure(error, folder);
  });
  if (found.isDirectory()) return;
  throw new Failure('invalid-input', {
    code: 'repository.folder-invalid',
    message: `${folder} is not a folder.`,
    hint: 'Name a folder.',
    retry: 'never',
    where: { field: 'folder', path: folder },
  });
}

class DiskStore implements BlobStore {
  readonly description: string;
  readonly #folder: string;
  readonly #minFreeBytes: number;
  /** Folders that were made, or are being made, by this process. */
  readonly #made = new Map<string, Promise<void>>();

  constructor(folder: string, minFreeBytes: number) {
    this.description = `disk ${folder}`;
    this.#folder = folder;
    this.#minFreeBytes = minFreeBytes;
  }

  async put(name: string, content: readonly Uint8Array[]): Promise<void> {
    const path = this.#path(name);
    await this.#write(path, content, (half) => rename(half, path));
  }

  async create(name: string, content: Uint8Array): Promise<'created' | 'exists'> {
    const path = this.#path(name);
    let outcome: 'created' | 'exists' = 'created';
    await this.#write(path, [content], async (half) => {
      await link(half, path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        outcome = 'exists';
      });
    });
    return outcome;
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array> {
    const path = this.#path(name);
    try {
      const file = await open(path, 'r');
      try {
        const found = await file.stat();
        if (!found.isFile()) throw notFound(path);
        const length = range?.length ?? found.size;
        const bytes = Buffer.allocUnsafeSlow(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await file.read(bytes, filled, length - filled, (range?.offset ?? 0) + filled);
          if (bytesRead === 0) throw tooShort(name);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    } catch (error) {
      throw diskFailure(error, path);
    }
  }

  async stat(name: string): Promise<BlobInfo | null> {
    const path = this.#path(name);
    try {
      const found = await stat(path);
      return found.isFile() ? { name, size: found.size, modifiedAt: found.mtime } : null;
    } catch (error) {
      const failure = diskFailure(error, path);
      if (isFailure(failure, 'not-found')) return null;
      throw failure;
    }
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    for await (const name of this.#names('', prefix)) {
      const found = await this.stat(name);
      // Removed since its folder was read.
      if (found !== null) yield found;
    }
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    await rm(path, { force: true }).catch((error: unknown) => {
      const failure = diskFailure(error, path);
      if (!isFailure(failure, 'not-found')) throw failure;
    });
  }

  async touch(name: string): Promise<void> {
    const path = this.#path(name);
    await touchFile(path).catch((error: unknown) => {
      throw diskFailure(error, path);
    });
  }

  /** Writes beside `path`, flushes, has `place` give it its name, and flushes the folder; leaves nothing behind on failure. */
  async #write(path: string, content: readonly Uint8Array[], place: (half: string) => Promise<void>): Promise<void> {
    const folder = dirname(path);
    const half = join(folder, `${randomUUID()}${TEMPORARY}`);
    try {
      await this.#requireSpace(content, path);
      await this.#makeFolder(folder);
      const file = await open(half, 'wx', 0o600);
      try {
        for (const piece of content) await file.writeFile(piece);
        await file.sync();
      } finally {
        await file.close();
      }
      await place(half);
      await flushFolder(folder);
    } catch (error) {
      throw diskFailure(error, path);
    } finally {
      // After a rename there is nothing left of it; after a link, or a failure, it goes.
      await rm(half, { force: true }).catch(() => undefined);
    }
  }

  async #requireSpace(content: readonly Uint8Array[], path: string): Promise<void> {
    const needed = content.reduce((sum, piece) => sum + piece.byteLength, 0);
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize - needed < this.#minFreeBytes) throw noSpace(path);
  }

  /** Made and durable; a new folder is durable only when the one above it is flushed. Another process may have made it just now. */
  #makeFolder(folder: string): Promise<void> {
    const there = this.#made.get(folder);
    if (there !== undefined) return there;
    const making = (async () => {
      if (folder === this.#folder) return;
      const above = dirname(folder);
      await this.#makeFolder(above);
      await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await flushFolder(above);
    })();
    this.#made.set(folder, making);
    making.catch(() => this.#made.delete(folder));
    return making;
  }

  /** Names below a folder in code-unit order of the whole name; only folders that can hold `prefix` are read. */
  async *#names(above: string, prefix: string): AsyncGenerator<string> {
    const entries = await readdir(join(this.#folder, above), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException): Dirent[] => {
        if (error.code === 'ENOENT') return [];
        throw diskFailure(error, join(this.#folder, above));
      },
    );
    // A folder sorts as its name with the slash that all names below it have.
    const keyed = entries
      .filter((entry) => entry.isDirectory() || (entry.isFile() && !entry.name.endsWith(TEMPORARY)))
      .map((entry) => ({ entry, key: above + entry.name + (entry.isDirectory() ? '/' : '') }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
    for (const { entry, key } of keyed) {
      if (entry.isDirectory()) {
        if (key.startsWith(prefix) || prefix.startsWith(key)) yield* this.#names(key, prefix);
      } else if (key.startsWith(prefix)) yield key;
    }
  }

  #path(name: string): string {
    if (!/^(?!.*(^|\/)\.)[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(name)) throw new Error(`Bad object name ${name}.`);
    return join(this.#folder, ...name.split('/'));
  }
}

/** Removes half-written files that nobody can be writing any more: what was last written before `before`, by the storage's clock. */
async function removeLeftovers(folder: string, before: Date): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw diskFailure(error, folder);
  });
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith(TEMPORARY)) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => null);
    // What cannot be removed now does no harm.
    if (found !== null && found.mtime < before) await rm(path, { force: true }).catch(() => undefined);
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function tooShort(name: string): Failure {
  return new Failure('corrupt', {
    code: 'blob-store.too-short',
    message: `${name} is shorter than it was when it was written.`,
    hint: 'Check the repository.',
    retry: 'never',
    where: { name },
  });
}
