import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';
import { exportFiles, zipOf, type ExportOptions } from '../src/index.ts';
import type { MemoryPoint } from '../testing/index.ts';

/** What an archive holds, as a program that unpacks it sees it: folders end with `/`. */
export type Unpacked = Map<string, Buffer>;

export const ALL: ExportOptions = { selection: { type: 'all', kinds: [] } };

export async function exported(point: MemoryPoint, options: Partial<ExportOptions> = {}): Promise<Unpacked> {
  return unpack(await buffer(zipOf(exportFiles(point, { ...ALL, ...options }))));
}

/** Reads the archive by its central directory; names that lead anywhere else are refused (yauzl's own rule). */
export async function unpack(archive: Buffer): Promise<Unpacked> {
  const zip = await yauzl.fromBufferPromise(archive, { strictFileNames: true, lazyEntries: true });
  const files: Unpacked = new Map();
  for await (const entry of zip.eachEntry()) {
    const isFolder = entry.fileName.endsWith('/');
    files.set(entry.fileName, isFolder ? Buffer.alloc(0) : await buffer(await zip.openReadStreamPromise(entry)));
  }
  return files;
}

export function manifestOf(files: Unpacked): any {
  return JSON.parse(String(files.get('manifest.json')));
}

/** Paths of files, without folders and the manifest, sorted. */
export function pathsOf(files: Unpacked): string[] {
  return [...files.keys()].filter((path) => !path.endsWith('/') && path !== 'manifest.json').sort();
}
