import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body piece by piece; what is beyond the limit is read too, and dropped.
 * @throws what `tooLarge` makes, at the end, when it has more bytes than `limit`
 */
export async function* readPieces(
  request: IncomingMessage,
  limit: number,
  tooLarge: () => Error,
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= limit) yield piece;
  }
  if (size > limit) throw tooLarge();
}

/**
 * Reads a request's body. What is beyond the limit is read too, and dropped: a client in the middle of its upload would
 * not see an answer before.
 * @throws what `tooLarge` makes, when it has more bytes than `limit`
 */
export async function readBody(request: IncomingMessage, limit: number, tooLarge: () => Error): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readPieces(request, limit, tooLarge)) pieces.push(piece);
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
