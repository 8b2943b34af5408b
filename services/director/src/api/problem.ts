import type { Failure, FailureKind } from '@backhaul/domain';
import { z } from 'zod';
import { InvalidRequest, type FieldError } from './invalid-request.ts';

/** Where the catalogue of codes is documented, relative to the documentation. */
const CATALOGUE = 'https://backhaul.invalid/docs/api-errors';

export const ProblemView = z
  .object({
    type: z.string().describe('Address that names the kind of problem; ends with the code.'),
    title: z.string().describe('The kind of problem in a few words; the same for every occurrence.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('What happened, one sentence.'),
    hint: z.string().optional().describe('What can be done about it.'),
    instance: z.string().describe('Path of the request.'),
    code: z.string().describe('Stable name of the problem; see the catalogue.'),
    traceId: z.string().describe('Stands in the log lines that belong to this request.'),
    errors: z
      .array(z.object({ pointer: z.string(), code: z.string(), message: z.string() }))
      .optional()
      .describe('The fields that are wrong: JSON pointer into the body, or ?name of a query parameter.'),
    where: z.record(z.string(), z.string()).optional().describe('Context: ids, names, addresses.'),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' });
export type Problem = z.infer<typeof ProblemView>;

/** The one translation of failures to HTTP: status and title of each kind. */
export const STATUS_OF: Record<FailureKind, readonly [number, string]> = {
  'invalid-input': [422, 'The request is not valid'],
  unauthenticated: [401, 'Credentials are missing or wrong'],
  forbidden: [403, 'Not allowed'],
  'permission-missing': [422, 'A permission is missing in the tenant'],
  'not-found': [404, 'Not found'],
  conflict: [409, 'Conflict'],
  precondition: [412, 'The precondition does not hold'],
  unreachable: [503, 'Not reachable'],
  throttled: [429, 'Too many requests'],
  unavailable: [503, 'Not available at the moment'],
  'timed-out': [504, 'No answer in time'],
  expired: [410, 'Expired'],
  cancelled: [409, 'Cancelled'],
  'lease-lost': [409, 'The lease was lost'],
  stale: [409, 'Overtaken by a newer one'],
  unreadable: [422, 'Not readable'],
  quota: [409, 'The target is full'],
  'no-space': [409, 'The storage is full'],
  'not-writable': [422, 'Not writable'],
  'wrong-key': [422, 'The key does not fit'],
  'unsupported-format': [422, 'The format is not supported'],
  corrupt: [500, 'Stored data is damaged'],
  internal: [500, 'Internal error'],
};

/** The few codes whose status is more exact than that of their kind. */
export const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'if-match.missing': 428,
  'request.malformed': 400,
  'request.not-acceptable': 406,
  'request.too-slow': 408,
  'request.too-large': 413,
  'request.media-type': 415,
  'content.range-outside': 416,
  'request.headers-too-large': 431,
  'route.method-not-allowed': 405,
};

/** The HTTP status of a failure. */
export function statusOf(failure: Failure): number {
  return STATUS_OF_CODE[failure.code] ?? STATUS_OF[failure.kind][0];
}

/** A failure as problem details. Of a mistake of ours (`internal`) nothing goes out but that. */
export function problemOf(failure: Failure, request: { path: string; traceId: string }): Problem {
  const status = statusOf(failure);
  const errors = fieldErrors(failure);
  const isOurs = failure.kind === 'internal';
  return {
    type: `${CATALOGUE}#${failure.code}`,
    title: STATUS_OF[failure.kind][1],
    status,
    detail: isOurs ? 'Something went wrong on our side; the log tells more under this traceId.' : failure.message,
    ...(failure.hint === undefined || isOurs ? {} : { hint: failure.hint }),
    instance: request.path,
    code: isOurs ? 'internal' : failure.code,
    traceId: request.traceId,
    ...(errors.length === 0 ? {} : { errors }),
    ...(Object.keys(failure.where).length === 0 || isOurs ? {} : { where: { ...failure.where } }),
  };
}

function fieldErrors(failure: Failure): FieldError[] {
  if (failure instanceof InvalidRequest) return [...failure.errors];
  const field = failure.where['field'];
  if (field === undefined) return [];
  const message = failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`;
  return [{ pointer: `/${field.replaceAll('.', '/')}`, code: failure.code, message }];
}
