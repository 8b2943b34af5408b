import { parseTolerantly } from './tolerant-json.ts';

/** What an error answer of Graph says, whatever spelling it came in. */
export interface GraphError {
  status: number;
  /** `error.code`, then those of nested inner errors, outermost first; empty when the body was no error object. */
  codes: readonly string[];
  message: string;
  /** Microsoft's id of the exchange, for a support case. */
  requestId: string;
}

interface ErrorBody {
  code?: unknown;
  message?: unknown;
  innerError?: ErrorBody;
  innererror?: ErrorBody;
}

/** Bodies can be empty, HTML of a proxy, or JSON with one of two spellings of the inner error. */
export function readGraphError(status: number, requestId: string, body: Buffer): GraphError {
  const codes: string[] = [];
  let message = '';
  let level: ErrorBody | undefined = errorObject(body);
  while (level !== undefined && typeof level === 'object' && level !== null) {
    if (typeof level.code === 'string' && level.code !== '') codes.push(level.code);
    if (message === '' && typeof level.message === 'string') message = level.message;
    level = level.innerError ?? level.innererror;
  }
  return { status, codes, message, requestId };
}

function errorObject(body: Buffer): ErrorBody | undefined {
  if (body.length === 0 || body[0] !== OPENING_BRACE) return undefined;
  try {
    return (parseTolerantly(body) as { error?: ErrorBody }).error;
  } catch {
    return undefined;
  }
}

const OPENING_BRACE = 0x7b;
