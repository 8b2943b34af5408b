import {
  applyDecorators,
  Body,
  createParamDecorator,
  HttpCode,
  Param,
  Query,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import type { z } from 'zod';
import type { Role } from '../access/role.ts';
import { expectedVersion } from './etag.ts';
import type { ApiRequest } from './http.ts';
import { SchemaPipe, type RequestPart } from './schema.pipe.ts';

/** What an operation answers when all goes well. */
export type Answer =
  /** JSON of this schema; what the schema does not name is never sent. */
  | { status: number; schema: z.ZodType; description?: string }
  /** No body. */
  | { status: 204; description?: string }
  /** Something else than JSON, written by the handler itself; `events`: what each event of a stream of events holds. */
  | { status: number; mediaType: string; description: string; events?: z.ZodType };

/** What the code of a handler does not say: the source of access checks and of the OpenAPI document. */
export interface OperationSpec {
  /** Unique name, lower camel case; generated clients call it so. */
  id: string;
  summary: string;
  description?: string;
  /** Least role that may call it; `public` needs no credentials at all. */
  role: Role | 'public';
  answer: Answer;
  /** What else is no refusal, written by the handler itself. */
  otherAnswers?: readonly Answer[];
  /** Takes an `Idempotency-Key`: every POST whose repetition would do something a second time. */
  idempotent?: boolean;
  /** Demands `If-Match`. */
  ifMatch?: boolean;
  /** Answers with an `ETag`. */
  etag?: boolean;
  /** Answers with the `Location` of what was made or started. */
  location?: boolean;
  /** Takes a `Last-Event-ID`. */
  resumable?: boolean;
  /** The answer holds a secret that is shown once: caches keep nothing. (All answers say `no-store`; this marks the document.) */
  secretAnswer?: boolean;
  /** Codes of problems besides those that come with what is declared here; see `problemCodesOf`. */
  problems?: readonly string[];
}

const OPERATION = 'backhaul:operation';
const PARTS = 'backhaul:parts';

/** Declares a handler as an operation of the API. A handler without it answers nobody. */
export function Operation(spec: OperationSpec): MethodDecorator {
  return applyDecorators(SetMetadata(OPERATION, spec), HttpCode(spec.answer.status));
}

/** The declaration of a handler, or undefined. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- that is how Nest hands out handlers
export function operationOf(handler: Function): OperationSpec | undefined {
  return Reflect.getMetadata(OPERATION, handler) as OperationSpec | undefined;
}

/** The schemas of a handler's request, by part. */
export function partsOf(controller: object, handler: string): Partial<Record<RequestPart, z.ZodType>> {
  return (Reflect.getMetadata(PARTS, controller, handler) ?? {}) as Partial<Record<RequestPart, z.ZodType>>;
}

/** The JSON body, as the schema makes it. */
export const BodyOf = (schema: z.ZodType) => part('body', schema, Body);
/** The query string, as the schema makes it. */
export const QueryOf = (schema: z.ZodType) => part('query', schema, Query);
/** The parameters in the path, as the schema makes them. */
export const PathOf = (schema: z.ZodType) => part('path', schema, Param);

/** The version in `If-Match`. The operation is declared with `ifMatch`. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext) =>
  expectedVersion(context.switchToHttp().getRequest<ApiRequest>().headers['if-match']),
);

/** Who calls. Not on public operations. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<ApiRequest>();
  if (caller === undefined) throw new Error('A public operation asked for its caller.');
  return caller;
});

function part(
  name: RequestPart,
  schema: z.ZodType,
  decorator: (pipe: SchemaPipe) => ParameterDecorator,
): ParameterDecorator {
  return (target, key, index) => {
    if (key === undefined) throw new Error('Only parameters of handlers are parts of a request.');
    decorator(new SchemaPipe(schema, name))(target, key, index);
    Reflect.defineMetadata(PARTS, { ...partsOf(target, String(key)), [name]: schema }, target, String(key));
  };
}
