import { Failure, isFailure, type Secret } from '@backhaul/domain';
import type { Repository, RepositoryKeys } from '@backhaul/repository';
import type { DataSource } from 'typeorm';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { RepositoryEngine } from './engine.ts';
import { openKeys } from './repository-keys.ts';
import { readRepository, type RepositoryLocation } from './repository.store.ts';

/** What a Transporter is lent of a repository while it holds a task. */
export interface RepositoryLoan {
  location: RepositoryLocation;
  keys: Secret<RepositoryKeys>;
}

/** The repositories that this Director has open for browsing and checks: each at most once, until it stops. */
export class OpenRepositories {
  readonly #database: DataSource;
  readonly #box: SecretBox;
  readonly #engine: RepositoryEngine;
  readonly #open = new Map<string, Promise<Repository>>();

  constructor(database: DataSource, box: SecretBox, engine: RepositoryEngine) {
    this.#database = database;
    this.#box = box;
    this.#engine = engine;
  }

  /** @throws Failure `not-found`, `unreachable`, and what opening throws (`corrupt` …); the next call tries again. */
  get(repositoryId: string): Promise<Repository> {
    const known = this.#open.get(repositoryId);
    if (known !== undefined) return known;
    const opening = this.loan(repositoryId).then((loan) => this.#openNow(repositoryId, loan));
    this.#open.set(repositoryId, opening);
    opening.catch(() => this.#open.delete(repositoryId));
    return opening;
  }

  /** Place and data keys. @throws Failure `not-found`, `wrong-key`, `corrupt`. */
  async loan(repositoryId: string): Promise<RepositoryLoan> {
    const row = await readRepository(this.#database, repositoryId);
    return { location: row.location, keys: openKeys(this.#box, row) };
  }

  async #openNow(repositoryId: string, { location, keys }: RepositoryLoan): Promise<Repository> {
    try {
      return await this.#engine.open(location, keys);
    } catch (error) {
      throw isFailure(error, 'not-found') ? outOfReach(repositoryId, location, error) : error;
    }
  }

  /** Ends the workers of all. */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((opening) => opening.then((repository) => repository.close()).catch(() => undefined)));
  }
}

/** We know the repository, but it is not where it was. */
function outOfReach(repositoryId: string, location: RepositoryLocation, cause: Failure): Failure {
  return new Failure('unreachable', {
    code: 'repository.unreachable',
    message: `The repository is not in its folder ${location.folder}.`,
    hint: "Mount its disk on the Director's host, or put the folder back.",
    retry: 'later',
    where: { repositoryId },
    cause,
  });
}
