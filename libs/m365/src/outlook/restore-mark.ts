import type { RestoreMark } from '@backhaul/engine';
import { quoted } from '../mail/mailbox.ts';
import { expandProperties } from '../mail/message-properties.ts';

/**
 * How a created item says where it comes from: two named string properties, one that is searched for (Graph compares
 * whole values only) and one with the rest. Named properties are per mailbox and survive moves.
 */
const PROPERTY_SET = '{6a7f6a52-5d1b-4c0e-9a57-0c1f2b7d3e94}';
const RESTORE_ID = `String ${PROPERTY_SET} Name BackhaulRestore`;
const ITEM = `String ${PROPERTY_SET} Name BackhaulRestoredItem`;

export interface ExtendedProperty {
  id: string;
  value: string;
}

/** The mark as extended properties of an item to create or change. */
export function markProperties(mark: RestoreMark): ExtendedProperty[] {
  return [
    { id: RESTORE_ID, value: mark.restoreId },
    { id: ITEM, value: `${stateOf(mark)}/${mark.itemId}` },
  ];
}

function stateOf({ complete, isReduced = false }: RestoreMark): 'partial' | 'complete' | 'reduced' {
  if (!complete) return 'partial';
  return isReduced ? 'reduced' : 'complete';
}

/** The mark of a listed item, or null when it carries none. Ids come back in the service's own spelling. */
export function readMark(properties: readonly ExtendedProperty[] | null | undefined): RestoreMark | null {
  const value = (name: string) => properties?.find(({ id }) => id.endsWith(` Name ${name}`))?.value;
  const restoreId = value('BackhaulRestore');
  const item = /^(complete|partial|reduced)\/(.*)$/s.exec(value('BackhaulRestoredItem') ?? '');
  if (restoreId === undefined || item === null) return null;
  const [, state, itemId = ''] = item;
  return { restoreId, itemId, complete: state !== 'partial', ...(state === 'reduced' && { isReduced: true }) };
}

/** Query for the items of one restore, with their marks. */
export function markedQuery(restoreId: string): string {
  const either = 'singleValueExtendedProperties/any';
  const filter = `${either}(ep: ep/id eq '${RESTORE_ID}' and ep/value eq `;
  return [
    `$filter=${encodeURIComponent(filter)}${quoted(restoreId)})`,
    `$expand=${encodeURIComponent(expandProperties([RESTORE_ID, ITEM]))}`,
    '$select=id',
  ].join('&');
}
