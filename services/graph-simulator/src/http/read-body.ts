import type { IncomingMessage } from 'node:http';

/** Reads a request's body. @throws what `tooLarge` makes, when it has more bytes than `limit` */
export async function readBody(request: IncomingMessage, limit: number, tooLarge: () => Error): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limit) {
      request.resume();
      throw tooLarge();
    }
    pieces.push(piece);
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
