import { badRequest } from '../../http/graph-error.ts';
import type { Mailbox } from '../state/mailbox.ts';
import type { MessageState } from '../state/message.ts';
import { hasShownAttachments } from './message-json.ts';
import { normalPropertyId, propertyValue } from './extended-properties.ts';

/** A `$filter` of messages: clauses joined by `and`. */
export interface MessageFilter {
  /** Keys that can match, from an index; null: all have to be looked at. */
  candidates(mailbox: Mailbox): Iterable<number> | null;
  matches(state: MessageState): boolean;
}

interface Clause {
  matches(state: MessageState): boolean;
  candidates?(mailbox: Mailbox): Iterable<number>;
}

const ANY_PROPERTY =
  /^singleValueExtendedProperties\/any\s*\(\s*(\w+)\s*:\s*\1\/id\s+eq\s+'((?:[^']|'')*)'\s+and\s+\1\/value\s+eq\s+'((?:[^']|'')*)'\s*\)/i;
const COMPARISON = /^([A-Za-z/]+)\s+(eq|ne|gt|ge|lt|le)\s+('(?:[^']|'')*'|[^\s()]+)/i;
const TEXT_FUNCTION = /^(startswith|contains)\s*\(\s*subject\s*,\s*'((?:[^']|'')*)'\s*\)/i;

/** @throws GraphError for what is not supported */
export function readMessageFilter(text: string): MessageFilter {
  const clauses: Clause[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [clause, length] = readClause(rest);
    clauses.push(clause);
    rest = rest.slice(length).trimStart();
    if (rest === '') break;
    const and = /^and\s+/i.exec(rest);
    if (and === null) throw unsupported(rest);
    rest = rest.slice(and[0].length);
  }
  if (clauses.length === 0) throw unsupported(text);
  return {
    candidates: (mailbox) => clauses.find((clause) => clause.candidates !== undefined)?.candidates!(mailbox) ?? null,
    matches: (state) => clauses.every((clause) => clause.matches(state)),
  };
}

function readClause(text: string): [clause: Clause, length: number] {
  const property = ANY_PROPERTY.exec(text);
  if (property !== null) {
    const id = normalPropertyId(unquote(property[2]!));
    const value = unquote(property[3]!);
    const stored = { candidates: (mailbox: Mailbox) => mailbox.withProperty(id, value) };
    const isStored =
      !/^\w+ 0x/.test(id) ||
      !['Integer 0xe07', 'Long 0xe08', 'SystemTime 0x39', 'SystemTime 0xe06', 'String 0x1035', 'String 0x1a'].includes(
        id,
      );
    return [
      { matches: (state) => propertyValue(state, id) === value, ...(isStored ? stored : {}) },
      property[0].length,
    ];
  }
  const fn = TEXT_FUNCTION.exec(text);
  if (fn !== null) {
    const needle = unquote(fn[2]!).toLowerCase();
    const starts = fn[1]!.toLowerCase() === 'startswith';
    const test = (subject: string): boolean => (starts ? subject.startsWith(needle) : subject.includes(needle));
    return [{ matches: (state) => test((state.content.subject ?? '').toLowerCase()) }, fn[0].length];
  }
  const comparison = COMPARISON.exec(text);
  if (comparison === null) throw unsupported(text);
  const [whole, name, operator, literal] = comparison as unknown as [string, string, string, string];
  return [comparisonClause(name, operator.toLowerCase(), literal), whole.length];
}

function comparisonClause(name: string, operator: string, literal: string): Clause {
  const value = literal.startsWith("'") ? unquote(literal.slice(1, -1)) : literal;
  if (name === 'internetMessageId' && operator === 'eq') {
    return {
      matches: (state) => state.content.internetMessageId === value,
      candidates: (mailbox) => mailbox.withMessageId(value),
    };
  }
  const read = COMPARED[name];
  if (read === undefined) throw unsupported(`${name} ${operator} ${literal}`);
  const wanted = name.endsWith('DateTime') ? normalTime(value) : value.toLowerCase();
  return {
    matches: (state) => {
      const actual = read(state);
      return actual !== null && compare(actual, operator, wanted);
    },
  };
}

const COMPARED: Readonly<Record<string, (state: MessageState) => string | null>> = {
  subject: (state) => (state.content.subject ?? '').toLowerCase(),
  receivedDateTime: (state) => state.receivedAt,
  sentDateTime: (state) => state.content.sentAt,
  createdDateTime: (state) => state.createdAt,
  lastModifiedDateTime: (state) => state.modifiedAt,
  isRead: (state) => String(state.isRead),
  isDraft: (state) => String(state.isDraft),
  importance: (state) => state.importance,
  hasAttachments: (state) => String(hasShownAttachments(state)),
  'from/emailAddress/address': (state) => state.content.from?.address.toLowerCase() ?? null,
};

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
