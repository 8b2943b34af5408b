import { itemsPerKind, shuffled, type ChangeOrder } from '../../control/change-order.ts';
import { seededRandom, type Random } from '../../generate/random.ts';
import type { ChangedItem, ItemChanges } from '../../protocol/item.ts';
import { generateContact } from '../generate/contact.ts';
import type { ContactBook } from '../state/contact-book.ts';
import type { ContactFields, ContactState } from '../state/contact.ts';
import { mergedFields } from '../state/next-state.ts';
import { changeContact, createContact, removeContact } from '../state/operations.ts';

/** Changes a share of the contacts of each mailbox. @throws Error for a user without a mailbox */
export function changeContacts(order: ChangeOrder, report: ItemChanges): void {
  for (const book of chosenBooks(order)) changeBook(order, book, report);
}

function changeBook(order: ChangeOrder, book: ContactBook, report: ItemChanges): void {
  const { tenant, share, now } = order;
  const random = seededRandom(order.seed, book.number, 818);
  const kinds = order.kinds.filter((kind) => kind !== 'moved');
  const keys = shuffled(
    [...book.contacts.values()].filter(({ state }) => state !== null).map(({ key }) => key),
    random,
  );
  const total = keys.length;
  const count = itemsPerKind(total, share, kinds.length);
  const item = (key: number): ChangedItem => ({
    mailbox: tenant.owner(book.number).id,
    id: tenant.ids.encode('contact', book.number, key),
  });
  for (const kind of kinds) {
    if (kind === 'new') {
      const { language } = tenant.owner(book.number);
      for (let number = Math.ceil(total * share); number > 0; number--) {
        const folder = random.pick([...book.folders.values()].filter(({ state }) => state !== null)).key;
        const state: ContactState = { ...generateContact(folder, language, random), createdAt: now, modifiedAt: now };
        report.new.push(item(createContact(tenant, book, state)));
      }
      continue;
    }
    for (const key of keys.splice(0, count)) {
      if (kind === 'changed') changeContact(tenant, book, key, changeOf(book.contact(key)!, random), now);
      else removeContact(tenant, book, key);
      report[kind].push(item(key));
    }
  }
}

function changeOf(state: ContactState, random: Random): Partial<ContactState> {
  const set = (fields: Partial<ContactFields>): Partial<ContactState> => ({
    fields: mergedFields(state.fields, { texts: {}, lists: {}, addresses: {}, ...fields }),
  });
  return random.pick([
    () => set({ texts: { jobTitle: `Changed ${random.below(100_000)}` } }),
    () => set({ texts: { personalNotes: `Changed\r\n${random.below(100_000)}` } }),
    () => set({ lists: { businessPhones: [`+41 44 ${random.below(100_000)}`] } }),
    () => set({ emailAddresses: [{ name: 'Changed', address: `changed${random.below(100_000)}@partner.example` }] }),
    () =>
      ({
        photo: { bytes: { from: 'seed', seed: random.bits(), size: 5000, kind: 'noise' }, contentType: 'image/jpeg' },
      }) as const,
  ])();
}

function chosenBooks({ tenant, users }: ChangeOrder): ContactBook[] {
  if (users === null) return [...tenant.contacts.values()].filter((book) => book.contacts.size > 0);
  return users.map((user) => {
    const book = tenant.contacts.get(user.mailbox ?? -1);
    if (book === undefined) throw new Error(`there is no mailbox of ${user.userPrincipalName}`);
    return book;
  });
}
