import { GraphError, badRequest } from './graph-error.ts';
import type { GraphRequest } from './graph-request.ts';
import type { Reply } from './reply.ts';

/** Application permissions of which one is enough, and the service that refuses without. */
export interface Access {
  anyOf: readonly string[];
  service: 'directory' | 'outlook' | 'sharepoint';
}

export interface Route {
  method: string;
  /** E.g. `/users/{user}/mailFolders/{folder}`; what stands in braces is handed to the handler, in order. */
  path: string;
  access: Access;
  handle(request: GraphRequest, parameters: string[]): Reply | Promise<Reply>;
}

export interface FoundRoute {
  route: Route;
  parameters: string[];
}

interface Node {
  literals: Map<string, Node>;
  parameter: Node | null;
  routes: Map<string, Route>;
}

/** Finds the route of a request by its segments, without regard to case; literal segments win over parameters. */
export class Router {
  readonly #root = newNode();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  /** @throws GraphError 400 for a path that no route has, 405 for a path without this method */
  find(method: string, segments: readonly string[]): FoundRoute {
    const parameters: string[] = [];
    let node = this.#root;
    for (const segment of segments) {
      const literal = node.literals.get(segment.toLowerCase());
      const next = literal ?? node.parameter;
      if (next === null || next === undefined) throw badRequest(`Resource not found for the segment '${segment}'.`);
      if (literal === undefined) parameters.push(segment);
      node = next;
    }
    if (node.routes.size === 0) throw badRequest(`Resource not found for the segment '${segments.at(-1) ?? ''}'.`);
    const route = node.routes.get(method);
    if (route !== undefined) return { route, parameters };
    throw new GraphError(405, 'MethodNotAllowed', `The HTTP method '${method}' is not allowed for this resource.`, {
      headers: { Allow: [...node.routes.keys()].join(', ') },
    });
  }

  #add(route: Route): void {
    let node = this.#root;
    for (const segment of route.path.split('/').slice(1)) {
      if (segment.startsWith('{')) node = node.parameter ??= newNode();
      else {
        const name = segment.replace('microsoft.graph.', '').toLowerCase();
        let next = node.literals.get(name);
        if (next === undefined) node.literals.set(name, (next = newNode()));
        node = next;
      }
    }
    if (node.routes.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    node.routes.set(route.method, route);
  }
}

function newNode(): Node {
  return { literals: new Map(), parameter: null, routes: new Map() };
}
