import type { PipeTransform } from '@nestjs/common';
import { Failure } from '@backhaul/domain';
import type { z } from 'zod';
import { InvalidRequest, type FieldError } from './invalid-request.ts';

/** The parts of a request that have a schema. */
export type RequestPart = 'body' | 'query' | 'path';

/** Turns a part of a request into what its schema makes of it, or refuses it with every field that is wrong. */
export class SchemaPipe implements PipeTransform {
  readonly #schema: z.ZodType;
  readonly #part: RequestPart;

  constructor(schema: z.ZodType, part: RequestPart) {
    this.#schema = schema;
    this.#part = part;
  }

  /** @throws InvalidRequest; for a path Failure `not-found`, because no such thing can exist. */
  transform(value: unknown): unknown {
    const given = value ?? {};
    const errors = nulCharacters(given).map((path) => fieldError(this.#part, path, 'nul', 'contains a NUL character.'));
    const parsed = this.#schema.safeParse(given);
    if (parsed.success && errors.length === 0) return parsed.data;
    if (this.#part === 'path') throw noSuchThing();
    throw new InvalidRequest([
      ...errors,
      ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => errorsOf(this.#part, issue))),
    ]);
  }
}

function errorsOf(part: RequestPart, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      fieldError(part, [...issue.path, key], 'unknown-field', 'is not a known field. Leave it out.'),
    );
  }
  // Of several forms that all fail, the one that fits best (deepest problem) tells most.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const deepest = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
    if (depthOf(deepest) > 0) {
      return deepest.flatMap((inner) => errorsOf(part, { ...inner, path: [...issue.path, ...inner.path] }));
    }
  }
  return [fieldError(part, issue.path, issue.code.replaceAll('_', '-'), issue.message)];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function fieldError(part: RequestPart, path: readonly PropertyKey[], code: string, message: string): FieldError {
  if (part === 'query') return { pointer: `?${path.map(String).join('.')}`, code, message };
  return {
    pointer: path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    code,
    message,
  };
}

/** Paths of strings with a NUL, which PostgreSQL cannot store. Not recursive: a body may be nested as deep as it likes. */
function nulCharacters(value: unknown): string[][] {
  const found: string[][] = [];
  const open: { value: unknown; path: string[] }[] = [{ value, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value === 'string' && next.value.includes('\0')) found.push(next.path);
    if (typeof next.value !== 'object' || next.value === null || next.path.length > 20) continue;
    for (const [key, inner] of Object.entries(next.value)) open.push({ value: inner, path: [...next.path, key] });
  }
  return found;
}

function noSuchThing(): Failure {
  return new Failure('not-found', {
    code: 'route.not-found',
    message: 'There is nothing at this address.',
    hint: 'The document at /api/openapi.json lists every address.',
    retry: 'never',
  });
}
