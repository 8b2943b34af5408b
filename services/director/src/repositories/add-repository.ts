import { randomInt } from 'node:crypto';
import { Failure, foldName, parseName, Secret, type Clock } from '@backhaul/domain';
import {
  createRepository,
  unlockRepository,
  type Argon2Costs,
  type BlobStore,
  type RepositoryKeys,
} from '@backhaul/repository';
import type { DataSource } from 'typeorm';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { RepositoryEngine } from './engine.ts';
import { repositoryFolder } from './repository-folder.ts';
import { sealKeys } from './repository-keys.ts';
import {
  insertRepository,
  refuseKnownRepository,
  type RepositoryLocation,
  type RepositoryRow,
} from './repository.store.ts';

export interface AddRepositoryParts {
  database: DataSource;
  clock: Clock;
  secrets: SecretBox;
  engine: RepositoryEngine;
  /** Folders below which repositories may lie. */
  roots: readonly string[];
  /** What it costs to try one password of a new repository; default the repository's own. */
  passwordCosts?: Argon2Costs;
}

export interface RepositoryToAdd {
  name: string;
  folder: string;
}

/**
 * Makes a new repository in an empty folder. Without a `password` one is made, which the caller shows once: it is the only
 * way to the data without this Director. Either all of it exists afterwards, or nothing.
 * @throws Failure `conflict`, `invalid-input`, `not-writable`, `no-space`, `unsupported-format`: see `repositoryFolder`,
 * `refuseKnownRepository`, `createRepository`.
 */
export async function createNewRepository(
  parts: AddRepositoryParts,
  wanted: RepositoryToAdd & { password: Secret | null },
): Promise<{ repository: RepositoryRow; generatedPassword: Secret | null }> {
  const password = wanted.password ?? generatePassword();
  const generatedPassword = wanted.password === null ? password : null;
  const folder = await repositoryFolder(wanted.folder, parts.roots, 'make');
  const location: RepositoryLocation = { type: 'disk', folder: folder.path };
  let made: BlobStore | null = null;
  try {
    const name = await freeName(parts.database, wanted.name, location);
    const store = await parts.engine.openStore(location);
    const keys = await createRepository(store, {
      password,
      ...(parts.passwordCosts && { argon2: parts.passwordCosts }),
    });
    made = store;
    return { repository: await remember(parts, name, location, keys), generatedPassword };
  } catch (error) {
    if (made !== null) await removeNew(made);
    await folder.undo();
    throw namingOurField(error);
  }
}

/**
 * Connects a repository that exists already, made by this or another installation.
 * @throws Failure `wrong-key`, `not-found`, `unsupported-format`, `corrupt`, `conflict`: see `unlockRepository`.
 */
export async function attachRepository(
  parts: AddRepositoryParts,
  wanted: RepositoryToAdd & { password: Secret },
): Promise<RepositoryRow> {
  const folder = await repositoryFolder(wanted.folder, parts.roots, 'must-exist');
  const location: RepositoryLocation = { type: 'disk', folder: folder.path };
  const name = await freeName(parts.database, wanted.name, location);
  const store = await parts.engine.openStore(location);
  const keys = await unlockRepository(store, wanted.password).catch((error: unknown) => {
    throw namingOurField(error);
  });
  return remember(parts, name, location, keys);
}

async function freeName(database: DataSource, text: string, location: RepositoryLocation): Promise<string> {
  const name = parseName(text);
  await refuseKnownRepository(database, foldName(name), location);
  return name;
}

async function remember(
  { database, clock, secrets }: AddRepositoryParts,
  name: string,
  location: RepositoryLocation,
  keys: Secret<RepositoryKeys>,
): Promise<RepositoryRow> {
  const { repositoryId } = keys.reveal();
  const row: RepositoryRow = {
    id: repositoryId,
    name,
    nameFolded: foldName(name),
    location,
    keys: sealKeys(secrets, keys),
    createdAt: clock.now(),
  };
  await insertRepository(database, row);
  return row;
}

/** A failure of the engine with the field as requests name it: its `path` is our `folder`. */
function namingOurField(error: unknown): unknown {
  if (!(error instanceof Failure) || error.where['field'] !== 'path') return error;
  const { kind, code, message, hint, retry, where } = error;
  const details = { code, message, retry, where: { ...where, field: 'folder' }, cause: error };
  return new Failure(kind, hint === undefined ? details : { ...details, hint });
}

/** Takes back a repository of which nobody has heard yet. */
async function removeNew(store: BlobStore): Promise<void> {
  const names: string[] = [];
  for await (const { name } of store.list('')) names.push(name);
  for (const name of names) await store.remove(name);
}

/** Without letters that look alike. */
const PASSWORD_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const PASSWORD_GROUPS = 6;
const GROUP_LENGTH = 5;

/** 150 random bits as six groups of five letters and digits, fit to be written down. */
function generatePassword(): Secret {
  const group = () =>
    Array.from({ length: GROUP_LENGTH }, () => PASSWORD_LETTERS[randomInt(PASSWORD_LETTERS.length)]).join('');
  return new Secret(Array.from({ length: PASSWORD_GROUPS }, group).join('-'));
}
