import { canonicalContact } from '../../canonical-contact.ts';
import type { StoredContact } from '../../stored-contact.ts';

/** Names of the fields (and `photo`) in which two contacts differ in the canonical form. */
export function contactDifferences(one: StoredContact, other: StoredContact, folderPath: string[]): string[] {
  const [a, b] = [canonicalContact(one, folderPath), canonicalContact(other, folderPath)];
  const names = new Set([...Object.keys(a.fields), ...Object.keys(b.fields)]);
  const fields = [...names].filter((name) => JSON.stringify(a.fields[name]) !== JSON.stringify(b.fields[name]));
  return a.photo === b.photo ? fields : [...fields, 'photo'];
}
