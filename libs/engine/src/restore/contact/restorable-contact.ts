import { CONTACT_FIELDS, type ContactProperties } from '../../contact-source.ts';
import type { ContactFields } from '../../contact-target.ts';
import type { Loss } from '../restore-kind.ts';

/** A stored contact as it can be created again. */
export interface RestorableContact {
  fields: ContactFields;
  losses: Loss[];
}

/** So many entries Exchange keeps of each of these lists; more it refuses with the whole contact. */
const MOST_ENTRIES = { emailAddresses: 3, businessPhones: 2, homePhones: 2 } as const;

/** What the service says of a contact by itself. */
const READ_ONLY: readonly string[] = ['id', 'changeKey', 'parentFolderId', 'createdDateTime', 'lastModifiedDateTime'];

/** What is to be created from what is stored: the fields that have a value, as far as Exchange takes them. */
export function restorableContact(properties: ContactProperties): RestorableContact {
  const losses: Loss[] = [];
  const fields: Record<string, unknown> = {};
  for (const name of CONTACT_FIELDS) {
    if (READ_ONLY.includes(name)) continue;
    const value = withoutEmpty(properties[name]);
    if (value === undefined) continue;
    const most = MOST_ENTRIES[name as keyof typeof MOST_ENTRIES];
    const isTooLong = Array.isArray(value) && most !== undefined && value.length > most;
    fields[name] = isTooLong ? value.slice(0, most) : value;
    if (isTooLong) losses.push(tooMany(name, value.length - most));
  }
  return { fields, losses };
}

/** A value without what Exchange gives for nothing: null, empty texts and lists, addresses without a line. */
function withoutEmpty(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return undefined;
  if (Array.isArray(value)) {
    const entries = value.map(withoutEmpty).filter((entry) => entry !== undefined);
    return entries.length === 0 ? undefined : entries;
  }
  if (typeof value !== 'object') return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, withoutEmpty(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

function tooMany(field: string, count: number): Loss {
  return {
    code: 'restore.field-shortened',
    message: `Microsoft takes fewer entries of "${field}" than were stored; the last ${count} were left out.`,
  };
}
