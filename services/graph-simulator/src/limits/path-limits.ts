import type { GraphContext } from '../graph/graph-context.ts';
import type { RawGraphRequest } from '../http/graph-request.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { MailboxLimits } from './mailbox-limits.ts';

/** A request that a service has let in. */
export interface Admission {
  /** Called when its answer has been sent, or given up. */
  leave(): void;
  /** Go out with its answer. */
  headers?: Record<string, string>;
}

/** The limits of one service of Graph. */
export interface PathLimits {
  /**
   * Counts a request in; null when its path is none of this service's.
   * @param segments of its path, decoded
   * @throws GraphError 429 with Retry-After when a limit is reached
   */
  enter(request: RawGraphRequest, segments: readonly string[]): Admission | null;
}

/** Outlook's: mail, contacts and calendars of one mailbox together, for each application. */
export function outlookPaths({ tenant }: GraphContext, limits: MailboxLimits): PathLimits {
  return {
    enter: (request, segments) => {
      const mailbox = mailboxInPath(tenant, segments);
      if (mailbox === null) return null;
      const scope = `${request.app.clientId} ${mailbox}`;
      return { leave: limits.enter(scope, request.bodySize, tenant.settings.limits, Date.now()) };
    },
  };
}

/** What lies below a user without being Outlook's. */
const NOT_OUTLOOK = ['drive', 'drives'];

/** User id of the mailbox that a path is about, or null; the directory's view of a user is no mailbox. */
export function mailboxInPath(tenant: Tenant, segments: readonly string[]): string | null {
  if (segments.length < 3 || segments[0]?.toLowerCase() !== 'users') return null;
  if (NOT_OUTLOOK.includes(segments[2]!.toLowerCase())) return null;
  return tenant.user(segments[1]!)?.id ?? null;
}
