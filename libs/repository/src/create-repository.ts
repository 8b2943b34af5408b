import { randomBytes, randomUUID } from 'node:crypto';
import { Failure, isFailure, Secret, systemClock } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { parseConfig, readConfig, readConfigText, type RepositoryConfig } from './config.ts';
import { createOnce } from './create-once.ts';
import { keyRing, uuidBytes } from './key-ring.ts';
import { DEFAULT_ARGON2_COSTS, readSlot, requirePassword, unwrapKey, wrapKey, type Argon2Costs } from './key-slot.ts';
import { CONFIG_NAME, PREFIX, slotName } from './names.ts';
import type { RepositoryKeys } from './repository.ts';
import { signText, verifyText } from './signed-text.ts';

export interface CreateRepositoryOptions {
  password: Secret;
  /** UUID, lower case. Default: a new one. */
  repositoryId?: string;
  /** Default {@link DEFAULT_ARGON2_COSTS}; tests may take less. */
  argon2?: Argon2Costs;
  /** ISO 8601, UTC. Default: now by the host's clock. */
  createdAt?: string;
}

/**
 * Creates a repository in an empty store. It exists from the moment `config` is there, which is created last and by one
 * caller only; what a crash before that leaves behind (a key slot) does not hinder a second try.
 * @throws Failure `conflict`, codes `repository.exists`, `repository.not-empty`; `unsupported-format`, code
 * `repository.foreign`; `invalid-input`; what the store throws.
 */
export async function createRepository(
  store: BlobStore,
  options: CreateRepositoryOptions,
): Promise<Secret<RepositoryKeys>> {
  const repositoryId = options.repositoryId ?? randomUUID();
  if (uuidBytes(repositoryId) === null) throw invalidId();
  requirePassword(options.password);
  await requireEmpty(store);
  const masterKey = randomBytes(32);
  const keys = new Secret<RepositoryKeys>({ repositoryId, masterKey: masterKey.toString('base64') });
  const ring = keyRing(keys);
  const name = slotName(randomBytes(16).toString('hex'));
  const slot = await wrapKey(name, repositoryId, masterKey, options.password, options.argon2 ?? DEFAULT_ARGON2_COSTS);
  const config: RepositoryConfig = {
    format: 'backhaul-repository',
    version: 1,
    repositoryId,
    createdAt: options.createdAt ?? systemClock().now().toISOString(),
    features: [],
  };
  await store.put(name, [signText(ring, name, slot)]);
  if ((await createOnce(store, CONFIG_NAME, signText(ring, CONFIG_NAME, config))) !== null) {
    await store.remove(name);
    throw exists(store);
  }
  return keys;
}

/**
 * The data keys, for a password. Costs as much time and memory as the slots were made with.
 * @throws Failure `wrong-key`; `unsupported-format`; `not-found`, code `repository.none`; `corrupt`.
 */
export async function unlockRepository(store: BlobStore, password: Secret): Promise<Secret<RepositoryKeys>> {
  const configText = await readConfigText(store);
  const { repositoryId } = parseConfig(configText);
  let damaged: unknown;
  for await (const { name } of store.list(PREFIX.slots)) {
    try {
      const slot = readSlot(name, await store.get(name));
      if (slot?.repositoryId !== repositoryId) continue;
      const masterKey = await unwrapKey(name, slot, password);
      if (masterKey === null) continue;
      const keys = new Secret<RepositoryKeys>({ repositoryId, masterKey: masterKey.toString('base64') });
      verifyText(keyRing(keys), CONFIG_NAME, configText);
      return keys;
    } catch (error) {
      if (!isFailure(error, 'corrupt')) throw error;
      damaged = error;
    }
  }
  if (damaged !== undefined) throw damaged as Error;
  throw new Failure('wrong-key', {
    code: 'repository.wrong-password',
    message: `The password does not open the repository at ${store.description}.`,
    retry: 'never',
    hint: 'Enter the password that the repository was created with.',
    where: { field: 'password' },
  });
}

/** An empty place, or one with nothing but key slots of a creation that did not end. */
async function requireEmpty(store: BlobStore): Promise<void> {
  for await (const { name } of store.list('')) {
    if (name === CONFIG_NAME) {
      await readConfig(store);
      throw exists(store);
    }
    if (name.startsWith(PREFIX.slots)) continue;
    const isRepository = (await store.stat(CONFIG_NAME)) !== null;
    if (isRepository) {
      await readConfig(store);
      throw exists(store);
    }
    throw new Failure('conflict', {
      code: 'repository.not-empty',
      message: `${store.description} is not empty: there is ${name}.`,
      retry: 'never',
      hint: 'Choose an empty folder for the new repository.',
      where: { field: 'path', object: name },
    });
  }
}

function exists(store: BlobStore): Failure {
  return new Failure('conflict', {
    code: 'repository.exists',
    message: `There is already a backup repository at ${store.description}.`,
    retry: 'never',
    hint: 'Connect the existing repository with its password, or choose an empty place.',
    where: { field: 'path' },
  });
}

function invalidId(): Failure {
  return new Failure('invalid-input', {
    code: 'repository.id-invalid',
    message: 'The repository id is not a UUID in lower case.',
    retry: 'never',
    hint: 'Leave it out to get a new one.',
    where: { field: 'repositoryId' },
  });
}
