import type { FaultEffect } from '../protocol/faults.ts';
import { GraphError } from '../http/graph-error.ts';
import { JSON_TYPE, type Reply } from '../http/reply.ts';

/** Codes and words as documented for a status when a rule names none. */
const STANDARD: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['BadRequest', 'The request is not valid.'],
  401: ['InvalidAuthenticationToken', 'Access token has expired or is not yet valid.'],
  403: ['ErrorAccessDenied', 'Access is denied. Check credentials and try again.'],
  404: ['ErrorItemNotFound', 'The specified object was not found in the store.'],
  409: [
    'ErrorIrresolvableConflict',
    'The send or update operation could not be performed because the change key does not match.',
  ],
  410: ['SyncStateNotFound', 'The sync state generation is not found; generation=605;[highest=841][841][839][840].'],
  429: ['ApplicationThrottled', 'Application is over its RequestLimit limit.'],
  500: ['ErrorInternalServerError', 'An internal server error occurred. The operation failed.'],
  502: ['BadGateway', 'Bad gateway.'],
  503: ['ServiceUnavailable', 'The server is currently unavailable.'],
  504: ['GatewayTimeout', 'The request timed out.'],
  507: ['ErrorQuotaExceeded', 'The mailbox has exceeded its maximum size.'],
};

/** The same for drives, where SharePoint answers. */
const OF_DRIVES: typeof STANDARD = {
  400: ['invalidRequest', 'Invalid request'],
  403: ['accessDenied', 'Access denied'],
  404: ['itemNotFound', 'The resource could not be found.'],
  409: ['nameAlreadyExists', 'An item with the same name already exists under the parent.'],
  410: ['resyncRequired', "Resync required. Replace any local items with the server's version (including deletes)."],
  412: ['resourceModified', 'The resource has changed since the caller last read it.'],
  423: ['resourceLocked', 'The resource is locked.'],
  429: ['activityLimitReached', 'The request has been throttled'],
  500: ['generalException', 'General exception while processing'],
  503: ['serviceNotAvailable', 'The service is not available. Try again later.'],
  507: ['quotaLimitReached', 'The user has reached their quota limit.'],
};

const PAGE = '<!DOCTYPE html><html><head><title>Proxy</title></head><body><h1>Please sign in</h1></body></html>';

/** A request that meets a fault. */
export interface FaultyRequest {
  /** Absolute address. */
  url: string;
  /** Whether it is about a drive. */
  ofDrive: boolean;
  /** By the tenant's clock. */
  now: Date;
}

/** The answer of a fault that takes the place of the true one; null when the request is to be handled. */
export function replacingAnswer(effect: FaultEffect, { url, ofDrive, now }: FaultyRequest): Reply | GraphError | null {
  if (effect.kind === 'html') return htmlPage(effect.status ?? 200, {});
  if (effect.kind === 'expire-token') {
    return new GraphError(401, 'InvalidAuthenticationToken', 'Lifetime validation failed, the token is expired.', {
      headers: {
        'WWW-Authenticate': 'Bearer realm="", error="invalid_token", error_description="The token is expired"',
      },
    });
  }
  if (effect.kind !== 'status') return null;
  const { status, body = 'json' } = effect;
  const headers = retryAfter(effect, now);
  if (body === 'empty') return { status, headers };
  if (body === 'html') return htmlPage(status, headers);
  const [code, message] = (ofDrive ? OF_DRIVES[status] : undefined) ?? STANDARD[status] ?? ['UnknownError', ''];
  // What a drive answers to a lost link says where a new walk begins.
  if (ofDrive && status === 410) headers['Location'] = url.replace(/\?.*$/, '');
  return new GraphError(status, effect.code ?? code, effect.message ?? message, { headers });
}

function retryAfter(
  { retryAfterSeconds, retryAfterIsDate = false }: Extract<FaultEffect, { kind: 'status' }>,
  now: Date,
): Record<string, string> {
  if (retryAfterSeconds === undefined) return {};
  const until = new Date(now.getTime() + retryAfterSeconds * 1000).toUTCString();
  return { 'Retry-After': retryAfterIsDate ? until : String(retryAfterSeconds) };
}

