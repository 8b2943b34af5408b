import type { ItemProperties, ItemSource } from '../src/item-source.ts';
import { fakeCalendarSource } from './fake-calendar-source.ts';
import { fakeContactSource } from './fake-contact-source.ts';
import type { FakeItem, FakeItems } from './fake-items.ts';
import { fakeMailSource } from './fake-mail-source.ts';
import { FakeMailbox } from './fake-mailbox.ts';
import type { CalendarUnderTest, ContactsUnderTest, ItemsUnderTest } from './items-under-test.ts';

/** The mail of a mailbox in memory, for the suite of all kinds. */
export async function fakeMailUnderTest(): Promise<ItemsUnderTest> {
  const mailbox = new FakeMailbox();
  const add = async (folderId: string) => mailbox.addMessage(folderId).properties.id;
  return underTest(mailbox, mailbox.mail, fakeMailSource(mailbox), 'inbox', add);
}

/** The contacts of a mailbox in memory, for their suite. */
export async function fakeContactsUnderTest(): Promise<ContactsUnderTest> {
  const mailbox = new FakeMailbox();
  const { contacts } = mailbox;
  const add = async (folderId: string) => mailbox.addContact(folderId).properties.id;
  return {
    ...underTest(mailbox, contacts, fakeContactSource(mailbox), 'contacts', add),
    addFolderBelow: async (parentId, name) => contacts.addFolder({ id: `${parentId}/${name}`, parentId, name }).id,
    addContact: async (folderId, properties, photo) =>
      mailbox.addContact(folderId, properties, { photo: photo ?? null }).properties.id,
  };
}

/** The calendars of a mailbox in memory, for their suite. */
export async function fakeCalendarUnderTest(): Promise<CalendarUnderTest> {
  const mailbox = new FakeMailbox();
  const { calendar } = mailbox;
  const add = async (calendarId: string) => mailbox.addEvent(calendarId).properties.id;
  return {
    ...underTest(mailbox, calendar, fakeCalendarSource(mailbox), 'calendar', add),
    addEvent: async (calendarId, { properties, attachments = [] }) =>
      mailbox.addEvent(calendarId, properties, { attachments }).properties.id,
    async changeOccurrence(seriesId, date, subject) {
      const { exceptions, properties } = calendar.touch(seriesId);
      const time = (properties.start?.dateTime ?? '').slice(11);
      const originalStart = new Date(Date.parse(`${date}T${time}Z`) - 3_600_000).toISOString();
      const id = `${seriesId}/${date}`;
      exceptions.push({ originalStart, properties: { id, changeKey: 'key', subject }, attachments: [] });
    },
    async cancelOccurrence(seriesId, date) {
      const { properties } = calendar.touch(seriesId);
      properties.cancelledOccurrences = [...(properties.cancelledOccurrences ?? []), `OID.${seriesId}.${date}`];
    },
  };
}

function underTest<I extends FakeItem, S extends ItemSource<ItemProperties>>(
  mailbox: FakeMailbox,
  items: FakeItems<I>,
  source: S,
  standardFolder: string,
  addItem: (folderId: string) => Promise<string>,
): ItemsUnderTest<S> {
  items.addFolder({ id: standardFolder, name: 'Standard', wellKnownName: standardFolder });
  mailbox.pageSize = 1_000;
  return {
    source,
    standardFolder,
    addItem,
    addFolder: async (name) => items.addFolder({ id: `folder ${name}`, name }).id,
    renameFolder: async (id, name) => items.changeFolder(id, { name }),
    removeFolder: async (id) => items.removeFolder(id),
    changeItem: async (id) => void items.change(id, () => undefined),
    removeItem: async (id) => items.remove(id),
    givePagesBelow: async (entries) => void (mailbox.pageSize = Math.ceil(entries / 3)),
    expireCursors: async () => mailbox.expireCursors(),
    close: async () => undefined,
  };
}
