import { createHash } from 'node:crypto';
import { canonicalHash, canonicalMessage, readStoredMessage } from '@backhaul/engine';
import type { FolderTruth, MailboxTruth, MessageTruth } from '@backhaul/graph-simulator';
import type { ExpectedFolder, ExpectedItem, ExpectedTree } from './compare-tree.ts';
import { firstDifference } from './difference.ts';

/**
 * What a point must hold of a mailbox's mail: every message equal in the canonical form, its stored MIME byte for byte what
 * was sent.
 *
 * @param sentBodies SHA-256 of every body the tenant has sent
 */
export function expectedMail(truth: MailboxTruth, sentBodies: ReadonlySet<string>): ExpectedTree {
  return {
    owner: truth.userPrincipalName,
    kind: 'mail',
    folders: truth.folders.map(expectedFolder),
    items: truth.messages.map((message) => expectedMessage(message, sentBodies)),
  };
}

function expectedFolder({ id, path, hidden, wellKnownName }: FolderTruth): ExpectedFolder {
  return {
    id,
    path,
    compare: (stored) =>
      stored.hidden === hidden && stored.wellKnownName === wellKnownName
        ? null
        : 'differs in being hidden or well-known',
  };
}

function expectedMessage(truth: MessageTruth, sentBodies: ReadonlySet<string>): ExpectedItem {
  return {
    id: truth.id,
    folderId: truth.folderId,
    async compare(item, point, folderPath, differs) {
      const message = await readStoredMessage(item, point);
      if (!(message?.content instanceof Uint8Array)) {
        differs(item.id, `has the parts ${item.parts.map((part) => part.name).join(', ')}, not mime and properties`);
        return;
      }
      const sha256 = createHash('sha256').update(message.content).digest('hex');
      if (!sentBodies.has(sha256)) differs(item.id, 'stored MIME is not among the bodies that were sent');
      if (truth.mimeSha256 !== null && truth.mimeSha256 !== sha256)
        differs(item.id, 'stored MIME is not the given one');
      if (truth.canonicalHash === null) return;
      const form = await canonicalMessage(message.properties, message.content, folderPath);
      if (canonicalHash(form) !== truth.canonicalHash) {
        differs(item.id, `canonical form differs: ${firstDifference(truth.canonical, form)}`);
      }
    },
  };
}
