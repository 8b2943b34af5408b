import { Secret } from '@backhaul/domain';
import type { RepositoryKeys } from '@backhaul/repository';
import type { SealContext, SealedValue, SecretBox } from '../secrets/secret-box.ts';
import type { RepositoryRow } from './repository.store.ts';

/** The data keys of a repository as they are stored. */
export function sealKeys(box: SecretBox, keys: Secret<RepositoryKeys>): SealedValue {
  const plain = keys.reveal();
  return box.seal(new Secret(JSON.stringify(plain)), context(plain.repositoryId));
}

/** @throws Failure `wrong-key`, `corrupt`; see `SecretBox.open`. */
export function openKeys(box: SecretBox, row: Pick<RepositoryRow, 'id' | 'keys'>): Secret<RepositoryKeys> {
  return new Secret(JSON.parse(box.open(row.keys, context(row.id)).reveal()) as RepositoryKeys);
}

function context(repositoryId: string): SealContext {
  return { table: 'repositories', column: 'keys', rowId: repositoryId };
}
