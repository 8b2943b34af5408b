import type { ItemProperties, ItemSource, SourceAttachment } from '@backhaul/engine';
import type { CalendarUnderTest, ContactsUnderTest, ItemsUnderTest } from '@backhaul/engine/testing';
import type { Edit } from '@backhaul/graph-simulator';
import { calendarSource, contactSource } from '../src/index.ts';
import type { SimulatorScene } from './simulator-scene.ts';

/** The contacts of a new mailbox of the simulated tenant, seen through Graph. */
export async function simulatedContacts(scene: SimulatorScene): Promise<ContactsUnderTest> {
  const { control } = scene.simulator;
  const { id: mailbox } = await control.addUser();
  const edited = editor(scene);
  const add: ContactsUnderTest['addContact'] = async (folder, contact, photo) => {
    const withPhoto = photo === undefined ? {} : { photoBase64: Buffer.from(photo).toString('base64') };
    return (await control.addContact({ mailbox, folder, contact: { ...contact }, ...withPhoto })).id;
  };
  return {
    ...underTest(scene, mailbox, contactSource(scene.open(), mailbox), 'contacts'),
    addFolder: (displayName) => edited({ do: 'add-contact-folder', mailbox, displayName }),
    addFolderBelow: (parent, displayName) => edited({ do: 'add-contact-folder', mailbox, displayName, parent }),
    renameFolder: async (folder, displayName) =>
      void (await edited({ do: 'rename-contact-folder', mailbox, folder, displayName })),
    removeFolder: async (folder) => void (await edited({ do: 'delete-contact-folder', mailbox, folder })),
    addContact: add,
    addItem: (folder) => add(folder, { displayName: 'Somebody' }),
    changeItem: async (contact) =>
      void (await edited({ do: 'update-contact', mailbox, contact, set: { jobTitle: 'Changed' } })),
    removeItem: async (contact) => void (await edited({ do: 'delete-contact', mailbox, contact })),
  };
}

/** The calendars of a new mailbox of the simulated tenant, seen through Graph. */
export async function simulatedCalendar(scene: SimulatorScene): Promise<CalendarUnderTest> {
  const { control } = scene.simulator;
  const { id: mailbox } = await control.addUser();
  const edited = editor(scene);
  const add: CalendarUnderTest['addEvent'] = async (calendar, { properties, attachments = [] }) => {
    const event = { ...properties, ...(attachments.length > 0 && { attachments: attachments.map(fileJson) }) };
    return (await control.addEvent({ mailbox, calendar, event })).id;
  };
  return {
    ...underTest(scene, mailbox, calendarSource(scene.open(), mailbox), 'calendar'),
    addFolder: (name) => edited({ do: 'add-calendar', mailbox, name }),
    renameFolder: async (calendar, name) => void (await edited({ do: 'rename-calendar', mailbox, calendar, name })),
    removeFolder: async (calendar) => void (await edited({ do: 'delete-calendar', mailbox, calendar })),
    addEvent: add,
    addItem: (calendar) => add(calendar, { properties: { subject: 'Something', ...anHour } }),
    changeItem: async (event) =>
      void (await edited({ do: 'update-event', mailbox, event, set: { subject: 'Changed' } })),
    removeItem: async (event) => void (await edited({ do: 'delete-event', mailbox, event })),
    changeOccurrence: async (event, date, subject) =>
      void (await edited({ do: 'change-occurrence', mailbox, event, date, set: { subject } })),
    cancelOccurrence: async (event, date) => void (await edited({ do: 'cancel-occurrence', mailbox, event, date })),
  };
}

const at = (hour: number) => ({ dateTime: `2026-12-07T${hour}:00:00`, timeZone: 'UTC' });
const anHour = { start: at(10), end: at(11) };

/** Makes one edit; returns the id of what it made. */
function editor(scene: SimulatorScene) {
  return async (edit: Edit) => (await scene.simulator.control.edit(edit))[0]?.id ?? '';
}

function underTest<S extends ItemSource<ItemProperties>>(
  scene: SimulatorScene,
  mailbox: string,
  source: S,
  standardFolder: string,
): Pick<ItemsUnderTest<S>, 'source' | 'standardFolder' | 'givePagesBelow' | 'expireCursors' | 'close'> {
  const { control } = scene.simulator;
  return {
    source,
    standardFolder,
    async givePagesBelow() {
      // Asked for 500, then for 50, then for 10 entries: a mailbox that cannot give large pages.
      const match = { mailbox, pathRegex: '/(contacts|events)(/delta)?(\\?|$)', times: 10 };
      await control.addFault({ match, effect: { kind: 'status', status: 504 } });
    },
    expireCursors: () => control.expireDeltaLinks({ mailbox }),
    close: async () => control.clearFaults(),
  };
}

function fileJson({ name, contentType, content, isInline }: SourceAttachment): Record<string, unknown> {
  const contentBytes = Buffer.from(content).toString('base64');
  return { '@odata.type': '#microsoft.graph.fileAttachment', name, contentType, contentBytes, isInline };
}
