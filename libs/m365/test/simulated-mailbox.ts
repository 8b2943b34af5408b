import { restorableMessage, type MessageParts, type SourceAttachment } from '@backhaul/engine';
import type { ItemsUnderTest, LosableRequest, MailboxUnderTest } from '@backhaul/engine/testing';
import type { FaultMatch } from '@backhaul/graph-simulator';
import { mailSource, mailTarget } from '../src/index.ts';
import type { SimulatorScene } from './simulator-scene.ts';

/** A new mailbox of the simulated tenant for the suites of the ports, seen through Graph. */
export async function simulatedMailbox(scene: SimulatorScene): Promise<MailboxUnderTest> {
  const { control } = scene.simulator;
  const { id: mailbox } = await control.addUser();
  const graph = scene.open();
  const edited = async (edit: Parameters<typeof control.edit>[0]) => (await control.edit(edit))[0]?.id ?? '';
  const below = (parentId: string) => (parentId === '' ? 'msgfolderroot' : parentId);
  const fault = (match: FaultMatch, effect: Parameters<typeof control.addFault>[0]['effect']) =>
    control.addFault({ match: { mailbox, ...match }, effect });
  return {
    source: mailSource(graph, mailbox),
    target: mailTarget(graph, mailbox),
    addFolder: (parentId, displayName, hidden = false) =>
      edited({ do: 'add-folder', mailbox, parent: below(parentId), displayName, hidden }),
    renameFolder: async (folder, displayName) =>
      void (await edited({ do: 'rename-folder', mailbox, folder, displayName })),
    moveFolder: async (folder, toParentId) =>
      void (await edited({ do: 'move-folder', mailbox, folder, to: below(toParentId) })),
    removeFolder: async (folder) => void (await edited({ do: 'delete-folder', mailbox, folder })),
    async addMessage(folder, properties = {}, content = {}) {
      const message = { ...properties, ...(await contentJson(content)) };
      return (await control.addMessage({ mailbox, folder, message })).id;
    },
    changeMessage: async (message, set) => void (await edited({ do: 'update-message', mailbox, message, set })),
    moveMessage: async (message, to) => void (await edited({ do: 'move-message', mailbox, message, to })),
    removeMessage: async (message) => void (await edited({ do: 'delete-message', mailbox, message })),
    async breakMime(message) {
      const pathRegex = `/messages/${encodeURIComponent(message)}/\\$value`;
      await fault({ pathRegex }, { kind: 'status', status: 500, code: 'ErrorMimeContentConversionFailed' });
    },
    async givePagesBelow() {
      // Asked for 500, then for 50, then for 10 entries: a mailbox that cannot give large pages.
      await fault({ pathRegex: '/messages(/delta)?(\\?|$)', times: 10 }, { kind: 'status', status: 504 });
    },
    expireCursors: () => control.expireDeltaLinks({ mailbox }),
    loseAnswer: async (of) => void (await fault({ ...REQUESTS[of], nth: 1 }, { kind: 'lost-answer' })),
    mailsSent: async () => (await control.sent()).mails,
    close: async () => control.clearFaults(),
  };
}

/** The mail of such a mailbox for the suite of all kinds. */
export async function simulatedMail(scene: SimulatorScene): Promise<ItemsUnderTest> {
  const mailbox = await simulatedMailbox(scene);
  return {
    ...mailbox,
    standardFolder: 'inbox',
    addFolder: (name) => mailbox.addFolder('', name),
    addItem: (folderId) => mailbox.addMessage(folderId),
    changeItem: (id) => mailbox.changeMessage(id, { isRead: true }),
    removeItem: (id) => mailbox.removeMessage(id),
  };
}

/** How each request that a suite can have lost is made of Graph. */
const REQUESTS: Readonly<Record<LosableRequest, FaultMatch>> = {
  ensureFolder: { method: 'POST', pathRegex: '/(mailFolders|childFolders)$' },
  create: { method: 'POST', pathRegex: '/mailFolders/[^/]+/messages$' },
  attach: { method: 'POST', pathRegex: '/attachments$' },
  markComplete: { method: 'PATCH', pathRegex: '/messages/[^/]+$' },
  remove: { method: 'POST', pathRegex: '/permanentDelete$' },
};

async function contentJson({ body, attachments = [] }: Partial<MessageParts>): Promise<Record<string, unknown>> {
  return {
    ...(body !== undefined && { body }),
    ...(attachments.length > 0 && { attachments: await Promise.all(attachments.map(attachmentJson)) }),
  };
}

async function attachmentJson(attachment: SourceAttachment): Promise<Record<string, unknown>> {
  const { kind, name, contentType, contentId, isInline, content } = attachment;
  const type = { '@odata.type': `#microsoft.graph.${kind}Attachment`, name };
  if (kind === 'reference') return type;
  if (kind === 'item') return { ...type, item: await itemJson(attachment) };
  const contentBytes = Buffer.from(content).toString('base64');
  return { ...type, contentType, isInline, contentBytes, ...(contentId !== '' && { contentId }) };
}

async function itemJson(attachment: SourceAttachment): Promise<Record<string, unknown>> {
  const parts: MessageParts = { body: { contentType: 'text', content: '' }, attachments: [attachment] };
  const holder = { id: '', changeKey: '', parentFolderId: '' };
  const [item] = (await restorableMessage({ properties: holder, content: parts })).attachments;
  if (item?.kind !== 'item') throw new Error(`${attachment.name} is no message.`);
  const { attachments: _attachments, ...message } = item.message;
  return { '@odata.type': '#microsoft.graph.message', ...message };
}
