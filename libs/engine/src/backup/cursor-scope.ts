import { createHash } from 'node:crypto';
import type { ChangeTrackingMode, ItemKind } from '@backhaul/domain';
import { MESSAGE_FIELDS } from '../mail-source.ts';

/**
 * A fingerprint of everything a cursor depends on: the fields asked for, the kinds covered and the change-tracking mode.
 * A cursor made under another one is never used, because it would report other changes than are wanted now.
 */
export function cursorScope(kinds: readonly ItemKind[], mode: ChangeTrackingMode): string {
  const scope = { version: 1, kinds: [...kinds].sort(), mode, messageFields: MESSAGE_FIELDS };
  return createHash('sha256').update(JSON.stringify(scope)).digest('hex').slice(0, 32);
}
