export interface FaultRule {
  match: FaultMatch;
  effect: FaultEffect;
}

export interface FaultMatch {
  /** Regular expression tried against the path with query, case-insensitively; default: all Graph requests. Login and upload paths can be named too. */
  pathRegex?: string;
  method?: string;
  /** True: looks at the requests within a batch, and at no others; of the effects only `status` is possible. Default false. */
  inBatch?: boolean;
  /** Only requests for pages of more entries than this, by `$top` or `Prefer: odata.maxpagesize`. */
  pageSizeOver?: number;
  /** User id in the path. */
  mailbox?: string;
  /** Only the n-th matching request (1 = the first). */
  nth?: number;
  /** Chance of 0–1 for each matching request, drawn from `seed`. */
  probability?: number;
  seed?: number;
  /** At most this often; default: no bound (1 when `nth` is given). */
  times?: number;
}

export type FaultEffect =
  /** An error answer. Without `code` the documented code for the status is used. `body: 'empty'` sends none, `'html'` a proxy's page. */
  | {
      kind: 'status';
      status: number;
      retryAfterSeconds?: number;
      /** `Retry-After` as an HTTP date by the tenant's clock. Default false: as seconds. */
      retryAfterIsDate?: boolean;
      code?: string;
      message?: string;
      body?: 'json' | 'empty' | 'html';
    }
  /** The connection is cut after this many bytes of the true body (default: half of it); the request has taken effect. */
  | { kind: 'reset'; afterBytes?: number }
  /** The answer is lost: the request takes effect, then the connection is cut before a status is sent. */
  | { kind: 'lost-answer' }
  /** 200 with only the first part of the JSON. */
  | { kind: 'truncate'; keepBytes?: number }
  /** The answer waits. */
  | { kind: 'delay'; ms: number }
  /** No byte ever comes; ends when the client gives up. */
  | { kind: 'hang' }
  /** `same-link`: nextLink is the request's own address; `new-link`: a new link each time, with the identical page. */
  | { kind: 'endless-next-link'; variant: 'same-link' | 'new-link' }
  /** A page of HTML with status 200 or another one (default 200), as a captive proxy sends it. */
  | { kind: 'html'; status?: number }
  /** Links in the answer (nextLink, deltaLink, uploadUrl, downloadUrl, Location) lead to another host, default `https://evil.example`. */
  | { kind: 'foreign-link'; host?: string }
  /** 401 InvalidAuthenticationToken, and the token is dead from now on. */
  | { kind: 'expire-token' }
  /** An empty page whose nextLink leads to the true one. */
  | { kind: 'empty-page' }
  /** The page comes twice, each time as a page of its own; then the walk goes on. */
  | { kind: 'repeated-page' }
  /** Control characters and lone surrogates of the answer's texts stand in the JSON as they are, not escaped. */
  | { kind: 'unescaped' }
  /** A character below U+0020 stands unescaped in the JSON, outside of every property of the entries. */
  | { kind: 'raw-control-character' }
  /** The entries of the page come twice in it. */
  | { kind: 'duplicate-items' };

export interface FaultState extends FaultRule {
  id: string;
  matched: number;
  applied: number;
}
