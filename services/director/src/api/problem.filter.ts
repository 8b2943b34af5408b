import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Failure, toFailure } from '@backhaul/domain';
import type { Logger } from '@backhaul/telemetry';
import { databaseFailure } from './database-failure.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { problemOf, statusOf } from './problem.ts';

/** Answers every failure as `application/problem+json`. The only place where failures become HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<ApiRequest>();
    const response = http.getResponse<ApiResponse>();
    const failure = asFailure(thrown);
    const status = statusOf(failure);
    const path = request.originalUrl.split('?', 1)[0] ?? '';
    const about = { method: request.method, path, status };
    // Only what is wrong with ourselves is an error; what is away for a moment, or refused, is not.
    if (status === 500) this.#log.error({ err: failure, ...about }, 'A request failed.');
    else if (status > 500) this.#log.warn({ err: failure, ...about }, 'A request could not be served.');
    else this.#log.debug({ code: failure.code, ...about }, 'A request was refused.');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(request, response, failure);
  }
}

/** Sends `failure` as the answer to `request`. */
export function sendProblem(request: ApiRequest, response: ApiResponse, failure: Failure): void {
  const path = request.originalUrl.split('?', 1)[0] ?? '';
  const problem = problemOf(failure, { path, traceId: request.traceId ?? '' });
  // What the handler has promised already is not what is answered now.
  for (const name of ['ETag', 'Location', 'Content-Disposition', 'Content-Length']) response.removeHeader(name);
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  sendWaiting(response, problem.status, failure.retryAfterMs);
  response.statusCode = problem.status;
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.end(JSON.stringify(problem));
}

/** How long to wait, where that is known; whoever asks too often is always told (RFC 6585; RateLimit fields of the IETF draft). */
function sendWaiting(response: ApiResponse, status: number, retryAfterMs = status === 429 ? 1_000 : undefined): void {
  if (retryAfterMs === undefined) return;
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  response.setHeader('Retry-After', seconds);
  if (status !== 429) return;
  response.setHeader('RateLimit-Remaining', 0);
  response.setHeader('RateLimit-Reset', seconds);
}

function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return frameworkFailure(thrown) ?? databaseFailure(thrown) ?? toFailure(thrown);
}

/** What Nest, Express and the body parser throw, by its status. */
function frameworkFailure(thrown: unknown): Failure | null {
  const status = thrown instanceof HttpException ? thrown.getStatus() : (thrown as { status?: unknown } | null)?.status;
  if (typeof status !== 'number' || status < 400 || status >= 500) return null;
  const refused = (kind: 'invalid-input' | 'not-found', code: string, message: string, hint: string) =>
    new Failure(kind, { code, message, hint, retry: 'never', cause: thrown });
  switch (status) {
    case 404:
      return refused(
        'not-found',
        'route.not-found',
        'There is nothing at this address.',
        'The document at /api/openapi.json lists every address.',
      );
    case 413:
      return refused('invalid-input', 'request.too-large', 'The body is too large.', 'Send at most 1 MiB.');
    case 415:
      return refused(
        'invalid-input',
        'request.media-type',
        'The body has an unknown encoding.',
        'Send JSON in UTF-8 without compression.',
      );
    default:
      return refused(
        'invalid-input',
        'request.malformed',
        'The request cannot be read.',
        'Send well-formed JSON and a well-formed address.',
      );
  }
}
