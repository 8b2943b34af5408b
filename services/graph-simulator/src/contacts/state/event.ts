/** What happens to contacts. */
export type ContactsEvent = never;
