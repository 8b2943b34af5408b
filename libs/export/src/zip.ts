import { finished } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ExportedEntry, ExportedFile } from './exported-file.ts';

/** Content that is compressed already; to try it again costs much and saves nothing. */
const PACKED =
  /\.(7z|aac|avi|avif|br|bz2|cab|docm|docx|epub|flac|gif|gz|heic|heif|jar|jpe?g|lz4|m4a|m4v|mkv|mov|mp[34]|mpe?g|msix|odp|ods|odt|og[agv]|one|opus|pages|png|potx|pps[mx]|ppt[mx]|rar|tgz|vsdx|web[mp]|wm[av]|xls[bmx]|xz|zip|zst)$/i;

/**
 * The entries as a ZIP archive (names in UTF-8, ZIP64 where it must be), made while it is read: an entry is asked for when
 * the one before has been taken, and memory stays the same however large files are. A stream that is destroyed ends the
 * entries; what they throw destroys the stream.
 */
export function zipOf(entries: AsyncGenerator<ExportedEntry>): Readable {
  const zip = new ZipFile();
  const archive = zip.outputStream as Readable;
  const gone = new AbortController();
  archive.once('close', () => gone.abort());
  zip.on('error', (error: Error) => archive.destroy(error));
  addAll(zip, entries, gone.signal).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive;
}

async function addAll(zip: ZipFile, entries: AsyncGenerator<ExportedEntry>, gone: AbortSignal): Promise<void> {
  for await (const entry of entries) {
    if (gone.aborted) return;
    if (entry.type === 'folder') zip.addEmptyDirectory(`${entry.path}/`, { mode: 0o40755 });
    else await addFile(zip, entry, gone);
  }
  zip.end();
}

/** Resolves when the file's content has been taken. */
async function addFile(zip: ZipFile, file: ExportedFile, gone: AbortSignal): Promise<void> {
  const content = Readable.from(file.content, { objectMode: false });
  const taken = finished(content, { signal: gone });
  // The archive keeps the function below to its end; it must not keep the content.
  const lent: { content?: Readable } = { content };
  const options = { mtime: file.modifiedAt, mode: 0o100644, compress: !PACKED.test(file.path) };
  zip.addReadStreamLazy(file.path, options, (give) => {
    const { content: given } = lent;
    delete lent.content;
    if (given !== undefined) give(null, given);
  });
  ownName(zip);
  try {
    await taken;
  } finally {
    content.destroy();
  }
}

/**
 * The library keeps each name as a slice of Node's shared pool, and with it 8 KiB and more of what was there besides: for
 * 100,000 entries 2 GB. The last entry gets its name in bytes of its own.
 */
function ownName(zip: ZipFile): void {
  const entry = (zip as unknown as { entries?: { utf8FileName?: Buffer }[] }).entries?.at(-1);
  if (entry?.utf8FileName !== undefined)
    entry.utf8FileName = Buffer.alloc(entry.utf8FileName.length, entry.utf8FileName);
}
