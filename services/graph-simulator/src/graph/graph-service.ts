import type { GraphRequest, RawGraphRequest } from '../http/graph-request.ts';
import { Query, readPreferences, readSegments } from '../http/graph-request.ts';
import { GraphError } from '../http/graph-error.ts';
import type { Reply } from '../http/reply.ts';
import { Router, type Route } from '../http/router.ts';
import type { MailboxLimits } from '../limits/mailbox-limits.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { checkAccess } from './access.ts';
import { attachmentRoutes } from '../mail/graph/attachment-routes.ts';
import { batchRoute } from './batch.ts';
import { deltaRoutes } from '../mail/graph/delta-routes.ts';
import { directoryRoutes } from '../directory/directory-routes.ts';
import { folderRoutes } from '../mail/graph/folder-routes.ts';
import type { GraphContext } from './graph-context.ts';
import { messageRoutes } from '../mail/graph/message-routes.ts';
import { uploadSessionRoutes } from '../mail/graph/upload-sessions.ts';

/** Reading a body stops here: Graph takes no larger requests. */
export const BODY_LIMIT = 4 * 1024 * 1024;

/** Every resource that is served, but `$batch`. What stages to come add (contacts, calendars, drives) has its place here. */
export function graphRoutes(context: GraphContext): Route[] {
  return [
    ...directoryRoutes(context),
    ...folderRoutes(context),
    ...deltaRoutes(context),
    ...messageRoutes(context),
    ...attachmentRoutes(context),
    ...uploadSessionRoutes(context),
  ];
}

/** Answers Graph requests: path, permission, limits, latency, then the handler. */
export class GraphService {
  readonly #context: GraphContext;
  readonly #limits: MailboxLimits;
  readonly #router: Router;

  constructor(context: GraphContext, limits: MailboxLimits) {
    this.#context = context;
    this.#limits = limits;
    this.#router = new Router([...graphRoutes(context), batchRoute((part) => this.answer(part))]);
  }

  /** @throws GraphError for everything that is not a success */
  async answer(raw: RawGraphRequest): Promise<Reply> {
    const { settings } = this.#context.tenant;
    const segments = readSegments(pathOf(raw.url));
    const mailbox = mailboxInPath(this.#context.tenant, segments);
    const scope = `${raw.app.clientId} ${mailbox}`;
    const leave = mailbox === null ? null : this.#limits.enter(scope, raw.bodySize, settings.limits, Date.now());
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
      };
      const reply = await route.handle(request, parameters);
      // The slot is held until the answer has been sent.
      return leave === null ? reply : { ...reply, onSent: leave };
    } catch (error) {
      leave?.();
      throw error;
    }
  }
}

/** User id of the mailbox that a path is about, or null; the directory's view of a user is no mailbox. */
export function mailboxInPath(tenant: Tenant, segments: readonly string[]): string | null {
  if (segments.length < 3 || segments[0]?.toLowerCase() !== 'users') return null;
  return tenant.user(segments[1]!)?.id ?? null;
}

function pathOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}

export function payloadTooLarge(): GraphError {
  return new GraphError(413, 'RequestEntityTooLarge', 'The request exceeds the maximum size of 4 MB.');
}
