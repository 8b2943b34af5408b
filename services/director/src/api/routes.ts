import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { z } from 'zod';
import { operationOf, partsOf, type OperationSpec } from './operation.ts';
import type { RequestPart } from './schema.pipe.ts';

/** A class whose handlers answer requests. */
export type Controller = new (...parts: never[]) => object;

/** One operation with where it answers. */
export interface Route {
  /** In lower case, as OpenAPI has it. */
  method: string;
  /** As OpenAPI writes it: `/api/v1/jobs/{jobId}:run`. */
  path: string;
  spec: OperationSpec;
  parts: Partial<Record<RequestPart, z.ZodType>>;
}

/** Every handler of `controllers`. @throws Error for a handler that is not declared as an operation: a mistake of ours. */
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

/** The addresses of an API and what may be done at each. */
export class KnownAddresses {
  /** The longest literal text first: `/jobs/{jobId}:run` before `/jobs/{jobId}`, as it was meant. */
  readonly #addresses: { template: string; pattern: RegExp; methods: string[] }[];

  constructor(routes: readonly Route[]) {
    const templates = Map.groupBy(routes, ({ path }) => path);
    this.#addresses = [...templates]
      .map(([template, at]) => ({ template, pattern: patternOf(template), methods: methodsOf(at) }))
      .sort((a, b) => literalLength(b.template) - literalLength(a.template));
  }

  /** The template that `path` was written for; null when there is none. */
  templateOf(path: string): string | null {
    return this.#at(path)?.template ?? null;
  }

  /** Methods in upper case that are answered at `path`; none when there is nothing. */
  methodsAt(path: string): readonly string[] {
    return this.#at(path)?.methods ?? [];
  }

  #at(path: string) {
    return this.#addresses.find(({ pattern }) => pattern.test(path));
  }
}

/** What reads can also be asked for without its body (RFC 9110, 9.3.2). */
function methodsOf(routes: readonly Route[]): string[] {
  const methods = routes.map(({ method }) => method.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort();
}

function patternOf(template: string): RegExp {
  const literals = template.split(/\{\w+\}/).map((literal) => literal.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/]+')}$`);
}

function literalLength(template: string): number {
  return template.replaceAll(/\{\w+\}/g, '').length;
}
