/** An answer that is not a success; thrown by handlers, written by the server in the shape Graph documents. */
export class GraphError extends Error {
  readonly status: number;
  /** Graph's error code, e.g. `ErrorItemNotFound`. */
  readonly code: string;
  readonly headers: Record<string, string>;
  /** Code of the inner error, where Graph has one. */
  readonly innerCode: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { headers?: Record<string, string>; innerCode?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = more.headers ?? {};
    this.innerCode = more.innerCode;
  }
}

export function badRequest(message: string, code = 'BadRequest'): GraphError {
  return new GraphError(400, code, message);
}

/** What Outlook says of a message, folder or attachment that is not there. */
export function itemNotFound(): GraphError {
  return new GraphError(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
}

export function malformedId(): GraphError {
  return badRequest('Id is malformed.', 'ErrorInvalidIdMalformed');
}

/** The body of an error answer. */
export function errorBody(
  error: GraphError,
  ids: { requestId: string; clientRequestId: string; date: string },
): object {
  return {
    error: {
      code: error.code,
      message: error.message,
      innerError: {
        ...(error.innerCode === undefined ? {} : { code: error.innerCode }),
        date: ids.date.slice(0, 19),
        'request-id': ids.requestId,
        'client-request-id': ids.clientRequestId,
      },
    },
  };
}
