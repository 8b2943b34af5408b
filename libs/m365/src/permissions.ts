import type { ItemKind } from '@backhaul/domain';

/** What a tenant connection's application is to be used for. */
export interface Intent {
  /** Kinds that are backed up with it. */
  backup: readonly ItemKind[];
  /** Kinds that are restored with it; empty for a backup-only application. */
  restore: readonly ItemKind[];
}

export interface MissingPermission {
  /** The least permission that does. */
  permission: string;
  /** What it is needed for, to be read after "needed to". */
  purpose: string;
  /** False: backups work without it, something beside them does not. */
  required: boolean;
}

export interface Preflight {
  missing: MissingPermission[];
  /** Permissions to write that nothing here needs: whoever steals the application could use them. */
  excess: string[];
  /** True when nothing required is missing. */
  ready: boolean;
}

interface Need {
  /** The least permission first; any of them does. */
  anyOf: readonly string[];
  purpose: string;
  required: boolean;
}

const INVENTORY: readonly Need[] = [
  { anyOf: ['User.Read.All', 'Directory.Read.All'], purpose: 'list users', required: true },
  { anyOf: ['Organization.Read.All', 'Directory.Read.All'], purpose: 'recognise the tenant', required: true },
  { anyOf: ['MailboxSettings.Read'], purpose: 'tell shared and room mailboxes from those of users', required: false },
  { anyOf: ['Group.Read.All', 'Directory.Read.All'], purpose: 'list groups and teams', required: false },
  { anyOf: ['Sites.Read.All'], purpose: 'list SharePoint sites', required: false },
];

const BACKUP: Readonly<Record<ItemKind, Need>> = {
  mail: { anyOf: ['Mail.Read', 'Mail.ReadWrite'], purpose: 'back up mail', required: true },
  contacts: { anyOf: ['Contacts.Read', 'Contacts.ReadWrite'], purpose: 'back up contacts', required: true },
  calendar: { anyOf: ['Calendars.Read', 'Calendars.ReadWrite'], purpose: 'back up calendars', required: true },
  files: { anyOf: ['Files.Read.All', 'Files.ReadWrite.All'], purpose: 'back up files', required: true },
};

const RESTORE: Readonly<Record<ItemKind, Need>> = {
  mail: { anyOf: ['Mail.ReadWrite'], purpose: 'restore mail', required: true },
  contacts: { anyOf: ['Contacts.ReadWrite'], purpose: 'restore contacts', required: true },
  calendar: { anyOf: ['Calendars.ReadWrite'], purpose: 'restore calendars', required: true },
  files: { anyOf: ['Files.ReadWrite.All'], purpose: 'restore files', required: true },
};

/** `Mail.ReadWrite`, `Sites.FullControl.All`, `Mail.Send` …: what could change or send something. */
const WRITES = /ReadWrite|FullControl|Manage|Send|Migrate|Create/;

/** What a token lacks to restore items of these kinds. */
export function missingToRestore(roles: readonly string[], kinds: readonly ItemKind[]): MissingPermission[] {
  return lacking(
    roles,
    kinds.map((kind) => RESTORE[kind]),
  );
}

/** Compares the permissions in a token (its `roles`) with what the application is to be used for. */
export function preflight(roles: readonly string[], intent: Intent): Preflight {
  const needs = [
    ...INVENTORY,
    ...intent.backup.map((kind) => BACKUP[kind]),
    ...intent.restore.map((kind) => RESTORE[kind]),
  ];
  const missing = lacking(roles, needs);
  const wanted = new Set(intent.restore.flatMap((kind) => RESTORE[kind].anyOf));
  return {
    missing,
    excess: roles.filter((role) => WRITES.test(role) && !wanted.has(role)),
    ready: missing.every(({ required }) => !required),
  };
}

function lacking(roles: readonly string[], needs: readonly Need[]): MissingPermission[] {
  return needs
    .filter(({ anyOf }) => !anyOf.some((permission) => roles.includes(permission)))
    .map(({ anyOf, purpose, required }) => ({ permission: anyOf[0] ?? '', purpose, required }));
}
