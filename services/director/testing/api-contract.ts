import { z } from 'zod';

type Json = Record<string, unknown>;

interface DocumentedResponse {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: Json }>;
  /** Codes of the problems that come with this status. */
  'x-codes'?: string[];
}

interface DocumentedOperation {
  operationId: string;
  responses: Record<string, DocumentedResponse>;
}

interface Address {
  method: string;
  template: string;
  pattern: RegExp;
  operation: DocumentedOperation;
}

/** An answer as it came. */
export interface SeenAnswer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else as text; null when there was none. */
  body: unknown;
}

/** Headers that the document must name where they come, and that must come where it names them. */
const PROMISED_HEADERS = ['ETag', 'Location', 'WWW-Authenticate', 'RateLimit-Reset'];

/**
 * Compares real answers with what the OpenAPI document promises; the document is read as any client reads it. A status,
 * a media type, a header, a field or a code of a problem that is not documented is a broken promise.
 */
export class ApiContract {
  readonly #schemas: Json;
  readonly #addresses: Address[];
  readonly #checkers = new Map<string, z.ZodType>();
  /** Operations whose answers were compared, by operationId and status. */
  readonly seen = new Set<string>();

  constructor(document: Json) {
    this.#schemas = (document['components'] as { schemas: Json }).schemas;
    this.#addresses = Object.entries(document['paths'] as Record<string, Record<string, DocumentedOperation>>).flatMap(
      ([template, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase(),
          template,
          pattern: patternOf(template),
          operation,
        })),
    );
  }

  /** Every operation with its method and path template. */
  get operations(): { id: string; method: string; template: string }[] {
    return this.#addresses.map(({ method, template, operation }) => ({ id: operation.operationId, method, template }));
  }

  /** @throws Error that says how the answer breaks the promise. */
  check(method: string, path: string, answer: SeenAnswer): void {
    const { status } = answer;
    const refuse = (how: string): never => {
      throw new Error(`${method} ${path} → ${status}: ${how}\n${JSON.stringify(answer.body).slice(0, 2_000)}`);
    };
    const operation = this.#operationAt(method === 'HEAD' ? 'GET' : method, path);
    if (operation === undefined) return this.#checkUnknown(answer, refuse);
    this.seen.add(`${operation.operationId} ${status}`);
    const documented = operation.responses[String(status)] ?? refuse('the status is not documented');
    checkHeaders(documented, answer, refuse);
    if (method === 'HEAD') return answer.body === null ? undefined : refuse('a body came for HEAD');
    this.#checkBody(documented, answer, refuse);
    const codes = documented['x-codes'];
    const { code } = (answer.body ?? {}) as { code?: string };
    if (codes !== undefined && !codes.includes(code ?? ''))
      refuse(`${operation.operationId} does not document ${code}`);
  }

  /** A checker for a schema of the document; a field that it does not name is refused. */
  compile(schema: Json): z.ZodType {
    const text = JSON.stringify(schema);
    const known = this.#checkers.get(text);
    if (known !== undefined) return known;
    const name = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined;
    const root = name === undefined ? schema : (this.#schemas[name] as Json);
    const whole = JSON.stringify({ ...root, $defs: this.#schemas }).replaceAll('#/components/schemas/', '#/$defs/');
    const checker = z.fromJSONSchema(JSON.parse(whole) as Parameters<typeof z.fromJSONSchema>[0]);
    this.#checkers.set(text, checker);
    return checker;
  }

  /** The literal path comes before the one with a parameter, as in the server. */
  #operationAt(method: string, path: string): DocumentedOperation | undefined {
    const fits = this.#addresses.filter((known) => known.pattern.test(path));
    const literal = (template: string) => template.replaceAll(/\{\w+\}/g, '').length;
    const longest = Math.max(...fits.map(({ template }) => literal(template)));
    return fits.find((known) => known.method === method && literal(known.template) === longest)?.operation;
  }

  /** Where the document has nothing, there is a problem that says so. */
  #checkUnknown({ status, headers, body }: SeenAnswer, refuse: (how: string) => never): void {
    if (![400, 404, 405, 413, 415].includes(status)) refuse('the operation is not documented');
    if (mediaTypeOf(headers) !== 'application/problem+json') refuse('it is no problem');
    if (status === 405 && headers.get('allow') === null) refuse('the header Allow is missing');
    if (body !== null) this.#checkAgainst({ $ref: '#/components/schemas/Problem' }, body, refuse);
  }

  #checkBody({ content }: DocumentedResponse, { headers, body }: SeenAnswer, refuse: (how: string) => never): void {
    if (content === undefined) return body === null ? undefined : refuse('a body came, none is documented');
    const type = mediaTypeOf(headers);
    const media = content[type] ?? content['*/*'] ?? refuse(`${type} is not documented`);
    if (type.endsWith('json')) this.#checkAgainst(media.schema, body, refuse);
  }

  #checkAgainst(schema: Json, body: unknown, refuse: (how: string) => never): void {
    const parsed = this.compile(schema).safeParse(body);
    if (!parsed.success) refuse(z.prettifyError(parsed.error));
  }
}

function checkHeaders({ headers = {} }: DocumentedResponse, answer: SeenAnswer, refuse: (how: string) => never): void {
  for (const name of PROMISED_HEADERS) {
    if (answer.headers.has(name) === name in headers) continue;
    refuse(name in headers ? `the header ${name} is missing` : `the header ${name} is not documented`);
  }
}

function mediaTypeOf(headers: Headers): string {
  return headers.get('content-type')?.split(';')[0] ?? '';
}

function patternOf(template: string): RegExp {
  const literals = template.split(/\{\w+\}/).map((literal) => literal.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/]+')}$`);
}
