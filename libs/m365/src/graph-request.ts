/** A request to Graph, as callers write it. */
export interface GraphRequest {
  /** Default `GET`. */
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the version, with query: `/users/{id}/mailFolders?$top=10`. Ids and values are percent-encoded already. */
  path: string;
  /** Values of the `Prefer` header. */
  prefer?: readonly string[];
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Whose limits it counts against: the mailbox's id. Default: the application. */
  scope?: string;
  /** The bytes asked for are those of a web page; else one is taken for the answer of a proxy. Default: false. */
  isWebPage?: boolean;
  /** Whether sending it twice does no harm. Default: true, except for `POST`. */
  repeatable?: boolean;
  /** Default: the signal of the Graph. */
  signal?: AbortSignal;
}

/** A request for a collection. */
export interface PageRequest extends GraphRequest {
  /** Entries asked for per page (`odata.maxpagesize`, a wish). It is lowered by itself where Graph fails on large pages. */
  pageSize?: number;
  /** Where to go on instead of `path`: a link that Graph gave earlier. */
  from?: string;
}

/** A download from an address out of an answer. */
export type DownloadRequest = Pick<LinkRequest, 'link' | 'headers' | 'scope' | 'signal'>;

/** A request to an address out of an answer. */
export interface LinkRequest {
  method: 'GET' | 'PUT' | 'DELETE';
  link: unknown;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
  expects: 'json' | 'bytes' | 'nothing';
  scope?: string;
  signal?: AbortSignal;
}
