import type { z } from 'zod';
import { promisedStatus } from './catalogue/problem-catalogue.ts';
import type { Json, OpenApiSchemas } from './openapi-schemas.ts';
import { problemCodesOf } from './operation-problems.ts';
import type { Answer, OperationSpec } from './operation.ts';
import { ProblemView } from './problem.ts';
import type { Route } from './routes.ts';

/** What an operation answers, by status: what it was asked for, and each refusal with its codes. */
export function responsesOf(route: Route, schemas: OpenApiSchemas): Record<string, Json> {
  const { spec } = route;
  return {
    ...Object.fromEntries(
      [spec.answer, ...(spec.otherAnswers ?? [])].map((answer) => [answer.status, success(answer, spec, schemas)]),
    ),
    ...Object.fromEntries(
      [...codesByStatus(route)].map(([status, codes]) => [status, refusal(status, codes, schemas)]),
    ),
  };
}

function codesByStatus(route: Route): Map<number, string[]> {
  return Map.groupBy(problemCodesOf(route), (code) => {
    const promised = promisedStatus(code);
    if (promised === null) throw new Error(`${route.spec.id} declares ${code}, which is not in the catalogue.`);
    return promised.status;
  });
}

function success(answer: Answer, spec: OperationSpec, schemas: OpenApiSchemas): Json {
  const headers = {
    ...(spec.etag === true && { ETag: header('The version, for If-Match.') }),
    ...(spec.location === true && { Location: header('Path of what was made or started.') }),
    ...(spec.idempotent === true && { 'Idempotency-Replayed': header('"true" when the work was done before.') }),
  };
  return {
    description: answer.description ?? (answer.status === 204 ? 'Done.' : 'The answer.'),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...contentOf(answer, schemas),
  };
}

function contentOf(answer: Answer, schemas: OpenApiSchemas): Json {
  if ('schema' in answer) {
    return { content: { 'application/json': { schema: schemas.of(answer.schema, 'output') } } };
  }
  if (!('mediaType' in answer)) return {};
  const schema = answer.events === undefined ? { type: 'string' } : eventSchema(answer.events, schemas);
  return { content: { [answer.mediaType]: { schema } } };
}

/** OpenAPI 3.1 knows no streams: the text is described, and what each `data` line holds stands beside it. */
function eventSchema(event: z.ZodType, schemas: OpenApiSchemas): Json {
  const { $ref } = schemas.of(event, 'output');
  return { type: 'string', contentMediaType: 'application/json', contentSchema: { $ref } };
}

function refusal(status: number, codes: readonly string[], schemas: OpenApiSchemas): Json {
  const headers = {
    ...(status === 401 && { 'WWW-Authenticate': header('Bearer') }),
    ...(status === 429 && {
      'RateLimit-Remaining': header('0'),
      'RateLimit-Reset': header('Seconds until the next try can succeed.'),
    }),
    ...((status === 429 || status === 503 || codes.includes('idempotency.in-progress')) && {
      'Retry-After': header('Seconds to wait before the request is repeated.'),
    }),
  };
  return {
    description: `${codes.map((code) => `\`${code}\``).join(', ')}.`,
    ...(Object.keys(headers).length > 0 && { headers }),
    content: { 'application/problem+json': { schema: schemas.of(ProblemView, 'output') } },
    'x-codes': codes,
  };
}

function header(description: string): Json {
  return { description, schema: { type: 'string' } };
}
