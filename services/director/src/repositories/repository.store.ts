import { Failure } from '@backhaul/domain';
import { rows, violatedConstraint, type Executor } from '../database/statement.ts';
import type { SealedValue } from '../secrets/secret-box.ts';

/** Where a repository lies. */
export interface RepositoryLocation {
  type: 'disk';
  /** Absolute, without symbolic links. The same folder on every host that uses the repository. */
  folder: string;
}

/** A repository as the database knows it. Its id is the one in the repository's own configuration. */
export interface RepositoryRow {
  id: string;
  name: string;
  nameFolded: string;
  location: RepositoryLocation;
  /** The data keys, sealed; never a password. */
  keys: SealedValue;
  createdAt: Date;
}

const COLUMNS = 'id, name, name_folded as "nameFolded", location, keys, created_at as "createdAt"';

/** @throws Failure `conflict` when name, place or repository is known already. */
export async function insertRepository(on: Executor, row: RepositoryRow): Promise<void> {
  try {
    await rows(
      on,
      `insert into repositories (id, name, name_folded, location, location_key, keys, created_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [row.id, row.name, row.nameFolded, row.location, locationKey(row.location), row.keys, row.createdAt],
    );
  } catch (error) {
    throw duplicate(violatedConstraint(error)) ?? error;
  }
}

/** @throws Failure `conflict` when a repository of this name or at this place is known already. */
export async function refuseKnownRepository(
  on: Executor,
  nameFolded: string,
  location: RepositoryLocation,
): Promise<void> {
  const [known] = await rows<{ name: string; nameFolded: string }>(
    on,
    'select name, name_folded as "nameFolded" from repositories where name_folded = $1 or location_key = $2',
    [nameFolded, locationKey(location)],
  );
  if (known !== undefined) throw known.nameFolded === nameFolded ? nameTaken() : knownAlready(known.name);
}

/** Repositories by name; one more than `limit` tells that there is a next page. @param after (folded name, id). */
export async function listRepositories(
  on: Executor,
  after: readonly string[] | null,
  limit: number,
): Promise<RepositoryRow[]> {
  return rows<RepositoryRow>(
    on,
    `select ${COLUMNS} from repositories where $1::text is null or (name_folded, id) > ($1, $2::uuid)
      order by name_folded, id limit $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
}

/** @throws Failure `not-found`. */
export async function readRepository(on: Executor, repositoryId: string): Promise<RepositoryRow> {
  const [found] = await rows<RepositoryRow>(on, `select ${COLUMNS} from repositories where id = $1`, [repositoryId]);
  if (found !== undefined) return found;
  throw new Failure('not-found', {
    code: 'repository.not-found',
    message: 'There is no such repository.',
    hint: 'List the repositories to find its id.',
    retry: 'never',
    where: { repositoryId },
  });
}

/** By this a place is known: two spellings of one folder give one key. */
function locationKey(location: RepositoryLocation): string {
  return `${location.type}:${location.folder}`;
}

function duplicate(constraint: string | null): Failure | null {
  if (constraint?.includes('name_folded') === true) return nameTaken();
  return constraint?.startsWith('repositories_') === true ? knownAlready('another name') : null;
}

function nameTaken(): Failure {
  return new Failure('conflict', {
    code: 'repository.name-taken',
    message: 'There is a repository of this name.',
    hint: 'Choose another name.',
    retry: 'never',
    where: { field: 'name' },
  });
}

function knownAlready(name: string): Failure {
  return new Failure('conflict', {
    code: 'repository.known-already',
    message: `This repository is connected already, as "${name}".`,
    hint: 'Use that one, or choose another folder.',
    retry: 'never',
    where: { field: 'folder' },
  });
}
