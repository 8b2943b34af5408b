import { badRequest } from '../http/graph-error.ts';
import type { Address } from '../mail/state/message.ts';

export interface RecipientJson {
  emailAddress: { name: string; address: string };
}

export function recipient(address: Address): RecipientJson {
  return { emailAddress: { name: address.name, address: address.address } };
}

export function recipientOrNull(address: Address | null): RecipientJson | null {
  return address === null ? null : recipient(address);
}

/** @throws GraphError for what is no recipient */
export function readRecipient(value: unknown): Address | null {
  if (value === undefined || value === null) return null;
  const email = (value as { emailAddress?: { name?: unknown; address?: unknown } | null }).emailAddress;
  if (email === undefined || email === null) return null;
  const { name, address } = email;
  if (address !== undefined && address !== null && typeof address !== 'string') throw invalid();
  if (name !== undefined && name !== null && typeof name !== 'string') throw invalid();
  if (!address && !name) return null;
  return { name: name ?? '', address: address ?? '' };
}

/** @throws GraphError for what is no collection of recipients with addresses */
export function readRecipients(value: unknown, field: string): Address[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRequest(`${field} must be a collection.`, 'UnableToDeserializePostBody');
  return value.map((entry) => {
    const address = readRecipient(entry);
    if (address === null || address.address.trim() === '') throw invalid();
    if (field === 'replyTo' && !/^\S+@\S+$/.test(address.address)) throw invalid();
    return address;
  });
}

function invalid(): Error {
  return badRequest('At least one recipient is not valid.', 'ErrorInvalidRecipients');
}
