import type { CanonicalContact, ContactsTruth } from '@backhaul/graph-simulator';
import { compareMultisets } from './compare-multisets.ts';
import type { Comparison } from './difference.ts';

/** Holds restored contacts against those they were restored from: each there exactly once, in the same folder, equal. */
export function compareRestoredContacts(source: ContactsTruth, target: ContactsTruth): Comparison {
  return compareMultisets(target.userPrincipalName, [...forms(source)], [...forms(target)]);
}

/** The default folder may have another name in another language. */
function* forms(truth: ContactsTruth): Iterable<CanonicalContact> {
  const defaultPath = truth.folders.find(({ isDefault }) => isDefault)?.path ?? [];
  for (const { canonical } of truth.contacts) {
    if (canonical === undefined) continue;
    const isInDefault = JSON.stringify(canonical.folderPath) === JSON.stringify(defaultPath);
    yield { ...canonical, folderPath: isInDefault ? ['{contacts}'] : canonical.folderPath };
  }
}
