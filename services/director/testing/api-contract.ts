import { z } from 'zod';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema: Json }>; $ref?: string }>;
}

/** Compares real answers with what the OpenAPI document promises; the document is read as any client reads it. */
export class ApiContract {
  readonly #document: Json;
  readonly #operations: { method: string; path: RegExp; template: string; operation: Operation }[];
  /** Operations whose answers were compared, by operationId and status. */
  readonly seen = new Set<string>();

  constructor(document: Json) {
    this.#document = document;
    this.#operations = Object.entries(document['paths'] as Record<string, Record<string, Operation>>).flatMap(
      ([template, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase(),
          template,
          path: patternOf(template),
          operation,
        })),
    );
  }

  /** Every operation with its method and path template. */
  get operations(): { id: string; method: string; template: string }[] {
    return this.#operations.map(({ method, template, operation }) => ({ id: operation.operationId, method, template }));
  }

  /** @throws Error that says how the answer breaks the promise. */
  check(method: string, path: string, answer: { status: number; contentType: string; body: unknown }): void {
    const { status, contentType, body } = answer;
    const at = `${method} ${path} → ${status}`;
    const type = contentType.split(';')[0] ?? '';
    const found = this.#operationAt(method, path);
    if (found === undefined) {
      if (type !== 'application/problem+json') throw new Error(`${at}: not documented, and no problem`);
      this.#checkAgainst({ $ref: '#/components/schemas/Problem' }, body, at);
      return;
    }
    this.seen.add(`${found.operationId} ${status}`);
    const documented = found.responses[String(status)] ?? (status >= 400 ? found.responses['default'] : undefined);
    if (documented === undefined) throw new Error(`${at}: status not documented`);
    const { content } = this.#resolve(documented);
    if (content === undefined) {
      if (body !== null) throw new Error(`${at}: a body came, none is documented`);
      return;
    }
    const media = content[type];
    if (media === undefined) throw new Error(`${at}: ${type} is not documented`);
    if (type.endsWith('json')) this.#checkAgainst(media.schema, body, at);
  }

  /** The literal path comes before the one with a parameter, as in the server. */
  #operationAt(method: string, path: string): Operation | undefined {
    const fits = this.#operations.filter((known) => known.method === method && known.path.test(path));
    return (fits.find(({ template }) => template === path) ?? fits[0])?.operation;
  }

  #resolve(response: { content?: Record<string, { schema: Json }>; $ref?: string }) {
    if (response.$ref === undefined) return response;
    const name = response.$ref.split('/').at(-1) ?? '';
    const { responses } = this.#document['components'] as { responses: Record<string, typeof response> };
    return responses[name] ?? {};
  }

  #checkAgainst(schema: Json, body: unknown, at: string): void {
    const parsed = this.compile(schema).safeParse(body);
    if (!parsed.success)
      throw new Error(`${at}: ${z.prettifyError(parsed.error)}\n${JSON.stringify(body).slice(0, 2_000)}`);
  }

  /** A checker for a schema of the document. */
  compile(schema: Json): z.ZodType {
    const { schemas } = this.#document['components'] as { schemas: Json };
    const whole = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/');
    return z.fromJSONSchema(JSON.parse(whole) as Parameters<typeof z.fromJSONSchema>[0]);
  }
}

function patternOf(template: string): RegExp {
  const parts = template.split(/\{\w+\}/).map((literal) => literal.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
