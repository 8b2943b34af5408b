import { isFailure, Failure } from '@backhaul/domain';
import type { BlobStore } from './blob-store.ts';
import { unsupported } from './corrupt.ts';
import { CONFIG_NAME } from './names.ts';
import { readText } from './signed-text.ts';

/** What `config` says; readable without a password, proven only with the keys. */
export interface RepositoryConfig {
  format: 'backhaul-repository';
  version: 1;
  /** UUID. */
  repositoryId: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** Abilities a program must know to touch this repository; none so far. */
  features: string[];
}

/** Features this program knows. */
const KNOWN_FEATURES: readonly string[] = [];

/**
 * Tells what lies in a store, without a password.
 * @throws Failure `not-found`, code `repository.none`; `unsupported-format`, also code `repository.foreign`; `corrupt`.
 */
export async function readConfig(store: BlobStore): Promise<RepositoryConfig> {
  return parseConfig(await readConfigText(store));
}

/** The bytes of `config`. @throws Failure `not-found`, code `repository.none`. */
export async function readConfigText(store: BlobStore): Promise<Uint8Array> {
  try {
    return await store.get(CONFIG_NAME);
  } catch (error) {
    if (!isFailure(error, 'not-found')) throw error;
    throw new Failure('not-found', {
      code: 'repository.none',
      message: `There is no backup repository at ${store.description}.`,
      retry: 'never',
      hint: 'Check the path, or create the repository first.',
      where: { field: 'path' },
      cause: error,
    });
  }
}

/** Parses and judges `config`. @throws Failure as {@link readConfig}. */
export function parseConfig(text: Uint8Array): RepositoryConfig {
  if (!Buffer.from(text).includes('"backhaul-repository"')) {
    throw new Failure('unsupported-format', {
      code: 'repository.foreign',
      message: 'What lies there is not a Backhaul repository.',
      retry: 'never',
      hint: 'Choose another, empty place.',
      where: { field: 'path', object: CONFIG_NAME },
    });
  }
  const config = readText(CONFIG_NAME, text) as RepositoryConfig;
  if (config.version !== 1)
    throw unsupported(CONFIG_NAME, `the repository has format version ${String(config.version)}; this program knows 1`);
  const unknown = config.features.filter((feature) => !KNOWN_FEATURES.includes(feature));
  if (unknown.length > 0)
    throw unsupported(CONFIG_NAME, `the repository uses features this program does not know: ${unknown.join(', ')}`);
  return config;
}
