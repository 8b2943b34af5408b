import { badRequest } from '../http/graph-error.ts';

const TAGGED = /^(\w+) 0x([0-9a-f]{1,4})$/i;
const NAMED = /^(\w+) \{([0-9a-f-]{36})\} (Name|Id) (.+)$/i;

/**
 * Property ids in the form the service answers with: `integer 0x0E07` reads `Integer 0xe07`.
 * @throws GraphError for what is no property id
 */
export function normalPropertyId(id: string): string {
  const tagged = TAGGED.exec(id.trim());
  if (tagged !== null) return `${typeName(tagged[1]!)} 0x${tagged[2]!.toLowerCase().replace(/^0+(?=.)/, '')}`;
  const named = NAMED.exec(id.trim());
  if (named === null) throw badRequest(`The property id '${id}' is invalid.`, 'ErrorInvalidProperty');
  const [, type, guid, by, name] = named as unknown as [string, string, string, string, string];
  const last = by.toLowerCase() === 'name' ? `Name ${name}` : `Id ${name.toLowerCase()}`;
  return `${typeName(type)} {${guid.toLowerCase()}} ${last}`;
}

/** Reads `singleValueExtendedProperties` of a request body, by normal form of the id. */
export function readProperties(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!Array.isArray(value))
    throw badRequest('singleValueExtendedProperties must be a collection.', 'UnableToDeserializePostBody');
  const properties: Record<string, string> = {};
  for (const entry of value as unknown[]) {
    const { id, value: text } = (entry ?? {}) as { id?: unknown; value?: unknown };
    if (typeof id !== 'string' || typeof text !== 'string') {
      throw badRequest('An extended property needs id and value, both strings.', 'UnableToDeserializePostBody');
    }
    properties[normalPropertyId(id)] = text;
  }
  return properties;
}

/** Named and tagged properties of an item, as JSON has them: those of `ids` (in normal form) that have a value. */
export function propertiesJson(
  ids: readonly string[],
  value: (id: string) => string | undefined,
): { id: string; value: string }[] {
  return ids.flatMap((id) => {
    const text = value(id);
    return text === undefined ? [] : [{ id, value: text }];
  });
}

function typeName(type: string): string {
  const known = [
    'Integer',
    'Long',
    'SystemTime',
    'String',
    'Boolean',
    'Binary',
    'Double',
    'CLSID',
    'Short',
    'Float',
    'Currency',
    'ApplicationTime',
  ];
  const name = known.find((candidate) => candidate.toLowerCase() === type.toLowerCase());
  if (name === undefined) throw badRequest(`The property type '${type}' is invalid.`, 'ErrorInvalidProperty');
  return name;
}
