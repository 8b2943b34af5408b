import type { ItemEntry, ItemListing, PartContent } from '@backhaul/repository';
import type { ContactProperties } from './contact-source.ts';
import { ITEM_PARTS, jsonPart, partOf, readProperties, type PartSource } from './stored-item.ts';

/** What a contact consists of in a recovery point besides the parts of every item: `photo`, an image, when it has one. */
export const CONTACT_PARTS = { ...ITEM_PARTS, photo: 'photo' } as const;

/** A contact as it is read back from a point. */
export interface StoredContact {
  properties: ContactProperties;
  /** The photo's bytes, or null without one. */
  photo: Uint8Array | null;
}

/** What a point lists of a contact, from Microsoft's JSON. */
export function contactEntry(properties: ContactProperties, containerId: string): ItemListing {
  const { displayName, fileAs, companyName } = properties;
  const address = properties.emailAddresses?.find((one) => one?.address)?.address ?? '';
  return {
    type: 'item',
    kind: 'contact',
    containerId,
    id: properties.id,
    changeKey: properties.changeKey,
    name: displayName || fileAs || companyName || address,
    address,
    company: companyName ?? '',
  };
}

/** The parts to store of a contact that could be read. */
export function contactParts({ properties, photo }: StoredContact): PartContent[] {
  const stored = [jsonPart(CONTACT_PARTS.properties, properties)];
  return photo === null ? stored : [...stored, { name: CONTACT_PARTS.photo, format: 'bytes', content: photo }];
}

/** The contact of an entry; null when no version of it could ever be read. */
export async function readStoredContact(entry: ItemEntry, source: PartSource): Promise<StoredContact | null> {
  const properties = await readProperties<ContactProperties>(entry, source);
  if (properties === null) return null;
  const photo = partOf(entry, CONTACT_PARTS.photo);
  return { properties, photo: photo === undefined ? null : await source.readPart(photo) };
}
