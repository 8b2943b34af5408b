import type { CanonicalMessage, MailboxTruth } from '@backhaul/graph-simulator';
import { firstDifference, type Comparison, type Difference } from './difference.ts';

/**
 * Holds a restored mailbox against the one it was restored from, both by the tenant's own truth: every message is there
 * exactly once, in the same folder (well-known folders may have other names there), equal in the canonical form, and not a
 * draft unless it was one. References to cloud files cannot be created and are left out on both sides.
 */
export function compareRestoredMail(source: MailboxTruth, target: MailboxTruth): Comparison {
  const differences: Difference[] = [];
  const differs = (item: string, problem: string) =>
    differences.push({ object: target.userPrincipalName, item, problem });

  const restored = new Map<string, CanonicalMessage[]>();
  for (const message of forms(target)) {
    const key = identity(message);
    restored.set(key, [...(restored.get(key) ?? []), message]);
  }
  let count = 0;
  for (const expected of forms(source)) {
    count += 1;
    const candidates = restored.get(identity(expected)) ?? [];
    const exact = candidates.findIndex((one) => JSON.stringify(one) === JSON.stringify(expected));
    if (exact >= 0) candidates.splice(exact, 1);
    else if (candidates.length === 0) differs(expected.internetMessageId, `"${expected.subject}" was not restored`);
    else differs(expected.internetMessageId, `differs: ${firstDifference(expected, candidates.shift())}`);
  }
  for (const left of [...restored.values()].flat()) {
    differs(left.internetMessageId, `"${left.subject}" is there once too often`);
  }
  return { items: count, folders: 0, bytes: 0, differences };
}

/** What ties a restored message to its original while the rest may differ. */
function identity(message: CanonicalMessage): string {
  return JSON.stringify([message.folderPath, message.internetMessageId, message.subject, message.sentAt]);
}

function* forms(truth: MailboxTruth): Iterable<CanonicalMessage & { isDraft: boolean }> {
  const paths = comparablePaths(truth);
  for (const message of truth.messages) {
    if (!message.canonical) continue;
    yield {
      ...message.canonical,
      folderPath: paths.get(message.folderId) ?? message.canonical.folderPath,
      attachments: message.canonical.attachments.filter((attachment) => attachment.kind !== 'reference'),
      isDraft: message.isDraft,
    };
  }
}

/** Folder paths with the well-known name, which is the same in every language, in place of the display name. */
function comparablePaths(truth: MailboxTruth): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const folder of truth.folders) {
    const above = folder.parentId === null ? [] : (paths.get(folder.parentId) ?? []);
    const name = folder.wellKnownName === null ? (folder.path.at(-1) ?? '') : `{${folder.wellKnownName}}`;
    paths.set(folder.id, [...above, name]);
  }
  return paths;
}
