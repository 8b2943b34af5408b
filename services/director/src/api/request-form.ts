import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Failure } from '@backhaul/domain';
import type { ApiRequest, ApiResponse } from './http.ts';
import { InvalidRequest } from './invalid-request.ts';
import { operationOf, partsOf, type OperationSpec } from './operation.ts';
import { sendProblem } from './problem.filter.ts';
import type { KnownAddresses } from './routes.ts';

/** Refuses methods that an address does not answer, and tells those that it does (RFC 9110, 15.5.6). */
export function refuseOtherMethods(addresses: KnownAddresses) {
  return (request: ApiRequest, response: ApiResponse, next: () => void): void => {
    const methods = addresses.methodsAt(request.originalUrl.split('?', 1)[0] ?? '');
    // Where there is nothing, the router says so.
    if (methods.length === 0 || methods.includes(request.method ?? '')) return next();
    response.setHeader('Allow', methods.join(', '));
    sendProblem(request, response, methodNotAllowed(request.method ?? '', methods));
  };
}

/** Refuses bodies that are not JSON, before anybody tries to read them (RFC 9110, 15.5.16). */
export function refuseOtherMedia(request: ApiRequest, response: ApiResponse, next: () => void): void {
  const isEmpty = request.headers['content-length'] === '0';
  if (isEmpty || request.is('application/json') !== false) return next();
  sendProblem(request, response, otherMedia());
}

/**
 * Refuses what an operation has not declared: a query or a body where it takes none, and an `Accept` that leaves nothing
 * of what it answers. What callers believe to have said would be ignored otherwise.
 */
export class RequestFormGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const operation = operationOf(context.getHandler());
    const request = context.switchToHttp().getRequest<ApiRequest>();
    // Those who look for signs of life may add what they like.
    if (operation === undefined || !request.originalUrl.startsWith('/api/')) return true;
    const prototype = context.getClass().prototype as object;
    const parts = partsOf(prototype, context.getHandler().name);
    if (parts.query === undefined) refuseMembers(request.query, (name) => `?${name}`);
    if (parts.body === undefined) refuseBody(request.body);
    requireAcceptable(request, operation);
    return true;
  }
}

function refuseBody(body: unknown): void {
  if (body === undefined || body === null) return;
  if (typeof body === 'object' && !Array.isArray(body)) return refuseMembers(body, (name) => `/${name}`);
  throw new InvalidRequest([
    { pointer: '', code: 'unknown-field', message: 'must be empty: nothing can be said here.' },
  ]);
}

function refuseMembers(given: object, pointerOf: (name: string) => string): void {
  const names = Object.keys(given);
  if (names.length === 0) return;
  throw new InvalidRequest(
    names.map((name) => ({
      pointer: pointerOf(name),
      code: 'unknown-field',
      message: 'is not a known field. Leave it out.',
    })),
  );
}

function requireAcceptable(request: ApiRequest, { answer }: OperationSpec): void {
  const type = 'schema' in answer ? 'application/json' : 'mediaType' in answer ? answer.mediaType : '*/*';
  if (type.includes('*') || request.accepts([type, `${type}; charset=utf-8`]) !== false) return;
  throw new Failure('invalid-input', {
    code: 'request.not-acceptable',
    message: `The answer is ${type}, which the header Accept does not allow.`,
    hint: `Send "Accept: ${type}", or leave it out.`,
    retry: 'never',
  });
}

function methodNotAllowed(method: string, methods: readonly string[]): Failure {
  return new Failure('invalid-input', {
    code: 'route.method-not-allowed',
    message: `${method} is not supported at this address.`,
    hint: `It takes ${methods.join(', ')}. The document at /api/openapi.json lists every operation.`,
    retry: 'never',
  });
}

function otherMedia(): Failure {
  return new Failure('invalid-input', {
    code: 'request.media-type',
    message: 'The body is not said to be JSON.',
    hint: 'Send JSON in UTF-8 without compression, with the header "Content-Type: application/json".',
    retry: 'never',
  });
}
