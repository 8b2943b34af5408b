import { badRequest } from '../http/graph-error.ts';
import { normalPropertyId } from './extended-properties.ts';

/** What of items can be filtered by. Texts are compared without regard to case, but exact ones. */
export interface Filterable<Item> {
  /** Compared for equality alone, e.g. `internetMessageId`. */
  exact: Readonly<Record<string, (item: Item) => string | null>>;
  /** Compared in every way; names that end in `DateTime` are times. */
  compared: Readonly<Record<string, (item: Item) => string | null>>;
  /** For `startswith` and `contains`. */
  searched: Readonly<Record<string, (item: Item) => string>>;
  property(item: Item, id: string): string | undefined;
  /** Keys of the items whose exact field or extended property (in normal form) has the value; null without an index. */
  indexed(name: string, value: string): Iterable<number> | null;
}

/** A `$filter`: clauses joined by `and`. */
export interface Filter<Item> {
  /** Keys that can match, from an index; null: all have to be looked at. */
  candidates(): Iterable<number> | null;
  matches(item: Item): boolean;
}

interface Clause<Item> {
  matches(item: Item): boolean;
  candidates?: () => Iterable<number> | null;
}

const ANY_PROPERTY =
  /^singleValueExtendedProperties\/any\s*\(\s*(\w+)\s*:\s*\1\/id\s+eq\s+'((?:[^']|'')*)'\s+and\s+\1\/value\s+eq\s+'((?:[^']|'')*)'\s*\)/i;
const COMPARISON = /^([A-Za-z/]+)\s+(eq|ne|gt|ge|lt|le)\s+('(?:[^']|'')*'|[^\s()]+)/i;
const TEXT_FUNCTION = /^(startswith|contains)\s*\(\s*([A-Za-z/]+)\s*,\s*'((?:[^']|'')*)'\s*\)/i;

/** @throws GraphError for what is not supported */
export function readFilter<Item>(text: string, fields: Filterable<Item>): Filter<Item> {
  const clauses: Clause<Item>[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [clause, length] = readClause(rest, fields);
    clauses.push(clause);
    rest = rest.slice(length).trimStart();
    if (rest === '') break;
    const and = /^and\s+/i.exec(rest);
    if (and === null) throw unsupported(rest);
    rest = rest.slice(and[0].length);
  }
  if (clauses.length === 0) throw unsupported(text);
  return {
    candidates: () => {
      for (const { candidates } of clauses) {
        const keys = candidates?.() ?? null;
        if (keys !== null) return keys;
      }
      return null;
    },
    matches: (item) => clauses.every((clause) => clause.matches(item)),
  };
}

function readClause<Item>(text: string, fields: Filterable<Item>): [clause: Clause<Item>, length: number] {
  const property = ANY_PROPERTY.exec(text);
  if (property !== null) {
    const id = normalPropertyId(unquote(property[2]!));
    const value = unquote(property[3]!);
    const clause = {
      matches: (item: Item) => fields.property(item, id) === value,
      candidates: () => fields.indexed(id, value),
    };
    return [clause, property[0].length];
  }
  const fn = TEXT_FUNCTION.exec(text);
  if (fn !== null) {
    const read = fields.searched[fn[2]!];
    if (read === undefined) throw unsupported(text);
    const needle = unquote(fn[3]!).toLowerCase();
    const starts = fn[1]!.toLowerCase() === 'startswith';
    const test = (value: string): boolean => (starts ? value.startsWith(needle) : value.includes(needle));
    return [{ matches: (item) => test(read(item).toLowerCase()) }, fn[0].length];
  }
  const comparison = COMPARISON.exec(text);
  if (comparison === null) throw unsupported(text);
  const [whole, name, operator, literal] = comparison as unknown as [string, string, string, string];
  return [comparisonClause(name, operator.toLowerCase(), literal, fields), whole.length];
}

function comparisonClause<Item>(
  name: string,
  operator: string,
  literal: string,
  fields: Filterable<Item>,
): Clause<Item> {
  const value = literal.startsWith("'") ? unquote(literal.slice(1, -1)) : literal;
  const exact = fields.exact[name];
  if (exact !== undefined && operator === 'eq') {
    return { matches: (item) => exact(item) === value, candidates: () => fields.indexed(name, value) };
  }
  const read = fields.compared[name];
  if (read === undefined) throw unsupported(`${name} ${operator} ${literal}`);
  const wanted = /dateTime$/i.test(name) ? normalTime(value) : value.toLowerCase();
  return {
    matches: (item) => {
      const actual = read(item);
      return actual !== null && compare(actual, operator, wanted);
    },
  };
}

function compare(actual: string, operator: string, wanted: string): boolean {
  if (operator === 'eq') return actual === wanted;
  if (operator === 'ne') return actual !== wanted;
  if (operator === 'gt') return actual > wanted;
  if (operator === 'ge') return actual >= wanted;
  if (operator === 'lt') return actual < wanted;
  return actual <= wanted;
}

/** Times of the tenant are whole seconds in UTC. */
function normalTime(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw unsupported(text);
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function unquote(text: string): string {
  return text.replaceAll("''", "'");
}

function unsupported(text: string): Error {
  return badRequest(
    `The query filter contains one or more invalid nodes: '${text.slice(0, 80)}'.`,
    'ErrorInvalidUrlQueryFilter',
  );
}
