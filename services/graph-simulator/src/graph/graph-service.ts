import type { GraphRequest, RawGraphRequest } from '../http/graph-request.ts';
import { Query, readPreferences } from '../http/graph-request.ts';
import { GraphError } from '../http/graph-error.ts';
import type { Reply } from '../http/reply.ts';
import { Router, type Route } from '../http/router.ts';
import type { Admission, PathLimits } from '../limits/path-limits.ts';
import { checkAccess } from './access.ts';
import { batchRoute } from './batch.ts';
import { calendarRoutes } from '../calendar/graph/calendar-routes.ts';
import { contactRoutes } from '../contacts/graph/contact-routes.ts';
import { directoryRoutes } from '../directory/directory-routes.ts';
import { graphSegments } from '../drives/graph/drive-paths.ts';
import { driveRoutes } from '../drives/graph/drive-routes.ts';
import type { GraphContext } from './graph-context.ts';
import { mailRoutes } from '../mail/graph/mail-routes.ts';

/** Reading a body stops here: Graph takes no larger requests. */
export const BODY_LIMIT = 4 * 1024 * 1024;

/** Every resource that is served, but `$batch`. */
export function graphRoutes(context: GraphContext): Route[] {
  return [
    ...directoryRoutes(context),
    ...mailRoutes(context),
    ...contactRoutes(context),
    ...calendarRoutes(context),
    ...driveRoutes(context),
  ];
}

/** Answers Graph requests: path, permission, limits, latency, then the handler. */
export class GraphService {
  readonly #context: GraphContext;
  readonly #limits: readonly PathLimits[];
  readonly #router: Router;

  /** @param faultOfPart what a request within a batch is answered instead; null: the truth */
  constructor(
    context: GraphContext,
    limits: readonly PathLimits[],
    faultOfPart: (part: RawGraphRequest) => Reply | GraphError | null,
  ) {
    this.#context = context;
    this.#limits = limits;
    const answerPart = async (part: RawGraphRequest): Promise<Reply> => {
      const fault = faultOfPart(part);
      if (fault instanceof GraphError) throw fault;
      return fault ?? this.answer(part);
    };
    this.#router = new Router([...graphRoutes(context), batchRoute(answerPart)]);
  }

  /** @throws GraphError for everything that is not a success */
  async answer(raw: RawGraphRequest): Promise<Reply> {
    const { settings } = this.#context.tenant;
    const segments = graphSegments(pathOf(raw.url));
    const admission = this.#admit(raw, segments);
    try {
      if (settings.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, settings.latencyMs));
      const { route, parameters } = this.#router.find(raw.method, segments);
      if (route.access.anyOf.length > 0) checkAccess(route.access, raw.app);
      const at = raw.url.indexOf('?');
      const request: GraphRequest = {
        method: raw.method,
        url: raw.url,
        segments,
        query: new Query(at === -1 ? '' : raw.url.slice(at + 1)),
        headers: raw.headers,
        preferences: readPreferences(raw.headers['prefer']),
        app: raw.app,
        body: () => raw.body(),
        pieces: (limit) => raw.pieces(limit),
      };
      const reply = await route.handle(request, parameters);
      if (admission === null) return reply;
      // The slot is held until the answer has been sent.
      const headers = { ...reply.headers, ...admission.headers };
      return { ...reply, headers, onSent: () => admission.leave() };
    } catch (error) {
      admission?.leave();
      throw error;
    }
  }

  #admit(raw: RawGraphRequest, segments: readonly string[]): Admission | null {
    for (const limits of this.#limits) {
      const admission = limits.enter(raw, segments);
      if (admission !== null) return admission;
    }
    return null;
  }
}

function pathOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}

export function payloadTooLarge(): GraphError {
  return new GraphError(413, 'RequestEntityTooLarge', 'The request exceeds the maximum size of 4 MB.');
}
