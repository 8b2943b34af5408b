import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Failure } from '@backhaul/domain';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { ApiRequest, ApiResponse } from './http.ts';
import { InvalidRequest } from './invalid-request.ts';
import { operationOf } from './operation.ts';
import type { KeptAnswer, KeyedRequest, RequestKeys } from './request-key.store.ts';

/** Headers that belong to a remembered answer. */
const KEPT_HEADERS = ['ETag', 'Location'];

/**
 * `Idempotency-Key`: the same key with the same request gets the same answer for 24 hours, and the work is done once.
 * Another request under the key is refused (422); while the first is at work, repetitions get 409. A request that was
 * refused is not remembered, because nothing was done. After a crash in between nobody knows: that is said (409), too.
 */
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #keys: RequestKeys;

  constructor(keys: RequestKeys) {
    this.#keys = keys;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<ApiRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined || operationOf(context.getHandler())?.idempotent !== true) return next.handle();
    return from(this.#once(keyed(request, parseKey(key)), http.getResponse<ApiResponse>(), next));
  }

  async #once(request: KeyedRequest, response: ApiResponse, next: CallHandler): Promise<unknown> {
    if (!(await this.#keys.reserve(request))) return this.#repeat(request, response);
    const body = await this.#work(request, next);
    // When this fails the work is done all the same: the key stays taken, and says that nobody knows.
    await this.#keys.keep(request, { status: response.statusCode, headers: keptHeaders(response), body });
    return body;
  }

  async #work(request: KeyedRequest, next: CallHandler): Promise<unknown> {
    try {
      return await lastValueFrom(next.handle());
    } catch (error) {
      await this.#keys.free(request).catch(() => undefined);
      throw error;
    }
  }

  async #repeat(request: KeyedRequest, response: ApiResponse): Promise<unknown> {
    const known = await this.#keys.find(request);
    // It was refused between our try and our look: the caller may simply try again.
    if (known === null) throw stillRunning();
    if (known.state === 'other') throw otherRequest();
    if (known.state === 'open') throw known.lost ? outcomeUnknown() : stillRunning();
    return replay(known.answer, response);
  }
}

function keyed(request: ApiRequest, key: string): KeyedRequest {
  const tokenId = request.caller?.tokenId;
  if (tokenId === undefined) throw new Error('A public operation cannot be idempotent by key.');
  return { tokenId, key, route: `${request.method ?? ''} ${request.originalUrl}`, body: request.body };
}

function keptHeaders(response: ApiResponse): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => (response.hasHeader(name) ? [[name, String(response.getHeader(name))]] : [])),
  );
}

function replay(answer: KeptAnswer, response: ApiResponse): unknown {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader('Idempotency-Replayed', 'true');
  return answer.body;
}
function parseKey(header: string | string[]): string {
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new InvalidRequest([
    {
      pointer: 'Idempotency-Key',
      code: 'idempotency-key-invalid',
      message: 'must be 1 to 255 printable ASCII characters without spaces, such as a UUID.',
    },
  ]);
}

function stillRunning(): Failure {
  return new Failure('conflict', {
    code: 'idempotency.in-progress',
    message: 'The first request with this Idempotency-Key is still being worked on.',
    hint: 'Repeat the request with the same key a moment later.',
    retry: 'later',
    retryAfterMs: 1_000,
  });
}

function otherRequest(): Failure {
  return new Failure('invalid-input', {
    code: 'idempotency.other-request',
    message: 'This Idempotency-Key was used for another request.',
    hint: 'Use a new key for a new request.',
    retry: 'never',
  });
}

function outcomeUnknown(): Failure {
  return new Failure('conflict', {
    code: 'idempotency.outcome-unknown',
    message: 'The first request with this Idempotency-Key was interrupted; it is not known whether it took effect.',
    hint: 'Look whether what it was to make is there; if not, repeat it with a new key.',
    retry: 'never',
  });
}
