import { createHash } from 'node:crypto';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Failure } from '@backhaul/domain';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { DataSource } from 'typeorm';
import { rows } from '../database/statement.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { InvalidRequest } from './invalid-request.ts';
import { operationOf } from './operation.ts';

/** Headers that belong to a remembered answer. */
const KEPT_HEADERS = ['ETag', 'Location'];

interface Remembered {
  route: string;
  fingerprint: Buffer;
  status: number | null;
  response: { body: unknown; headers: Record<string, string> } | null;
  isOld: boolean;
}

/**
 * `Idempotency-Key`: the same key with the same request gets the same answer for 24 hours, and the work is done once.
 * Another request under the key is refused (422); while the first is at work, repetitions get 409. A request that was
 * refused is not remembered, because nothing was done. After a crash in between nobody knows: that is said (409), too.
 */
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #database: DataSource;

  constructor(database: DataSource) {
    this.#database = database;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<ApiRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined || operationOf(context.getHandler())?.idempotent !== true) return next.handle();
    return from(this.#once(parseKey(key), request, http.getResponse<ApiResponse>(), next));
  }

  async #once(key: string, request: ApiRequest, response: ApiResponse, next: CallHandler): Promise<unknown> {
    const tokenId = request.caller?.tokenId;
    if (tokenId === undefined) throw new Error('A public operation cannot be idempotent by key.');
    const route = `${request.method ?? ''} ${request.originalUrl}`;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify(request.body ?? null))
      .digest();
    if (!(await this.#reserve(tokenId, key, route, fingerprint))) {
      return this.#repeat(await this.#read(tokenId, key), route, fingerprint, response);
    }
    try {
      const body: unknown = await lastValueFrom(next.handle());
      await this.#remember(tokenId, key, response, body);
      return body;
    } catch (error) {
      await rows(this.#database, 'delete from idempotency_keys where token_id = $1 and key = $2', [tokenId, key]).catch(
        () => [],
      );
      throw error;
    }
  }

  async #reserve(tokenId: string, key: string, route: string, fingerprint: Buffer): Promise<boolean> {
    await rows(
      this.#database,
      `delete from idempotency_keys where created_at < clock_timestamp() - interval '24 hours'`,
    );
    const inserted = await rows(
      this.#database,
      `insert into idempotency_keys (token_id, key, route, fingerprint) values ($1, $2, $3, $4)
       on conflict do nothing returning key`,
      [tokenId, key, route, fingerprint],
    );
    return inserted.length > 0;
  }

  async #read(tokenId: string, key: string): Promise<Remembered | undefined> {
    const [found] = await rows<Remembered>(
      this.#database,
      `select route, fingerprint, status, response, created_at < clock_timestamp() - interval '2 minutes' as "isOld"
         from idempotency_keys where token_id = $1 and key = $2`,
      [tokenId, key],
    );
    return found;
  }

  async #remember(tokenId: string, key: string, response: ApiResponse, body: unknown): Promise<void> {
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (response.hasHeader(name) ? [[name, String(response.getHeader(name))]] : [])),
    );
    await rows(
      this.#database,
      'update idempotency_keys set status = $3, response = $4 where token_id = $1 and key = $2',
      [tokenId, key, response.statusCode, { body, headers }],
    );
  }

  #repeat(known: Remembered | undefined, route: string, fingerprint: Buffer, response: ApiResponse): unknown {
    // It was refused between our insert and our look: the caller may simply try again.
    if (known === undefined) throw stillRunning();
    if (known.route !== route || !known.fingerprint.equals(fingerprint)) throw otherRequest();
    if (known.status === null || known.response === null) throw known.isOld ? outcomeUnknown() : stillRunning();
    response.statusCode = known.status;
    for (const [name, value] of Object.entries(known.response.headers)) response.setHeader(name, value);
    response.setHeader('Idempotency-Replayed', 'true');
    return known.response.body;
  }
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
