import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Failure, type Clock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import type { ApiRequest, Caller } from '../api/http.ts';
import { operationOf } from '../api/operation.ts';
import { findValidToken, noteUse } from './api-token.store.ts';
import { isWellFormed, tokenHash } from './bearer-token.ts';
import type { GuessLimiter } from './guess-limiter.ts';
import { mayAct } from './role.ts';

/** Stands before every route: nobody passes without a valid token of the declared role, except on public operations. */
export class AccessGuard implements CanActivate {
  readonly #database: DataSource;
  readonly #clock: Clock;
  readonly #limiter: GuessLimiter;

  constructor(database: DataSource, clock: Clock, limiter: GuessLimiter) {
    this.#database = database;
    this.#clock = clock;
    this.#limiter = limiter;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = operationOf(context.getHandler());
    if (operation?.role === 'public') return true;
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const caller = await this.#authenticate(request);
    if (operation === undefined || !mayAct(caller.role, operation.role)) throw notAllowed(caller);
    request.caller = caller;
    return true;
  }

  /**
   * A valid token passes even while its address has to wait, because many callers may share one address (a proxy); wrong
   * ones are counted.
   */
  async #authenticate(request: ApiRequest): Promise<Caller> {
    const address = request.ip ?? '';
    const text = bearerToken(request.headers.authorization);
    const now = this.#clock.now();
    const token =
      text === null || !isWellFormed('bh', text) ? null : await findValidToken(this.#database, tokenHash(text), now);
    if (token === null) {
      if (text === null) throw credentialsMissing();
      this.#limiter.check(address);
      this.#limiter.failed(address);
      throw credentialsWrong();
    }
    await noteUse(this.#database, token, now);
    return { tokenId: token.id, name: token.name, role: token.role };
  }
}

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +(\S{1,200})$/i.exec(header ?? '')?.[1] ?? null;
}

function credentialsMissing(): Failure {
  return new Failure('unauthenticated', {
    code: 'access.token-missing',
    message: 'This address needs an API token.',
    hint: 'Send the header "Authorization: Bearer bh_…".',
    retry: 'never',
  });
}

function credentialsWrong(): Failure {
  return new Failure('unauthenticated', {
    code: 'access.token-refused',
    message: 'The API token is wrong, expired or revoked.',
    hint: 'Ask an administrator for a new one.',
    retry: 'never',
  });
}

function notAllowed(caller: Caller): Failure {
  return new Failure('forbidden', {
    code: 'access.role-too-low',
    message: `The token "${caller.name}" has the role ${caller.role}, which may not do this.`,
    hint: 'Use a token with a higher role.',
    retry: 'never',
  });
}
