import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PartRef, PointReader } from '@backhaul/repository';
import type { ApiRequest, ApiResponse } from '../api/http.ts';
import { byteRange, firstBytes } from './byte-range.ts';
import { contentDisposition } from './content-disposition.ts';

/**
 * Downloads are bytes for whoever asked, and nothing that a browser would show: always this type, always an attachment (the
 * headers of all answers forbid to guess and to run).
 */
export const DOWNLOAD_TYPE = 'application/octet-stream';

/** Answers with bytes that are at hand, under this name. */
export function sendBytes(response: ApiResponse, name: string, bytes: Uint8Array): void {
  response.setHeader('Content-Type', DOWNLOAD_TYPE);
  response.setHeader('Content-Disposition', contentDisposition(name));
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}

/**
 * Answers with a stored part, or the range of it that the request asks for; streamed, so that its length does not matter.
 * @throws Failure of the range, and what the repository throws before the first byte; later the connection is cut.
 */
export async function sendPart(
  point: PointReader,
  part: PartRef,
  name: string,
  { request, response }: { request: ApiRequest; response: ApiResponse },
): Promise<void> {
  const range = byteRange(request.headers.range, part.length);
  const { start, end } = range ?? { start: 0, end: part.length - 1 };
  const content = part.length === 0 ? [] : firstBytes(point.streamPart(part, start), end - start + 1);
  const begun = await begin(content);
  response.statusCode = range === null ? 200 : 206;
  response.setHeader('Content-Type', DOWNLOAD_TYPE);
  response.setHeader('Content-Disposition', contentDisposition(name));
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Length', end - start + 1);
  if (range !== null) response.setHeader('Content-Range', `bytes ${start}-${end}/${part.length}`);
  await sendStream(response, Readable.from(begun, { objectMode: false }));
}

/** Sends `content` as fast as it is taken; when the other side goes away, it is destroyed. */
export async function sendStream(response: ApiResponse, content: Readable): Promise<void> {
  await pipeline(content, response).catch((error: NodeJS.ErrnoException) => {
    // Whoever asked has gone: nobody is left to tell.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error;
  });
}

/** Gets the first piece before anything is sent, so that what cannot be read is refused and not cut off. */
async function begin(content: Iterable<Uint8Array> | AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator =
    Symbol.asyncIterator in content
      ? content
      : (async function* () {
          yield* content;
        })();
  const first = await iterator.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* iterator;
    } finally {
      await iterator.return(undefined);
    }
  })();
}
