import { Failure, isFailure } from '@backhaul/domain';
import type { Graph } from './graph.ts';

/** A fragment: below the 4 MB that Outlook takes, and a multiple of the 320 KiB that drives insist on. */
const FRAGMENT_BYTES = 12 * 327_680;

/** How often the service may say that it expects another range, without having got further meanwhile, before we give up. */
export const MOST_CORRECTIONS = 3;

interface SessionState {
  nextExpectedRanges?: string[];
  NextExpectedRanges?: string[];
}

/**
 * Sends content to an upload session, fragment by fragment in order, without our token. A fragment whose answer was lost
 * may be sent once more; the service refuses what it has already, and then the session is asked what it expects.
 * @param uploadUrl as the service gave it; checked against the allowed hosts before anything is sent
 * @throws Failure `graph.foreign-link`; `unavailable` when the session is gone or does not get on
 */
export async function uploadInFragments(
  graph: Graph,
  uploadUrl: unknown,
  content: Uint8Array,
  options: { scope: string; signal: AbortSignal },
): Promise<void> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  let corrections = 0;
  let furthest = 0;
  for (let start = 0; start < bytes.length;) {
    const end = Math.min(start + FRAGMENT_BYTES, bytes.length);
    try {
      await graph.toLink({
        ...options,
        method: 'PUT',
        link: uploadUrl,
        expects: 'nothing',
        headers: {
          'Content-Type': 'application/octet-stream',
          'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}`,
        },
        body: bytes.subarray(start, end),
      });
      start = end;
      if (end > furthest) corrections = 0;
      furthest = Math.max(furthest, end);
    } catch (error) {
      corrections += 1;
      if (corrections > MOST_CORRECTIONS || !isFailure(error, 'precondition', 'unavailable', 'timed-out'))
        throw sessionLost(error);
      start = await expectedStart(graph, uploadUrl, bytes.length, options);
    }
  }
}

/**
 * Where the service wants us to go on: `["2097152-"]`, in one of two spellings, with or without the dash. At the end of the
 * content it has everything.
 */
export async function expectedStart(
  graph: Graph,
  link: unknown,
  length: number,
  options: { scope: string; signal: AbortSignal },
): Promise<number> {
  try {
    const { json } = await graph.toLink({ ...options, method: 'GET', link, expects: 'json' });
    const state = (json ?? {}) as SessionState;
    const range = (state.nextExpectedRanges ?? state.NextExpectedRanges)?.[0];
    const start = Number.parseInt(range ?? '', 10);
    if (!(start >= 0 && start <= length)) throw new Error('The session names no range of the content.');
    return start;
  } catch (error) {
    throw sessionLost(error);
  }
}

/**
 * A session that is gone, or whose address is too old, may have been completed by a request whose answer was lost: the caller
 * must look.
 */
export function sessionLost(error: unknown): unknown {
  if (isFailure(error) && !isFailure(error, 'not-found', 'precondition', 'unauthenticated')) return error;
  return new Failure('unavailable', {
    code: 'graph.upload-session-lost',
    message: 'The upload session is gone before the upload was confirmed.',
    retry: 'later',
    cause: error,
  });
}
