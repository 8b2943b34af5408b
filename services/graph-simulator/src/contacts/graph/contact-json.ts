import type { GraphContext } from '../../graph/graph-context.ts';
import { badRequest } from '../../http/graph-error.ts';
import type { Preferences } from '../../http/graph-request.ts';
import { changeKeyOf } from '../../outlook/change-key.ts';
import type { Expansion } from '../../outlook/expand.ts';
import { propertiesJson } from '../../outlook/extended-properties.ts';
import type { ContactBook } from '../state/contact-book.ts';
import { ADDRESS_FIELDS, LIST_FIELDS, TEXT_FIELDS, type ContactState } from '../state/contact.ts';
import { contactFolderId, contactId } from './open-contact.ts';

/** A contact at the moment it is written into an answer. */
export interface ContactSubject {
  context: GraphContext;
  preferences: Preferences;
  book: ContactBook;
  key: number;
  state: ContactState;
}

/** Which properties an answer has: `$select`, or all. */
export interface ContactShape {
  /** Lower-case names; null: all. */
  select: ReadonlySet<string> | null;
  expansion: Expansion;
}

const OTHERS = [
  'id',
  '@odata.etag',
  'createdDateTime',
  'lastModifiedDateTime',
  'changeKey',
  'parentFolderId',
  'birthday',
  'emailAddresses',
  'primaryEmailAddress',
  'secondaryEmailAddress',
  'tertiaryEmailAddress',
];
const KNOWN = new Set([...OTHERS, ...TEXT_FIELDS, ...LIST_FIELDS, ...ADDRESS_FIELDS].map((name) => name.toLowerCase()));

/** @throws GraphError for a property that contacts do not have */
export function contactShape(select: readonly string[] | null, expansion: Expansion): ContactShape {
  const unknown = select?.find((name) => !KNOWN.has(name.toLowerCase()));
  if (unknown !== undefined) {
    throw badRequest(`Could not find a property named '${unknown}' on type 'microsoft.graph.contact'.`);
  }
  return { select: select === null ? null : new Set(select.map((name) => name.toLowerCase())), expansion };
}

/** @param type whether to say `@odata.type`, as delta pages do */
export function contactJson(subject: ContactSubject, shape: ContactShape, type = false): Record<string, unknown> {
  const { book, key, state } = subject;
  const json: Record<string, unknown> = type ? { '@odata.type': '#microsoft.graph.contact' } : {};
  json['@odata.etag'] = `W/"${changeKeyOf('contact', book.number, key, state.revision)}"`;
  json['id'] = contactId(subject.context, book, key, state.moves, subject.preferences);
  for (const [name, value] of Object.entries(allProperties(subject))) {
    if (shape.select === null || shape.select.has(name.toLowerCase())) json[name] = value;
  }
  const { properties } = shape.expansion;
  if (properties !== null) {
    const values = propertiesJson(properties, (id) => contactProperty(state, id));
    if (values.length > 0) json['singleValueExtendedProperties'] = values;
  }
  return json;
}

/** An extended property's value; `String 0x001A`, the class, is there without being stored. */
export function contactProperty({ properties }: ContactState, id: string): string | undefined {
  return properties[id] ?? (id === 'String 0x1a' ? 'IPM.Contact' : undefined);
}

function allProperties({ context, book, key, state }: ContactSubject): Record<string, unknown> {
  const { fields } = state;
  const emails = fields.emailAddresses ?? [];
  return {
    createdDateTime: state.createdAt,
    lastModifiedDateTime: state.modifiedAt,
    changeKey: changeKeyOf('contact', book.number, key, state.revision),
    parentFolderId: contactFolderId(context, book, state.folder),
    birthday: fields.birthday ?? null,
    ...Object.fromEntries(TEXT_FIELDS.map((name) => [name, fields.texts[name] ?? null])),
    ...Object.fromEntries(LIST_FIELDS.map((name) => [name, fields.lists[name] ?? []])),
    ...Object.fromEntries(ADDRESS_FIELDS.map((name) => [name, fields.addresses[name] ?? {}])),
    emailAddresses: emails,
    primaryEmailAddress: emails[0] ?? null,
    secondaryEmailAddress: emails[1] ?? null,
    tertiaryEmailAddress: emails[2] ?? null,
  };
}
