import { badRequest } from '../http/graph-error.ts';
import type { UserRecord } from '../tenant/user.ts';

export interface UserFilter {
  matches(user: UserRecord): boolean;
  /** Advanced filters need `ConsistencyLevel: eventual` and `$count=true`. */
  advanced: boolean;
}

const FIELDS: Readonly<Record<string, (user: UserRecord) => string | null>> = {
  id: (user) => user.id,
  usertype: (user) => (user.kind === 'guest' ? 'Guest' : 'Member'),
  accountenabled: (user) => String(user.accountEnabled),
  onpremisessyncenabled: () => null,
  mail: (user) => user.mail,
  userprincipalname: (user) => user.userPrincipalName,
  displayname: (user) => user.displayName,
};

const COMPARISON = /^\(?\s*(\w+)\s+(eq|ne)\s+('(?:[^']|'')*'|true|false|null)\s*\)?$/i;
const STARTS = /^\(?\s*(startswith|endswith)\s*\(\s*(\w+)\s*,\s*'((?:[^']|'')*)'\s*\)\s*\)?$/i;

/** Comparisons joined by `and`, or by `or`. @throws GraphError for anything else */
export function readUserFilter(text: string | undefined): UserFilter {
  if (text === undefined) return { matches: () => true, advanced: false };
  const alternatives = text.split(/\s+or\s+/i).map((part) => part.split(/\s+and\s+/i).map(readTerm));
  return {
    matches: (user) => alternatives.some((terms) => terms.every((term) => term.matches(user))),
    advanced: alternatives.some((terms) => terms.some((term) => term.advanced)),
  };
}

function readTerm(text: string): UserFilter {
  const comparison = COMPARISON.exec(text.trim());
  if (comparison !== null) {
    const [, name, operator, literal] = comparison as unknown as [string, string, string, string];
    const field = fieldOf(name);
    const wanted = literal === 'null' ? null : literal.replace(/^'|'$/g, '').replaceAll("''", "'").toLowerCase();
    const equal = (user: UserRecord): boolean => (field(user)?.toLowerCase() ?? null) === wanted;
    const positive = operator.toLowerCase() === 'eq';
    return { matches: (user) => equal(user) === positive, advanced: !positive };
  }
  const starts = STARTS.exec(text.trim());
  if (starts === null) throw badRequest(`Invalid filter clause: ${text}`, 'Request_UnsupportedQuery');
  const field = fieldOf(starts[2]!);
  const needle = starts[3]!.replaceAll("''", "'").toLowerCase();
  const atStart = starts[1]!.toLowerCase() === 'startswith';
  return {
    matches: (user) => {
      const value = field(user)?.toLowerCase() ?? '';
      return atStart ? value.startsWith(needle) : value.endsWith(needle);
    },
    advanced: !atStart,
  };
}

function fieldOf(name: string): (user: UserRecord) => string | null {
  const field = FIELDS[name.toLowerCase()];
  if (field === undefined)
    throw badRequest(`Unsupported property '${name}' in filter clause.`, 'Request_UnsupportedQuery');
  return field;
}
