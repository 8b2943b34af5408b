import { Failure } from '@backhaul/domain';
import type { ApiResponse } from './http.ts';

/** Sends the version of what is answered as a strong entity tag (RFC 9110, 8.8.3). */
export function sendEtag(response: ApiResponse, version: number): void {
  response.setHeader('ETag', `"${version}"`);
}

/**
 * The version that `If-Match` asks for.
 * @throws Failure `precondition`: `if-match.missing` (428), `if-match.malformed` (412: it can match nothing).
 */
export function expectedVersion(header: string | undefined): number {
  if (header === undefined) {
    throw new Failure('precondition', {
      code: 'if-match.missing',
      message: 'The header If-Match is missing.',
      hint: 'Read the resource and send the value of its ETag, so that nobody else’s change is lost.',
      retry: 'never',
    });
  }
  const [, version] = /^"(\d{1,9})"$/.exec(header.trim()) ?? [];
  if (version === undefined) throw changedMeanwhile();
  return Number(version);
}

/** The resource is not in the version that the caller saw. */
export function changedMeanwhile(): Failure {
  return new Failure('precondition', {
    code: 'if-match.stale',
    message: 'The resource is not in the version that If-Match names.',
    hint: 'Read it again, apply the change to what is there now and send its new ETag.',
    retry: 'never',
  });
}
