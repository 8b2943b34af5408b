/** One exact edit of contacts. */
export type ContactsEdit = never;
