import { openMailbox, openMailboxForWriting, type GraphContext, type OpenMailbox } from '../../graph/graph-context.ts';
import { itemNotFound, malformedId } from '../../http/graph-error.ts';
import type { Preferences } from '../../http/graph-request.ts';
import { ROOT } from '../../mail/state/mailbox.ts';
import { DEFAULT_FOLDER, type ContactBook, type ContactFolderRecord } from '../state/contact-book.ts';
import type { ContactFolderState, ContactState } from '../state/contact.ts';

/** The contacts of a mailbox as a request names it. */
export interface OpenBook extends OpenMailbox {
  book: ContactBook;
}

/** A contact folder as a request names it. */
export interface OpenContactFolder extends OpenBook {
  folder: ContactFolderRecord & { state: ContactFolderState };
}

/** A contact as a request names it. */
export interface OpenContact extends OpenBook {
  key: number;
  contact: ContactState;
}

export function openBook(context: GraphContext, user: string, write = false): OpenBook {
  const open = (write ? openMailboxForWriting : openMailbox)(context, user);
  return { ...open, book: context.tenant.contacts.get(open.mailbox.number)! };
}

/** @param name id, or `contacts` for the default folder */
export function openContactFolder({ tenant }: GraphContext, open: OpenBook, name: string): OpenContactFolder {
  let key = DEFAULT_FOLDER;
  if (name.toLowerCase() !== 'contacts') {
    const decoded = tenant.ids.decode(name);
    if (decoded === null || decoded.kind !== 'contact-folder') throw malformedId();
    if (decoded.mailbox !== open.book.number) throw itemNotFound();
    key = decoded.key;
  }
  const folder = open.book.folders.get(key);
  if (folder === undefined || folder.state === null) throw itemNotFound();
  return { ...open, folder: folder as OpenContactFolder['folder'] };
}

/** @param id of either form */
export function openContact({ tenant }: GraphContext, open: OpenBook, id: string): OpenContact {
  const decoded = tenant.ids.decode(id);
  if (decoded === null || (decoded.kind !== 'contact' && decoded.kind !== 'moved-contact')) throw malformedId();
  const contact = decoded.mailbox === open.book.number ? open.book.contact(decoded.key) : null;
  if (contact === null || (decoded.kind === 'moved-contact' && decoded.extra !== contact.moves)) throw itemNotFound();
  return { ...open, key: decoded.key, contact };
}

/** Null stands for the mailbox's root, which is no contact folder. */
export function contactFolderId({ tenant }: GraphContext, book: ContactBook, key: number | null): string {
  return key === null
    ? tenant.ids.encode('folder', book.number, ROOT)
    : tenant.ids.encode('contact-folder', book.number, key);
}

/** In the form that the request prefers. */
export function contactId(
  { tenant }: GraphContext,
  book: ContactBook,
  key: number,
  moves: number,
  preferences: Preferences,
): string {
  if (preferences.immutableIds) return tenant.ids.encode('contact', book.number, key);
  return tenant.ids.encode('moved-contact', book.number, key, moves);
}
