import { badRequest } from '../../http/graph-error.ts';
import type { Query } from '../../http/graph-request.ts';
import { normalPropertyId } from './extended-properties.ts';

/** What `$expand` asks of messages. */
export interface Expansion {
  /** Extended properties in normal form; null: not asked for. */
  properties: string[] | null;
  attachments: boolean;
}

/** @throws GraphError for what messages cannot expand */
export function readExpansion(query: Query): Expansion {
  const expansion: Expansion = { properties: null, attachments: false };
  for (const part of splitTopLevel(query.get('expand') ?? '')) {
    const [, name, options] = /^([A-Za-z./]+)(?:\((.*)\))?$/s.exec(part) ?? [];
    if (name === 'singleValueExtendedProperties') expansion.properties = propertyIds(options ?? '');
    else if (name === 'attachments') expansion.attachments = true;
    else if (name !== 'extensions' && name !== 'multiValueExtendedProperties') {
      throw badRequest(`Could not find a property named '${name ?? part}' on type 'microsoft.graph.message'.`);
    }
  }
  return expansion;
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
