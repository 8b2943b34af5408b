import type { EditTable } from '../../control/edit-table.ts';
import type { ContactsEdit } from '../../protocol/contacts/changes.ts';

/** Exact edits of contacts. */
export const CONTACTS_EDITS: EditTable<ContactsEdit> = {};
