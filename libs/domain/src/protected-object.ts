/** What can be protected. User, shared and room mailboxes are all `mailbox`. */
export const OBJECT_KINDS = ['mailbox', 'groupMailbox', 'oneDrive', 'site', 'team'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** What a recovery point of an object can cover. A point names the kinds it covers; what was not read is not protected. */
export const ITEM_KINDS = ['mail', 'contacts', 'calendar', 'files'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** A protected object as tasks, points and restores refer to it. */
export interface ProtectedObject {
  /** Our own id (UUID), stable over renames. */
  id: string;
  /** Our id of the tenant connection it belongs to. */
  tenantId: string;
  kind: ObjectKind;
  /** Microsoft's object id (never the UPN, which changes). */
  externalId: string;
  displayName: string;
  /** Primary address, or empty where there is none. */
  address: string;
}

/** What of an object of each kind can be backed up so far; the kinds without any are only listed. */
export const KINDS_OF_ITEMS: Readonly<Record<ObjectKind, readonly ItemKind[]>> = {
  mailbox: ['mail', 'contacts', 'calendar'],
  groupMailbox: [],
  oneDrive: ['files'],
  site: [],
  team: [],
};
