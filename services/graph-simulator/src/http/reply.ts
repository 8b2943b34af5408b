/** What a handler answers; the server adds the headers that every answer has. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** A JSON body, or … */
  json?: object;
  /** … bytes, at once or in pieces whose length is known. */
  bytes?: Buffer;
  stream?: { length: number; pieces(): Iterable<Buffer> };
  contentType?: string;
  /** Called when the answer has been sent or given up. */
  onSent?(): void;
}

export const JSON_TYPE =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

export function ok(json: object, headers?: Record<string, string>): Reply {
  return headers === undefined ? { status: 200, json } : { status: 200, json, headers };
}

export function created(json: object): Reply {
  return { status: 201, json };
}

export const noContent: Reply = { status: 204 };
