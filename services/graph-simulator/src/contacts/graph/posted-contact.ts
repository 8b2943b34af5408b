import type { JsonObject } from '../../graph/json-body.ts';
import { badRequest } from '../../http/graph-error.ts';
import { readText, readTexts } from '../../outlook/fields.ts';
import {
  ADDRESS_FIELDS,
  LIST_FIELDS,
  TEXT_FIELDS,
  type ContactEmail,
  type ContactFields,
  type PostalAddress,
} from '../state/contact.ts';

/** Lists hold no more entries than this. */
const MOST: Partial<Record<string, number>> = { emailAddresses: 3, businessPhones: 2, homePhones: 2 };
const ADDRESS_PARTS = ['street', 'city', 'state', 'countryOrRegion', 'postalCode'] as const;

/** The fields that a body names; the rest is missing. @throws GraphError for what has another type, or too many entries */
export function contactFields(body: JsonObject): ContactFields {
  const fields: ContactFields = { texts: {}, lists: {}, addresses: {} };
  for (const name of TEXT_FIELDS) if (name in body) fields.texts[name] = readText(body, name);
  for (const name of LIST_FIELDS) {
    if (name in body) fields.lists[name] = limited(name, readTexts(body, name));
  }
  for (const name of ADDRESS_FIELDS) if (name in body) fields.addresses[name] = readAddress(body, name);
  if ('emailAddresses' in body) fields.emailAddresses = limited('emailAddresses', readEmails(body['emailAddresses']));
  if ('birthday' in body) fields.birthday = readBirthday(readText(body, 'birthday'));
  return fields;
}

function readAddress(body: JsonObject, name: string): PostalAddress {
  const value = body[name];
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw badRequest(`${name} must be an address.`, 'UnableToDeserializePostBody');
  const given = value as JsonObject;
  const address: PostalAddress = {};
  for (const part of ADDRESS_PARTS) if (part in given) address[part] = readText(given, part);
  return address;
}

function readEmails(value: unknown): ContactEmail[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw badRequest('emailAddresses must be a collection.', 'UnableToDeserializePostBody');
  return value.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw badRequest('An e-mail address is no object.');
    const given = entry as JsonObject;
    return { name: readText(given, 'name'), address: readText(given, 'address') };
  });
}

/** To the second, in UTC. */
function readBirthday(text: string | null): string | null {
  if (text === null) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw badRequest(`birthday: '${text}' is no time.`, 'UnableToDeserializePostBody');
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function limited<Entry>(name: string, entries: Entry[]): Entry[] {
  const most = MOST[name] ?? Infinity;
  if (entries.length > most) {
    throw badRequest(`${name} may have ${most} entries, not ${entries.length}.`, 'ErrorInvalidPropertySet');
  }
  return entries;
}
