import type { z } from 'zod';
import type { OperationSpec } from './operation.ts';
import { responsesOf } from './openapi-responses.ts';
import { OpenApiSchemas, type Json } from './openapi-schemas.ts';
import { routesOf, type Controller, type Route } from './routes.ts';

/** What each group of operations is about; a group is the first name below `/api/v1`. */
const GROUPS: Readonly<Record<string, string>> = {
  health: 'What works and what does not.',
  jobs: 'What is protected, where to, and how.',
  objects: 'What of a tenant can be protected, and its recovery points.',
  points: 'Recovery points: what can be looked at and restored.',
  repositories: 'Where backups lie.',
  restores: 'Bringing things back.',
  runs: 'What was started, how far it is, and how it ended.',
  setup: 'The first administrator.',
  system: 'Signs of life, and this document.',
  tenants: 'Connections to Microsoft 365 tenants.',
  tokens: 'Who may call this API.',
  transporters: 'The hosts that move data.',
};

const ABOUT = `Administration of a Backhaul installation.

- Every refusal is a problem (RFC 9457) with a stable \`code\`; each operation names the codes that it can answer with.
- Lists are walked with \`cursor\` and \`limit\`; what is added meanwhile neither repeats nor hides what was there.
- With \`Idempotency-Key\` a request does its work once and gets the same answer for 24 hours.
- What has an \`ETag\` is changed with \`If-Match\`: missing 428, changed meanwhile 412.
- What can be read with GET can be asked for with HEAD.`;

/** The OpenAPI 3.1 document of `controllers`; schemas come from the same zod schemas that check requests and answers. */
export function openApiDocument(controllers: readonly Controller[], version: string): Json {
  const schemas = new OpenApiSchemas();
  const paths: Record<string, Json> = {};
  for (const route of routesOf(controllers)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Backhaul',
      version,
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This Director.' }],
    security: [{ token: [] }],
    tags: [...new Set(Object.keys(paths).map(groupOf))].sort().map((name) => ({ name, description: GROUPS[name] })),
    paths,
    components: {
      schemas: schemas.all(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API token, bh_…' } },
    },
  };
}

function operation(route: Route, schemas: OpenApiSchemas): Json {
  const { path, spec, parts } = route;
  const description = describe(spec);
  return {
    operationId: spec.id,
    tags: [groupOf(path)],
    summary: spec.summary,
    ...(description !== '' && { description }),
    ...(spec.role === 'public' && { security: [] }),
    parameters: [
      ...parameters('path', parts.path, schemas),
      ...parameters('query', parts.query, schemas),
      ...headerParameters(spec),
    ],
    ...(parts.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: schemas.of(parts.body, 'input') } } },
    }),
    responses: responsesOf(route, schemas),
  };
}

function describe(spec: OperationSpec): string {
  const role = spec.role === 'public' ? undefined : `Needs the role ${spec.role}.`;
  return [spec.description, role].filter((part) => part !== undefined).join(' ');
}

function parameters(where: 'path' | 'query', schema: z.ZodType | undefined, schemas: OpenApiSchemas): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
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
  const once = 'Repeating the request with the same key does the work once; kept for 24 hours.';
  return [
    ...(spec.idempotent === true ? [header('Idempotency-Key', false, once)] : []),
    ...(spec.ifMatch === true ? [header('If-Match', true, 'The ETag of the version that is changed.')] : []),
    ...(spec.resumable === true ? [header('Last-Event-ID', false, 'The id of the last event that was received.')] : []),
  ];
}

function groupOf(path: string): string {
  return /^\/api\/v1\/([a-z-]+)/.exec(path)?.[1] ?? 'system';
}
