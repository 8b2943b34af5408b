import { randomBytes, randomUUID } from 'node:crypto';
import type { ApplicationRecord } from '../tenant/event.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type {
  ApplicationPatch,
  ApplicationResult,
  NewApplication,
  SimulatedApplication,
} from '../protocol/applications.ts';

/** What the first application may do: all that a backup and a restore of mailboxes and an inventory need. */
export const FIRST_ROLES = [
  'User.Read.All',
  'Group.Read.All',
  'Sites.Read.All',
  'Organization.Read.All',
  'MailboxSettings.Read',
  'Mail.ReadWrite',
  'Files.ReadWrite.All',
  'Contacts.ReadWrite',
  'Calendars.ReadWrite',
];

/** Registers an application with one secret. */
export function addApplication(tenant: Tenant, wanted: NewApplication, certificates: string[] = []): ApplicationResult {
  if (!isStrings(wanted.roles)) throw new Error('roles must be a list of permission names such as Mail.Read');
  const clientSecret = newSecret();
  const application: ApplicationRecord = {
    clientId: randomUUID(),
    displayName: wanted.displayName ?? 'Application',
    roles: wanted.roles,
    enabled: true,
    secrets: [{ value: clientSecret, expired: false }],
    certificates,
  };
  tenant.apply({ do: 'application', application });
  return { ...applicationJson(application), clientSecret };
}

/** @throws Error when there is no such application */
export function changeApplication(tenant: Tenant, clientId: string, patch: ApplicationPatch): ApplicationResult {
  const application = tenant.applications.get(clientId);
  if (application === undefined) throw new Error(`there is no application ${clientId}`);
  if (patch.roles !== undefined && !isStrings(patch.roles)) throw new Error('roles must be a list of permission names');
  const clientSecret = patch.addSecret === true ? newSecret() : undefined;
  const old = application.secrets.map((secret) =>
    patch.expireSecrets === true ? { ...secret, expired: true } : secret,
  );
  const changed: ApplicationRecord = {
    ...application,
    roles: patch.roles ?? application.roles,
    enabled: patch.enabled ?? application.enabled,
    secrets: clientSecret === undefined ? old : [...old, { value: clientSecret, expired: false }],
  };
  tenant.apply({ do: 'application', application: changed });
  return { ...applicationJson(changed), ...(clientSecret !== undefined && { clientSecret }) };
}

export function applicationJson({ clientId, displayName, roles, enabled }: ApplicationRecord): SimulatedApplication {
  return { clientId, displayName, roles, enabled };
}

function newSecret(): string {
  return `${randomBytes(3).toString('hex')}~${randomBytes(24).toString('base64url')}`;
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
