import type { Tenant } from '../tenant/tenant.ts';

/** The whole number that a parameter gives. @throws Error when it is none */
export function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}

/** Number of the mailbox of a user, who is named by id or principal name. @throws Error when there is none */
export function mailboxNumber(tenant: Tenant, name: string): number {
  const number = tenant.user(name)?.mailbox ?? null;
  if (number === null) throw new Error(`there is no mailbox of ${name}`);
  return number;
}

/** Whose truth is asked for, at which mark, and whether with canonical forms. */
export interface TruthQuery {
  /** User id or principal name. */
  owner: string;
  mark: number;
  forms: boolean;
}

/** @throws Error without an owner, and for a mark that is still to come */
export function readTruthQuery(tenant: Tenant, query: URLSearchParams): TruthQuery {
  const owner = query.get('mailbox');
  if (owner === null) throw new Error('truth needs ?mailbox=');
  const mark = readNumber(query, 'mark') ?? tenant.sequence;
  if (mark > tenant.sequence) throw new Error(`there is no mark ${mark} yet`);
  return { owner, mark, forms: query.get('forms') !== 'false' };
}