function htmlPage(status: number, headers: Record<string, string>): Reply {
  return { status, headers, bytes: Buffer.from(PAGE), contentType: 'text/html; charset=utf-8' };
}

/**
 * The true answer as a fault alters it.
 * @param url absolute address of the request
 * @param times how often the rule was applied, so that links differ
 */
export function alteredAnswer(reply: Reply, effect: FaultEffect, url: string, times: number): Reply {
  if (effect.kind === 'foreign-link') return { ...reply, ...foreign(reply, effect.host ?? 'https://evil.example') };
  if (effect.kind === 'unescaped') return unescaped(reply);
  const page = reply.json as { value?: unknown[] } | undefined;
  if (page === undefined || !Array.isArray(page.value)) return reply;
  const again = `${url}${url.includes('?') ? '&' : '?'}${AGAIN}${times}`;
  switch (effect.kind) {
    case 'endless-next-link':
      return { ...reply, json: withNextLink(page, page.value, effect.variant === 'same-link' ? url : again) };
    case 'empty-page':
      return { ...reply, json: withNextLink(page, [], again) };
    case 'repeated-page':
      // What this link leads to is the second time.
      return url.includes(AGAIN) ? reply : { ...reply, json: withNextLink(page, page.value, again) };
    case 'raw-control-character':
      return withControlCharacter(reply, page);
    case 'duplicate-items':
      return { ...reply, json: { ...page, value: [...page.value, ...page.value] } };
    default:
      return reply;
  }
}

/** UTF-8 has no lone surrogates; some encoders write their three bytes all the same. */
function unescaped({ json, ...reply }: Reply): Reply {
  if (json === undefined) return reply;
  const pieces = JSON.stringify(json).split(/(\\\\|\\u00[01][0-9a-f]|\\[bfnrt]|\\ud[89a-f][0-9a-f]{2})/);
  return { ...reply, bytes: Buffer.concat(pieces.map(rawBytes)), contentType: JSON_TYPE };
}

function rawBytes(piece: string): Buffer {
  if (!/^\\[^\\]/.test(piece)) return Buffer.from(piece);
  const character = JSON.parse(`"${piece}"`) as string;
  const code = character.charCodeAt(0);
  if (code < 0xd800) return Buffer.from(character);
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}

/** Marks links that lead to a page once more. */
const AGAIN = '_again=';

function withControlCharacter({ json: _, ...reply }: Reply, page: object): Reply {
  const text = JSON.stringify({ ...page, '@odata.context': 'https://graph\u0001' });
  return { ...reply, bytes: Buffer.from(text.replace('\\u0001', '\u0001')), contentType: JSON_TYPE };
}

function withNextLink(page: object, value: unknown[], link: string): object {
  const { '@odata.deltaLink': _, ...rest } = page as Record<string, unknown>;
  return { ...rest, '@odata.nextLink': link, value };
}

const LINKS = ['@odata.nextLink', '@odata.deltaLink', 'uploadUrl', '@microsoft.graph.downloadUrl'];

function foreign(reply: Reply, host: string): Partial<Reply> {
  const elsewhere = (link: string): string => host.replace(/\/$/, '') + link.replace(/^https?:\/\/[^/]+/, '');
  const changed: Partial<Reply> = {};
  if (reply.json !== undefined) {
    const relinked = (object: object): object =>
      Object.fromEntries(
        Object.entries(object).map(([name, value]) => {
          if (name === 'value' && Array.isArray(value)) return [name, (value as object[]).map(relinked)];
          return [name, LINKS.includes(name) ? elsewhere(String(value)) : value];
        }),
      );
    changed.json = relinked(reply.json);
  }
  const location = reply.headers?.['Location'];
  if (location !== undefined) changed.headers = { ...reply.headers, Location: elsewhere(location) };
  return changed;
}
