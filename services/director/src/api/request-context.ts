import { activeTrace, withTraceparent } from '@backhaul/telemetry';
import type { ApiRequest, ApiResponse } from './http.ts';

/**
 * The first thing that every request meets: it becomes part of the trace its `traceparent` names, or of a new one; its
 * answer says what browsers and caches must not do with it.
 */
export function requestContext(request: ApiRequest, response: ApiResponse, next: () => void): void {
  const header = request.headers['traceparent'];
  withTraceparent(typeof header === 'string' ? header : undefined, () => {
    request.traceId = activeTrace()?.traceId ?? '';
    setSecurityHeaders(response);
    next();
  });
}

/** Answers are data for programs: never rendered, framed, sniffed or kept. */
function setSecurityHeaders(response: ApiResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Strict-Transport-Security', 'max-age=31536000');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
}
