import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { z } from 'zod';
import { operationOf, partsOf, type Answer, type OperationSpec } from './operation.ts';
import { ProblemView } from './problem.ts';
import type { RequestPart } from './schema.pipe.ts';

type Json = Record<string, unknown>;
type Controller = new (...parts: never[]) => object;

/** One operation with where it answers. */
export interface Route {
  method: string;
  /** As OpenAPI writes it: `/api/v1/jobs/{jobId}:run`. */
  path: string;
  spec: OperationSpec;
  parts: Partial<Record<RequestPart, z.ZodType>>;
}

/** Every handler of `controllers`. A handler that is not declared as an operation is a mistake. */
export function routesOf(controllers: readonly Controller[]): Route[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, unknown>;
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler = name === 'constructor' ? undefined : prototype[name];
      if (typeof handler !== 'function') return [];
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (method === undefined) return [];
      const spec = operationOf(handler);
      if (spec === undefined) throw new Error(`${controller.name}.${name} is not declared as an operation.`);
      const path = [controller, handler].map((part) => String(Reflect.getMetadata(PATH_METADATA, part))).join('/');
      return [
        { method: RequestMethod[method].toLowerCase(), path: openApiPath(path), spec, parts: partsOf(prototype, name) },
      ];
    });
  });
}

/** `/api/v1/jobs/:jobId\:run` → `/api/v1/jobs/{jobId}:run`. */
function openApiPath(path: string): string {
  const joined = `/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  return joined.replace(/(^|[^\\]):(\w+)/g, '$1{$2}').replaceAll('\\:', ':');
}

/** The OpenAPI 3.1 document of `controllers`; schemas come from the same zod schemas that check requests and answers. */
export function openApiDocument(controllers: readonly Controller[], version: string): Json {
  const schemas = new Schemas();
  const paths: Record<string, Json> = {};
  for (const route of routesOf(controllers)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, schemas) };
  }
  const problem = schemas.refer(ProblemView, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Backhaul',
      version,
      description:
        'Administration of a Backhaul installation. All errors are problem details (RFC 9457) with a stable code.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This Director.' }],
    security: [{ token: [] }],
    tags: [...new Set(Object.keys(paths).map(tagOf))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.all(),
      responses: {
        Problem: { description: 'What went wrong.', content: { 'application/problem+json': { schema: problem } } },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API token, bh_…' } },
    },
  };
}

function operation({ path, spec, parts }: Route, schemas: Schemas): Json {
  return {
    operationId: spec.id,
    tags: [tagOf(path)],
    summary: spec.summary,
    ...(describe(spec) === '' ? {} : { description: describe(spec) }),
    ...(spec.role === 'public' ? { security: [] } : {}),
    parameters: [
      ...parameters('path', parts.path, schemas),
      ...parameters('query', parts.query, schemas),
      ...headerParameters(spec),
    ],
    ...(parts.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemas.refer(parts.body, 'input') } },
          },
        }),
    responses: {
      [spec.answer.status]: answerResponse(spec, schemas),
      ...(spec.id === 'followRun' ? { 204: { description: 'The end is known to the caller already.' } } : {}),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function describe(spec: OperationSpec): string {
  return [
    spec.description,
    spec.role === 'public' ? undefined : `Needs the role ${spec.role}.`,
    spec.problems === undefined ? undefined : `Problems: ${spec.problems.map((code) => `\`${code}\``).join(', ')}.`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

function parameters(where: 'path' | 'query', schema: z.ZodType | undefined, schemas: Schemas): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.inline(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
}

function headerParameters(spec: OperationSpec): Json[] {
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(spec.idempotent === true
      ? [
          header(
            'Idempotency-Key',
            false,
            'Repeating the request with the same key does the work once; kept for 24 hours.',
          ),
        ]
      : []),
    ...(spec.ifMatch === true ? [header('If-Match', true, 'The ETag of the version that is changed.')] : []),
  ];
}

function answerResponse(spec: OperationSpec, schemas: Schemas): Json {
  const { answer } = spec;
  return {
    description: answer.description ?? (answer.status === 204 ? 'Done.' : 'The answer.'),
    ...(spec.etag === true
      ? { headers: { ETag: { description: 'The version, for If-Match.', schema: { type: 'string' } } } }
      : {}),
    ...contentOf(answer, schemas),
  };
}

function contentOf(answer: Answer, schemas: Schemas): Json {
  if ('schema' in answer)
    return { content: { 'application/json': { schema: schemas.refer(answer.schema, 'output') } } };
  return 'mediaType' in answer ? { content: { [answer.mediaType]: { schema: { type: 'string' } } } } : {};
}

function tagOf(path: string): string {
  return /^\/api\/v1\/([a-z-]+)/.exec(path)?.[1] ?? 'system';
}

/** Collects JSON schemas; those with an id stand once, under `components`. */
class Schemas {
  readonly #named: Record<string, Json> = {};

  refer(schema: z.ZodType, io: 'input' | 'output'): Json {
    return this.inline(schema, io);
  }

  inline(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      $defs = {},
      ...json
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Record<string, Json> };
    for (const [name, definition] of Object.entries($defs)) {
      const { id: _id, ...rest } = definition;
      this.#named[name] = moved(rest);
    }
    const { id: _id, ...rest } = json;
    return moved(rest);
  }

  all(): Record<string, Json> {
    return Object.fromEntries(Object.entries(this.#named).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** The schema with its references pointing to the components. */
function moved(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}
