import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure } from '@backhaul/domain';
import { problemOf } from './problem.ts';

/**
 * Answers what is not even a request: HTTP that cannot be parsed, headers without end, a body that never came. Nothing of
 * the framework has seen it, so the answer is written as bytes. The connection is of no use afterwards.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(failureOf(error.code), { path: '', traceId: '' });
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function failureOf(code: string | undefined): Failure {
  const refused = (name: string, message: string, hint: string) =>
    new Failure('invalid-input', { code: name, message, hint, retry: 'never' });
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refused('request.headers-too-large', 'The headers are too large.', 'Send at most 16 KiB of them.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refused('request.too-slow', 'The request did not come in time.', 'Send it again, at once and whole.');
    default:
      return refused('request.malformed', 'The request cannot be read.', 'Send well-formed HTTP/1.1.');
  }
}
