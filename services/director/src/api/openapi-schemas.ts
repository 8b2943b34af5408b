import { z } from 'zod';

export type Json = Record<string, unknown>;

/** Collects JSON schemas for an OpenAPI document; those with an id stand once, under `components`. */
export class OpenApiSchemas {
  readonly #named: Record<string, Json> = {};
  readonly #made = { input: new Map<z.ZodType, Json>(), output: new Map<z.ZodType, Json>() };

  /** The schema, or a reference to it when it has an id. @param io `input`: as callers send it; `output`: as they get it. */
  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const known = this.#made[io].get(schema);
    if (known !== undefined) return known;
    const made = this.#make(schema, io);
    this.#made[io].set(schema, made);
    return made;
  }

  #make(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      $defs = {},
      ...json
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & {
      $defs?: Record<string, Json>;
    };
    for (const [name, { id: _id, ...definition }] of Object.entries($defs)) {
      this.#named[name] = withComponents(definition);
    }
    return withComponents(json);
  }

  /** What belongs under `components.schemas`, by name. */
  all(): Record<string, Json> {
    return Object.fromEntries(Object.entries(this.#named).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** The schema with its references pointing to the components. */
function withComponents(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}
