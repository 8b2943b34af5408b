import { withoutTrailing } from './mime/body-encoding.ts';

/** A person or mailbox in canonical forms. */
export interface CanonicalAddress {
  name: string;
  address: string;
}

/** The body of a message or event in canonical forms. */
export interface CanonicalBody {
  type: 'text' | 'html';
  text: string;
}

/** Subjects and names: NFC, runs of white space as one space, trimmed. */
export function canonicalName(text: string): string {
  return withoutNul(text)
    .normalize('NFC')
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/^ | $/g, '');
}

/** Texts of several lines: NFC, LF as the only line end, no white space at the ends of lines and of the whole. */
export function canonicalText(text: string): string {
  const lines = withoutNul(text)
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => withoutTrailing(line, ' \t'));
  return withoutTrailing(lines.join('\n'), ' \t\n');
}

/** `YYYY-MM-DDTHH:MM:SSZ`, fractions cut off; null for what is no time. */
export function canonicalTime(time: string | null | undefined): string | null {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? null : `${new Date(parsed).toISOString().slice(0, -5)}Z`;
}

/** Addresses in order; entries with neither name nor address say nothing and are left out. */
export function canonicalAddresses(list: readonly CanonicalAddress[]): CanonicalAddress[] {
  return list.map(canonicalAddress).filter(({ name, address }) => name !== '' || address !== '');
}

/** {@link canonicalAddresses} of Microsoft's recipients. */
export function canonicalRecipients(
  list:
    readonly ({ emailAddress?: { name?: string | null; address?: string | null } | null } | null)[] | null | undefined,
): CanonicalAddress[] {
  return canonicalAddresses(
    (list ?? []).map((recipient) => ({
      name: recipient?.emailAddress?.name ?? '',
      address: recipient?.emailAddress?.address ?? '',
    })),
  );
}

/** Categories: by code unit. */
export function canonicalCategories(categories: readonly (string | null)[] | null | undefined): string[] {
  return (categories ?? [])
    .filter((category) => category !== null)
    .map(withoutNul)
    .sort();
}

/** Sorted by the JSON text of the elements, in order of code units. */
export function sortedByJson<T>(elements: readonly T[]): T[] {
  return elements
    .map((element) => ({ element, json: JSON.stringify(element) }))
    .sort((a, b) => (a.json < b.json ? -1 : a.json > b.json ? 1 : 0))
    .map(({ element }) => element);
}

export function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

function canonicalAddress(of: CanonicalAddress): CanonicalAddress {
  const address = withoutNul(of.address).toLowerCase();
  const name = canonicalName(of.name);
  return { name: name.toLowerCase() === address ? '' : name, address };
}
