import { isFailure } from '@backhaul/domain';
import type { ContentToWrite, DriveItem } from '@backhaul/engine';
import { DRIVE_SCOPE } from '../drive-scope.ts';
import type { Graph } from '../graph.ts';
import { expectedStart, MOST_CORRECTIONS, sessionLost } from '../upload.ts';

/** Microsoft wants all fragments but the last to be a multiple of 320 KiB; of this size it advises 5 to 10 MiB. */
const FRAGMENT_BYTES = 16 * 327_680;

/**
 * Sends content to an upload session of a drive, fragment by fragment as it is read, without our token; one fragment is in
 * memory. A fragment whose answer was lost may be sent once more; the service refuses what it has already, and then the
 * session is asked what it expects, and the content is read anew from there.
 * @returns the file, as the last answer describes it
 * @throws Failure `unavailable` when the session is gone (also when it was completed and the answer was lost: look),
 * `conflict` when the name was taken meanwhile, `quota` when the drive is full
 */
export async function uploadStream(
  graph: Graph,
  uploadUrl: unknown,
  content: ContentToWrite,
  signal: AbortSignal,
): Promise<DriveItem> {
  let [start, furthest, corrections] = [0, 0, 0];
  for (;;) {
    try {
      for await (const fragment of fragments(content, start)) {
        const made = await putFragment(graph, uploadUrl, fragment, start, content.length, signal);
        start += fragment.length;
        if (start > furthest) [furthest, corrections] = [start, 0];
        if (start === content.length) return made;
      }
      throw new Error(`The content ended after ${start} of ${content.length} bytes.`);
    } catch (error) {
      corrections += 1;
      const mayGoOn = isFailure(error, 'precondition', 'unavailable', 'timed-out');
      if (!mayGoOn || corrections > MOST_CORRECTIONS) throw await givenUp(graph, uploadUrl, signal, error);
      start = await expectedStart(graph, uploadUrl, content.length, { scope: DRIVE_SCOPE, signal });
    }
  }
}

async function putFragment(
  graph: Graph,
  link: unknown,
  body: Buffer,
  start: number,
  total: number,
  signal: AbortSignal,
): Promise<DriveItem> {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Range': `bytes ${start}-${start + body.length - 1}/${total}`,
  };
  const { json } = await graph.toLink({
    method: 'PUT',
    link,
    expects: 'json',
    scope: DRIVE_SCOPE,
    headers,
    body,
    signal,
  });
  return json as DriveItem;
}

/** Pieces of the content put together to fragments. */
async function* fragments(content: ContentToWrite, offset: number): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content.from(offset)) {
    pieces.push(piece);
    size += piece.length;
    if (size < FRAGMENT_BYTES) continue;
    const joined = Buffer.concat(pieces, size);
    let from = 0;
    for (; joined.length - from >= FRAGMENT_BYTES; from += FRAGMENT_BYTES) {
      yield joined.subarray(from, from + FRAGMENT_BYTES);
    }
    pieces = [joined.subarray(from)];
    size = joined.length - from;
  }
  if (size > 0) yield Buffer.concat(pieces, size);
}

/** The session would otherwise hold what it has for a quarter of an hour; that it cannot be ended changes nothing. */
async function givenUp(graph: Graph, link: unknown, signal: AbortSignal, error: unknown): Promise<unknown> {
  if (!signal.aborted) {
    const ending = { method: 'DELETE', link, expects: 'nothing', scope: DRIVE_SCOPE, signal } as const;
    await graph.toLink(ending).catch(() => undefined);
  }
  return sessionLost(error);
}
