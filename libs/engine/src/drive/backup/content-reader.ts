import { Failure, isFailure } from '@backhaul/domain';
import { hasSameContent, isEmpty, isRewrittenByService, statedHash, type DriveItem } from '../drive-item.ts';
import type { ContentStream } from '../drive-source.ts';
import { QuickXorHash } from '../quick-xor-hash.ts';
import type { DriveRun } from './drive-run.ts';
import { watched, type WatchedStream } from './watched-stream.ts';

/** So often in a row a transfer may break without having got further. */
const MAX_BREAKS = 5;
const FIRST_PAUSE_MS = 1_000;

/** Content on its way, and what becomes of it. */
export interface FileContent {
  /** The file these are the bytes of. */
  item: DriveItem;
  /** To be read once. It ends with an error unless the bytes are all there and are what Microsoft says they are. */
  stream: WatchedStream;
  verdict: Verdict;
}

interface Verdict {
  /** The bytes are all there, and Microsoft states another hash for them. */
  differs: boolean;
}

/** By now the file has another content: what was read so far is of no use. */
export class ContentChanged extends Error {
  readonly item: DriveItem;

  constructor(item: DriveItem) {
    super('The file was changed while it was read.');
    this.item = item;
  }
}

/** What came is not what Microsoft says the content is. */
export class HashDiffers extends Error {
  readonly received: string;

  constructor(received: string) {
    super('The content that came has another hash than Microsoft states.');
    this.received = received;
  }
}

/**
 * Opens the content of a file. A transfer that breaks goes on at the byte reached, as long as it is still the same content;
 * hash and length are checked at the end. Files that the service rewrites, and files that came twice with the same hash,
 * are taken as they are: what Microsoft states of them is wrong.
 * @param receivedBefore hash of what came at an earlier attempt, or null
 */
export async function openContent(
  run: DriveRun,
  listed: DriveItem,
  receivedBefore: string | null,
): Promise<FileContent> {
  const first = isEmpty(listed)
    ? { item: listed, length: 0, bytes: nothing() }
    : await run.pace.ask((signal) => run.source.content(listed, { offset: 0, ifTag: null }, signal));
  const { item } = first;
  const reopen = async (offset: number): Promise<ContentStream> => {
    try {
      return await run.pace.ask((signal) => run.source.content(item, { offset, ifTag: item }, signal));
    } catch (error) {
      if (!isFailure(error, 'precondition')) throw error;
      throw new ContentChanged(await run.pace.ask((signal) => run.source.item(item.id, signal)));
    }
  };
  const verdict: Verdict = { differs: false };
  const stream = watched(checked(run, item, resumable(run, first, reopen), receivedBefore, verdict));
  return { item, stream, verdict };
}

/** Where nothing is, nothing need be asked for; drives hold many such files, and each request counts against the tenant. */
async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The content of an older version, to be read once; asked for when the first piece is. */
export async function* versionPieces(run: DriveRun, fileId: string, versionId: string): AsyncGenerator<Uint8Array> {
  const open = (offset: number) =>
    run.pace.ask((signal) => run.source.versionContent(fileId, versionId, offset, signal));
  for await (const piece of resumable(run, await open(0), open)) {
    run.counts.bytesRead += piece.length;
    yield piece;
  }
}

async function* checked(
  run: DriveRun,
  item: DriveItem,
  pieces: AsyncIterable<Uint8Array>,
  receivedBefore: string | null,
  verdict: Verdict,
): AsyncGenerator<Uint8Array> {
  const hash = new QuickXorHash();
  for await (const piece of pieces) {
    hash.update(piece);
    run.counts.bytesRead += piece.length;
    yield piece;
  }
  const received = hash.digest();
  if (isAsStated(item, received, hash.length)) return;
  const now = await run.pace.ask((signal) => run.source.item(item.id, signal));
  if (!hasSameContent(now, item) || isAsStated(now, received, hash.length)) throw new ContentChanged(now);
  if (isRewrittenByService(item.name ?? '')) return;
  if (received !== receivedBefore) throw new HashDiffers(received);
  verdict.differs = true;
}

/** The hash covers the length too; where none is stated, the length alone can be compared. */
function isAsStated(item: DriveItem, received: string, length: number): boolean {
  const stated = statedHash(item);
  return stated === '' ? item.size === undefined || item.size === length : stated === received;
}

async function* resumable(
  run: DriveRun,
  first: ContentStream,
  reopen: (offset: number) => Promise<ContentStream>,
): AsyncGenerator<Uint8Array> {
  let [stream, reached, breaks]: [ContentStream | null, number, number] = [first, 0, 0];
  for (;;) {
    try {
      stream ??= await reopen(reached);
      for await (const piece of stream.bytes) {
        reached += piece.length;
        breaks = 0;
        yield piece;
      }
      if (reached === stream.length) return;
      throw endedEarly(reached, stream.length);
    } catch (error) {
      breaks += 1;
      if (!isFailure(error, 'unavailable', 'timed-out', 'expired') || breaks > MAX_BREAKS) throw error;
      stream = null;
      await run.context.clock.sleep(FIRST_PAUSE_MS * 2 ** (breaks - 1), run.context.signal);
    }
  }
}

function endedEarly(reached: number, length: number): Failure {
  return new Failure('unavailable', {
    code: 'drive.content-short',
    message: `The content ended after ${reached} of ${length} bytes.`,
    retry: 'now',
  });
}
