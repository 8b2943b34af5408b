import type { JsonObject } from '../graph/json-body.ts';
import { badRequest } from '../http/graph-error.ts';

/** A member of an enumeration, in its own spelling. @throws GraphError for anything else */
export function oneOf<Choice extends string>(name: string, value: unknown, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice.toLowerCase() === String(value).toLowerCase());
  if (found === undefined)
    throw badRequest(`'${String(value)}' is no value of ${name}.`, 'UnableToDeserializePostBody');
  return found;
}

/** Null when it is missing. @throws GraphError for what is no string */
export function readText(body: JsonObject, name: string): string | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw badRequest(`${name} must be a string.`, 'UnableToDeserializePostBody');
  return value;
}

/** Empty when it is missing. @throws GraphError for what is no collection of strings */
export function readTexts(body: JsonObject, name: string): string[] {
  const value = body[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
    throw badRequest(`${name} must be a collection of strings.`, 'UnableToDeserializePostBody');
  }
  return value as string[];
}

/** @throws GraphError for what is neither true nor false; `fallback` when it is missing */
export function readFlag(body: JsonObject, name: string, fallback: boolean): boolean {
  const value = body[name];
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'boolean') throw badRequest(`${name} must be true or false.`, 'UnableToDeserializePostBody');
  return value;
}
