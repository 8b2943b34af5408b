import { createHash } from 'node:crypto';
import type { ChangeTrackingMode, ItemKind } from '@backhaul/domain';

/**
 * A fingerprint of everything that a cursor of one kind depends on: the fields asked for and the change-tracking mode. A
 * cursor made under another one is never used, because it would report other changes than are wanted now. Other kinds have
 * no part in it: a job that takes in contacts goes on with its cursors of mail.
 */
export function cursorScope(kind: ItemKind, fields: readonly string[], mode: ChangeTrackingMode): string {
  const scope = { version: 2, kind, mode, fields };
  return createHash('sha256').update(JSON.stringify(scope)).digest('hex').slice(0, 32);
}
