import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Operation {
  app?: { least: string[]; other: string[]; via?: string };
}

interface TypeDescription {
  kind: string;
  base?: string;
  open?: boolean;
  properties?: Record<string, string>;
  navigation?: Record<string, string>;
}

/** Identities have an address that is not declared; of other open types the declared properties are all that is served. */
const OPEN = ['identity', 'sharePointIdentity'];

/** The machine-readable extract of Graph v1.0 that lies beside the checkout, where it does. */
export interface GraphDescription {
  paths: Record<string, Record<string, Operation>>;
  types: Record<string, TypeDescription>;
  enums: Record<string, string[] | { members: string[] }>;
}

/** Null when there is none beside the checkout. */
export function readGraphDescription(): GraphDescription | null {
  const path = resolve(import.meta.dirname, '../../../../../shared/graph/graph-v1-subset.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as GraphDescription) : null;
}

/** Everything in a value that the description of its type does not allow, as `where: what`. */
export function violations(description: GraphDescription, value: unknown, type: string, where = ''): string[] {
  if (value === null || value === undefined) return [];
  const collection = /^Collection\((.+)\)$/.exec(type)?.[1];
  if (collection !== undefined) {
    if (!Array.isArray(value)) return [`${where}: no collection`];
    return value.flatMap((entry, at) => violations(description, entry, collection, `${where}[${at}]`));
  }
  if (type.startsWith('Edm.'))
    return isOfEdmType(value, type) ? [] : [`${where}: ${JSON.stringify(value).slice(0, 40)} is no ${type}`];
  const members = description.enums[type];
  if (members !== undefined) {
    const names = Array.isArray(members) ? members : members.members;
    return names.includes(String(value)) ? [] : [`${where}: ${JSON.stringify(value)} is no ${type}`];
  }
  const object = value as Record<string, unknown>;
  const actual =
    typeof object['@odata.type'] === 'string' ? object['@odata.type'].replace('#microsoft.graph.', '') : type;
  if (!isKindOf(description, actual, type)) return [`${where}: ${actual} is no ${type}`];
  return Object.entries(object).flatMap(([name, entry]) => {
    if (name.includes('@')) return [];
    const declared = propertyType(description, actual, name);
    if (declared === null && isOpen(description, actual)) return [];
    if (declared === null) return [`${where}.${name}: no property of ${actual}`];
    return violations(description, entry, declared, `${where}.${name}`);
  });
}

function propertyType(description: GraphDescription, type: string, name: string): string | null {
  for (let current: string | undefined = type; current !== undefined; current = description.types[current]?.base) {
    const found = description.types[current];
    const declared = found?.properties?.[name] ?? found?.navigation?.[name];
    if (declared !== undefined) return declared;
  }
  return name === 'id' ? 'Edm.String' : null;
}

/** Whether a type may have properties that are not declared. */
function isOpen(description: GraphDescription, type: string): boolean {
  return description.types[type]?.open === true && OPEN.includes(type);
}

function isKindOf(description: GraphDescription, actual: string, type: string): boolean {
  for (let current: string | undefined = actual; current !== undefined; current = description.types[current]?.base) {
    if (current === type) return description.types[current] !== undefined;
  }
  return false;
}

function isOfEdmType(value: unknown, type: string): boolean {
  switch (type) {
    case 'Edm.String':
      return typeof value === 'string';
    case 'Edm.Boolean':
      return typeof value === 'boolean';
    case 'Edm.Int32':
    case 'Edm.Int64':
      return Number.isInteger(value);
    case 'Edm.DateTimeOffset':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/.test(value);
    case 'Edm.Binary':
      return typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
    case 'Edm.Guid':
      return typeof value === 'string' && /^[0-9a-f-]{36}$/i.test(value);
    default:
      return true;
  }
}

/** The operation of a path whose parts in braces may have other names; null when there is none. */
export function findOperation(description: GraphDescription, method: string, path: string): Operation | null {
  const shape = (text: string): string =>
    text
      .replace(/\{[^}]*\}/g, '{}')
      .replace(/^\/users\/\{\}\/drive\//, '/drives/{}/')
      .replaceAll(/(microsoft\.)?graph\./g, '')
      .replaceAll('()', '')
      .toLowerCase();
  const wanted = shape(path);
  const found = Object.entries(description.paths).find(([candidate]) => shape(candidate) === wanted);
  return found?.[1][method] ?? null;
}
