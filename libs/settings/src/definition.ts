import type { Secret } from '@backhaul/domain';
import type { z } from 'zod';

/** One environment variable: what it means and which values it takes. */
export interface Setting {
  /** Turns the variable's text into the value (`z.coerce.number()`, `z.stringbool()`, `z.url()` …); optional where it accepts `undefined`. */
  schema: z.ZodType;
  /** Taken when the variable is absent, written as an operator would write it. Without it, and unless the schema is optional, the variable is required. */
  default?: string;
  /** The default in words, where it depends on the host and the documentation cannot print its value. */
  defaultInWords?: string;
  /** The value comes out as a `Secret` and is never shown, also not when it is wrong. Default false. */
  secret?: boolean;
  /** One sentence: what it means and what happens when it is changed. */
  help: string;
  /** Unit of the value, where it has one: `seconds`, `MiB` … */
  unit?: string;
}

/** All settings of one process, by the names of their variables. */
export type SettingsDefinition = Readonly<Record<string, Setting>>;

/** What reading a definition gives. */
export type SettingsOf<D extends SettingsDefinition> = { readonly [Name in keyof D]: ValueOf<D[Name]> };

type ValueOf<S extends Setting> = S extends { secret: true } ? Hidden<z.output<S['schema']>> : z.output<S['schema']>;
type Hidden<T> = undefined extends T ? Secret<Exclude<T, undefined>> | undefined : Secret<T>;

/** Declares the settings of a process. Each variable may also be given as `NAME_FILE`, the path of a file with its value. */
export function defineSettings<const D extends SettingsDefinition>(definition: D): D {
  return definition;
}

/** The variable that names a file with the value of `name`, as container platforms mount secrets. */
export function fileVariable(name: string): string {
  return `${name}_FILE`;
}
