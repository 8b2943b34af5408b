import type { Language } from '../../generate/languages.ts';
import { seededRandom } from '../../generate/random.ts';
import { shareOf } from '../../generate/shares.ts';
import type { TenantShape } from '../../options.ts';
import type { UserRecord } from '../../tenant/user.ts';
import { ContactBook, DEFAULT_FOLDER } from '../state/contact-book.ts';
import { generateContact } from './contact.ts';

/** Name of the default folder. */
const DEFAULT_NAMES: Readonly<Record<Language, string>> = {
  en: 'Contacts',
  de: 'Kontakte',
  fr: 'Contacts',
  es: 'Contactos',
  pl: 'Kontakty',
  ja: '連絡先',
  ru: 'Контакты',
  emoji: 'Contacts',
};

/** A contact book with nothing but the default folder. */
export function emptyContactBook(mailbox: number, language: Language): ContactBook {
  return new ContactBook(mailbox, DEFAULT_NAMES[language]);
}

/** The contacts of a new tenant, one book for each of the first users. */
export function generateContactBooks(shape: TenantShape, users: readonly UserRecord[]): ContactBook[] {
  return Array.from({ length: shape.mailboxes }, (_, at) => {
    const { language } = users[at]!;
    const book = emptyContactBook(at + 1, language);
    const count = shareOf(shape.contacts, shape.mailboxes, at);
    if (count === 0) return book;
    const random = seededRandom(shape.seed, book.number, 717);
    const folders = makeFolders(book);
    for (let number = 0; number < count; number++) {
      const folder = random.chance(0.6) ? DEFAULT_FOLDER : random.pick(folders);
      const state = generateContact(folder, language, random);
      book.take({ do: 'contact', mailbox: book.number, key: book.newKey(), state }, 0);
    }
    return book;
  });
}

/** Folders beside the default one and below it, nested; one stays empty. */
function makeFolders(book: ContactBook): number[] {
  const make = (name: string, parent: number | null): number => {
    const key = book.newKey();
    book.take({ do: 'contact-folder', mailbox: book.number, key, state: { name, parent } }, 0);
    return key;
  };
  const customers = make('Customers', null);
  const asia = make('アジア 🌏', customers);
  const deep = make('Deeper', asia);
  const family = make('Family / Friends', DEFAULT_FOLDER);
  make('Empty', null);
  return [customers, asia, deep, family];
}
