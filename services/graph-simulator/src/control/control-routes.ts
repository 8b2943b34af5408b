import type { FaultRules } from '../faults/fault-rules.ts';
import type { GraphContext } from '../graph/graph-context.ts';
import type { UserRecord } from '../tenant/user.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { addApplication, applicationJson, changeApplication } from './applications.ts';
import { changeTenant } from './change-tenant.ts';
import type { ControlRoute } from './control-server.ts';
import { mailboxNumber, readNumber } from './control-query.ts';
import { applyEdit } from './edits.ts';
import { addUser, changeUser } from './users.ts';
import { summarize } from './log-summary.ts';
import { LongAnswer } from './long-answer.ts';
import type { ApplicationPatch, NewApplication } from '../protocol/applications.ts';
import type { ChangeAtRequest, ChangeRequest, Edit } from '../protocol/changes.ts';
import type { FaultRule } from '../protocol/faults.ts';
import type { LogQuery } from '../protocol/log.ts';
import type { SettingsPatch, SimulatorSettings } from '../protocol/settings.ts';
import type { SimulatedUser, UserPatch } from '../protocol/users.ts';
import type { RequestLog } from './request-log.ts';
import type { ScheduledChanges } from './scheduled-changes.ts';
import { calendarControlRoutes } from '../calendar/control/control-routes.ts';
import { contactsControlRoutes } from '../contacts/control/control-routes.ts';
import { drivesControlRoutes } from '../drives/control/control-routes.ts';
import { mailControlRoutes } from '../mail/control/control-routes.ts';

export interface ControlParts {
  context: GraphContext;
  faults: FaultRules;
  log: RequestLog;
  scheduled: ScheduledChanges;
}

/** Everything the control port can be asked; `ControlClient` is its other side. */
export function controlRoutes({ context, faults, log, scheduled }: ControlParts): ControlRoute[] {
  const { tenant } = context;
  return [
    { method: 'GET', path: '/users', handle: () => [...tenant.users.values()].map((user) => userJson(tenant, user)) },
    {
      method: 'POST',
      path: '/users',
      handle: ({ body }) => userJson(tenant, addUser(context, body ?? {})),
    },
    {
      method: 'PATCH',
      path: '/users/{user}',
      handle: ({ parameter, body }) => userJson(tenant, changeUser(context, parameter, body as UserPatch)),
    },
    {
      method: 'POST',
      path: '/change',
      handle: ({ body }) => changeTenant(tenant, body as ChangeRequest, context.now()),
    },
    {
      method: 'POST',
      path: '/edit',
      handle: ({ body }) => (body as { edits: Edit[] }).edits.map((edit) => applyEdit(context, edit)),
    },
    { method: 'POST', path: '/change-at-request', handle: ({ body }) => scheduled.add(body as ChangeAtRequest) },
    { method: 'GET', path: '/change-at-request', handle: () => scheduled.applied },
    { method: 'POST', path: '/mark', handle: () => ({ mark: tenant.sequence }) },
    { method: 'GET', path: '/log', handle: ({ query }) => logPage(log, query) },
    { method: 'GET', path: '/log/summary', handle: ({ query }) => summarize(log.entries(logQuery(query))) },
    { method: 'POST', path: '/faults', handle: ({ body }) => faults.add(body as FaultRule) },
    { method: 'GET', path: '/faults', handle: () => faults.list() },
    { method: 'DELETE', path: '/faults', handle: () => faults.clear() },
    { method: 'DELETE', path: '/faults/{id}', handle: ({ parameter }) => faults.clear(parameter) },
    { method: 'GET', path: '/settings', handle: () => tenant.settings },
    { method: 'PATCH', path: '/settings', handle: ({ body }) => changeSettings(tenant, body as SettingsPatch) },
    {
      method: 'POST',
      path: '/expire-delta-links',
      handle: ({ body }) => {
        const { mailbox } = (body ?? {}) as { mailbox?: string };
        tenant.apply({ do: 'expire-links', mailbox: mailbox === undefined ? null : mailboxNumber(tenant, mailbox) });
      },
    },
    {
      method: 'POST',
      path: '/revoke-tokens',
      // Tokens say whole seconds: those issued in the present second are revoked too.
      handle: () => void tenant.apply({ do: 'revoke-tokens', before: Math.floor(context.now().getTime() / 1000) + 1 }),
    },
    { method: 'GET', path: '/applications', handle: () => [...tenant.applications.values()].map(applicationJson) },
    { method: 'POST', path: '/applications', handle: ({ body }) => addApplication(tenant, body as NewApplication) },
    {
      method: 'PATCH',
      path: '/applications/{id}',
      handle: ({ parameter, body }) => changeApplication(tenant, parameter, body as ApplicationPatch),
    },
    { method: 'GET', path: '/sent', handle: () => tenant.sent },
    ...mailControlRoutes(context),
    ...contactsControlRoutes(context),
    ...calendarControlRoutes(context),
    ...drivesControlRoutes(context),
  ];
}

function userJson(tenant: Tenant, user: UserRecord): SimulatedUser {
  const mailbox = user.mailbox === null ? undefined : tenant.mailboxes.get(user.mailbox);
  let messages = 0;
  let folders = 0;
  for (const { state, messages: keys } of mailbox?.folders.values() ?? []) {
    if (state === null) continue;
    folders++;
    messages += keys.length;
  }
  const { id, userPrincipalName, displayName, kind, accountEnabled, mailboxState, deletedAt, hasArchive } = user;
  const drive = tenant.drives.ofUser(id);
  const driveId =
    drive === undefined || drive.state.access === 'missing' ? null : tenant.drives.ids.drive(drive.number);
  const known = { id, userPrincipalName, displayName, kind, accountEnabled, mailboxState, deletedAt, hasArchive };
  return { ...known, messages, folders, driveId };
}

function logPage(log: RequestLog, query: URLSearchParams): LongAnswer {
  return new LongAnswer({ next: log.last }, 'entries', log.entries(logQuery(query)));
}

function logQuery(query: URLSearchParams): LogQuery {
  const since = readNumber(query, 'since');
  const mailbox = query.get('mailbox');
  return { ...(since !== undefined && { since }), ...(mailbox !== null && { mailbox }) };
}

/** @throws Error for a setting that is not there or no number */
export function changeSettings(tenant: Tenant, patch: SettingsPatch): SimulatorSettings {
  const { limits = {}, drives = {}, ...rest } = patch;
  const checked = (values: Record<string, unknown>, known: object): void => {
    for (const [name, value] of Object.entries(values)) {
      if (!(name in known)) throw new Error(`there is no setting ${name}`);
      if (typeof value !== 'number' || !(value >= 0)) throw new Error(`${name} must be a number from 0 on`);
    }
  };
  const before = tenant.settings;
  checked(rest, before);
  checked(limits, before.limits);
  checked(drives, before.drives);
  const settings = {
    ...before,
    ...rest,
    limits: { ...before.limits, ...limits },
    drives: { ...before.drives, ...drives },
  };
  tenant.apply({ do: 'settings', settings });
  return tenant.settings;
}
