import type { FailureRecord } from '@backhaul/domain';
import type { ItemEntry, PartContent, PartRef } from '@backhaul/repository';
import type { ItemProperties } from './item-source.ts';

/**
 * Names of the parts that items of every kind of a mailbox have:
 *
 * - `properties`: Microsoft's JSON (UTF-8);
 * - `unread`: the newest version could not be read, or not all of it; JSON with what was listed of it and the reason. The
 *   other parts, where there are any, show the last version that could be read, or (`isPartial`) what of the newest one
 *   could be read. Later runs try again.
 */
export const ITEM_PARTS = { properties: 'properties', unread: 'unread' } as const;

/** What the part `unread` says. */
export interface UnreadItem {
  properties: ItemProperties;
  failure: FailureRecord;
  /** The other parts are of the newest version, and something is missing in it. Default: false. */
  isPartial?: boolean;
}

/** Where an entry's parts are read from: a session or a point. */
export interface PartSource {
  readPart(part: PartRef): Promise<Uint8Array>;
}

/** The part that says why the newest version of an item, or some of it, is missing. */
export function unreadPart(unread: UnreadItem): PartContent {
  return jsonPart(ITEM_PARTS.unread, unread);
}

/** True when the point does not hold all of the newest version of the item. */
export function isUnread(entry: ItemEntry): boolean {
  return partOf(entry, ITEM_PARTS.unread) !== undefined;
}

/** What is missing, and what was listed of it; null when nothing is missing. */
export async function readUnread(entry: ItemEntry, source: PartSource): Promise<UnreadItem | null> {
  const part = partOf(entry, ITEM_PARTS.unread);
  return part === undefined ? null : readJson<UnreadItem>(part, source);
}

/** True when a version of the item could be read once. */
export function hasContent(entry: ItemEntry): boolean {
  return partOf(entry, ITEM_PARTS.properties) !== undefined;
}

/** Microsoft's JSON of an item; null when no version of it could ever be read. */
export async function readProperties<P extends ItemProperties>(
  entry: ItemEntry,
  source: PartSource,
): Promise<P | null> {
  const part = partOf(entry, ITEM_PARTS.properties);
  return part === undefined ? null : readJson<P>(part, source);
}

/** The part of this name. */
export function partOf(entry: Pick<ItemEntry, 'parts'>, name: string): PartRef | undefined {
  return entry.parts.find((part) => part.name === name);
}

/** A part that holds a value as JSON. */
export function jsonPart(name: string, value: unknown): PartContent {
  return { name, format: 'bytes', content: Buffer.from(JSON.stringify(value), 'utf8') };
}

/** The value of a part of {@link jsonPart}; such parts are written by us alone and verified against their hash at every read. */
export async function readJson<T>(part: PartRef, source: PartSource): Promise<T> {
  return JSON.parse(Buffer.from(await source.readPart(part)).toString('utf8')) as T;
}

/** A display form: `Ada <ada@example.com>`, or what there is of it. */
export function displayAddress(
  of: { emailAddress?: { name?: string | null; address?: string | null } | null } | null | undefined,
): string {
  const { name, address } = of?.emailAddress ?? {};
  if (!address) return name ?? '';
  return name && name !== address ? `${name} <${address}>` : address;
}

/** ISO 8601 UTC with milliseconds; `''` for what is no time. */
export function isoTime(time: string | null | undefined): string {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? '' : new Date(parsed).toISOString();
}
