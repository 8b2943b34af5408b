import { badRequest } from '../http/graph-error.ts';
import type { Query } from '../http/graph-request.ts';
import { normalPropertyId } from './extended-properties.ts';

/** What `$expand` asks of Outlook's items. */
export interface Expansion {
  /** Extended properties in normal form; null: not asked for. */
  properties: string[] | null;
  /** The other names, e.g. `attachments`, with what stands in their brackets. */
  others: ReadonlyMap<string, string>;
}

export const NO_EXPANSION: Expansion = { properties: null, others: new Map() };

/** Asked for without effect: nothing of the kind is stored. */
const NEVER_THERE = ['extensions', 'multiValueExtendedProperties'];

/**
 * @param type of the items, e.g. `message`
 * @param names that may be expanded besides extended properties
 * @throws GraphError for what the items cannot expand
 */
export function readExpansion(query: Query, type: string, names: readonly string[]): Expansion {
  let properties: string[] | null = null;
  const others = new Map<string, string>();
  for (const part of splitTopLevel(query.get('expand') ?? '')) {
    const [, name, options = ''] = /^([A-Za-z./]+)(?:\((.*)\))?$/s.exec(part) ?? [];
    if (name === 'singleValueExtendedProperties') properties = propertyIds(options);
    else if (name !== undefined && names.includes(name)) others.set(name, options);
    else if (name === undefined || !NEVER_THERE.includes(name)) {
      throw badRequest(`Could not find a property named '${name ?? part}' on type 'microsoft.graph.${type}'.`);
    }
  }
  return { properties, others };
}

function propertyIds(options: string): string[] {
  const filter = /^\s*\$?filter\s*=\s*(.+)$/is.exec(options)?.[1];
  if (filter === undefined) throw badRequest('Extended properties need a filter by id.', 'ErrorInvalidUrlQuery');
  const ids: string[] = [];
  for (const clause of filter.split(/\s+or\s+/i)) {
    const quoted = /^\(?\s*id\s+eq\s+'((?:[^']|'')*)'\s*\)?$/i.exec(clause.trim())?.[1];
    if (quoted === undefined)
      throw badRequest(`The filter clause '${clause}' is not supported.`, 'ErrorInvalidUrlQueryFilter');
    ids.push(normalPropertyId(quoted.replaceAll("''", "'")));
  }
  return ids;
}

/** Splits at commas that are in no brackets. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  if (part.trim() !== '') parts.push(part.trim());
  return parts;
}
