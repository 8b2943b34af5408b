import { canonicalName } from '../../canonical-texts.ts';
import type { ContactProperties } from '../../contact-source.ts';

/**
 * Equal for contacts that are versions of each other: the same display name and first address; of contacts without any
 * address also the same company and first phone number, because people with the same name are no versions of each other.
 */
export function contactLikeness(properties: ContactProperties): string {
  const address = (properties.emailAddresses ?? []).find((entry) => (entry?.address ?? '') !== '')?.address ?? '';
  const name = folded(properties.displayName);
  if (address !== '') return JSON.stringify([name, folded(address)]);
  return JSON.stringify([name, '', folded(properties.companyName), firstPhone(properties)]);
}

function firstPhone({ mobilePhone, businessPhones, homePhones }: ContactProperties): string {
  const phones = [mobilePhone, ...(businessPhones ?? []), ...(homePhones ?? [])];
  return folded(phones.find((phone) => (phone ?? '') !== ''));
}

function folded(text: string | null | undefined): string {
  return canonicalName(text ?? '').toLowerCase();
}
