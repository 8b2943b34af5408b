import { GraphError } from '../http/graph-error.ts';
import type { GraphRequest } from '../http/graph-request.ts';
import type { Mailbox } from '../mail/state/mailbox.ts';
import type { UserRecord } from '../tenant/user.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Links } from './links.ts';

/** What every handler works with. */
export interface GraphContext {
  tenant: Tenant;
  links: Links;
  now(): Date;
}

/** A mailbox as a request names it. */
export interface OpenMailbox {
  user: UserRecord;
  mailbox: Mailbox;
}

/** @throws GraphError as the service answers for someone without a usable mailbox */
export function openMailbox({ tenant }: GraphContext, name: string): OpenMailbox {
  const user = tenant.user(name);
  if (user === undefined) throw new GraphError(404, 'ErrorInvalidUser', `The requested user '${name}' is invalid.`);
  if (user.deletedAt !== null) throw notEnabled();
  if (user.mailboxState === 'denied') {
    throw new GraphError(
      403,
      'ErrorAccessDenied',
      'Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.',
    );
  }
  const mailbox = user.mailbox === null ? undefined : tenant.mailboxes.get(user.mailbox);
  if (user.mailboxState === 'missing' || mailbox === undefined) {
    throw new GraphError(404, 'ResourceNotFound', 'Resource could not be discovered.');
  }
  if (user.mailboxState === 'inactive' || user.mailboxState === 'unlicensed') throw notEnabled();
  if (user.mailboxState === 'unsupported') {
    throw new GraphError(404, 'MailboxNotSupportedForRESTAPI', 'REST API is not yet supported for this mailbox.');
  }
  return { user, mailbox };
}

function notEnabled(): GraphError {
  const message = 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.';
  return new GraphError(404, 'MailboxNotEnabledForRESTAPI', message);
}

/** @throws GraphError when the mailbox takes nothing more */
export function openMailboxForWriting(context: GraphContext, name: string): OpenMailbox {
  const open = openMailbox(context, name);
  if (open.user.mailboxState === 'over-quota') {
    throw new GraphError(507, 'ErrorQuotaExceeded', 'The mailbox has exceeded its maximum size.');
  }
  return open;
}

/** Echoes the preferences that were followed. */
export function preferenceApplied({ preferences }: GraphRequest, tracking = false): Record<string, string> {
  const applied: string[] = [];
  if (tracking) applied.push('odata.track-changes');
  if (preferences.maxPageSize !== null) applied.push(`odata.maxpagesize=${preferences.maxPageSize}`);
  if (preferences.immutableIds) applied.push('IdType="ImmutableId"');
  if (preferences.bodyType !== null) applied.push(`outlook.body-content-type="${preferences.bodyType}"`);
  if (preferences.timeZone !== null) applied.push(`outlook.timezone="${preferences.timeZone}"`);
  return applied.length === 0 ? {} : { 'Preference-Applied': applied.join(', ') };
}

/** Path of a collection in key syntax, as links carry it. */
export function keyPath(...parts: (string | [name: string, id: string])[]): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : `${part[0]}('${encodeURIComponent(part[1])}')`))
    .join('/');
}
