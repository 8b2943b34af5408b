import { badRequest } from '../http/graph-error.ts';
import type { GraphRequest } from '../http/graph-request.ts';

export type JsonObject = Record<string, unknown>;

/** The request's body as a JSON object. @throws GraphError for anything else */
export async function jsonBody(request: GraphRequest): Promise<JsonObject> {
  const bytes = await request.body();
  const refused = badRequest(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refused;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused;
  return value as JsonObject;
}

/** @throws GraphError when the field is missing or no string; its name may be written in any case */
export function textField(body: JsonObject, name: string): string {
  const value = anyCase(body, name);
  if (typeof value !== 'string') throw badRequest(`The property '${name}' is required.`, 'ErrorInvalidRequest');
  return value;
}

/** Parameters of actions may be written in any case. */
export function anyCase(body: JsonObject, name: string): unknown {
  if (name in body) return body[name];
  const found = Object.keys(body).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : body[found];
}
