import { isFailure } from '@backhaul/domain';
import type { MessageProperties } from '../../mail-source.ts';
import type { MailTarget, TwinQuery } from '../../mail-target.ts';
import { readStoredMessage, type StoredMessage } from '../../stored-message.ts';
import type { TargetFolder } from '../target-folder.ts';
import type { Ask, RestorableItem, RestoreKind } from '../restore-kind.ts';
import { additionsOf } from '../attachments.ts';
import { differences, expectedForms, listedDifferences, type ExpectedForms } from './compare-messages.ts';
import { restorableMessage } from './restorable-message.ts';

/** How messages are restored. */
export function messageKind(target: MailTarget): RestoreKind {
  return {
    kind: 'mail',
    noun: 'message',
    target,
    folders: 'nested',
    refusedEarlier: {
      code: 'restore.attachment-refused',
      message: 'An earlier attempt was refused an attachment of it.',
    },
    async open(entry, point, ask) {
      const stored = await readStoredMessage(entry, point);
      return stored === null ? null : openMessage(target, stored, ask);
    },
  };
}

async function openMessage(target: MailTarget, stored: StoredMessage, ask: Ask): Promise<RestorableItem> {
  const { message, attachments, losses } = await restorableMessage(stored);
  const query = twinQuery(stored);
  let forms: Promise<ExpectedForms> | null = null;
  const formsIn = ({ path }: TargetFolder) => (forms ??= expectedForms(stored, path));
  return {
    losses,
    likeness: query.internetMessageId === '' ? JSON.stringify(query) : query.internetMessageId,
    async findVersions(folder) {
      const found = await ask((signal) => target.findTwins(folder.id, query, signal));
      return found.map((candidate) => ({
        id: candidate.id,
        isSame: async () => isSame(target, await formsIn(folder), candidate, ask),
      }));
    },
    create: (folderId, mark) => ask((signal) => target.create(folderId, { ...message, mark }, signal)),
    additions: additionsOf(attachments, (id, attachment) => ask((signal) => target.attach(id, attachment, signal))),
    async differences(folder, id) {
      const found = await ask((signal) => target.findTwins(folder.id, query, signal));
      const properties = found.find((candidate) => candidate.id === id);
      if (properties === undefined) return ['readable'];
      const mime = await ask((signal) => target.mime(id, signal));
      const { restored } = await formsIn(folder);
      const isAsDrafted = (properties.isDraft ?? false) === (stored.properties.isDraft ?? false);
      return [...(isAsDrafted ? [] : ['isDraft']), ...(await differences(restored, properties, mime))];
    },
  };
}

/** How a message is looked for among those of a folder. */
function twinQuery({ properties }: StoredMessage): TwinQuery {
  return {
    internetMessageId: properties.internetMessageId ?? '',
    subject: properties.subject ?? '',
    sentDateTime: properties.sentDateTime ?? null,
  };
}

async function isSame(
  target: MailTarget,
  { whole, restored: damaged }: ExpectedForms,
  candidate: MessageProperties,
  ask: Ask,
): Promise<boolean> {
  const listed = [await listedDifferences(whole, candidate), await listedDifferences(damaged, candidate)];
  if (listed.every((members) => members.length > 0)) return false;
  const mime = await mimeOf(target, candidate.id, ask);
  if (mime === null) return false;
  for (const form of [whole, damaged]) if ((await differences(form, candidate, mime)).length === 0) return true;
  return false;
}

/** Null when it is gone meanwhile or Microsoft cannot deliver it: then nothing says that it is the same. */
async function mimeOf(target: MailTarget, id: string, ask: Ask): Promise<Uint8Array | null> {
  try {
    return await ask((signal) => target.mime(id, signal));
  } catch (error) {
    if (isFailure(error, 'not-found', 'unreadable')) return null;
    throw error;
  }
}
