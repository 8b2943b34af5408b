import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Failure, isFailure, Secret } from '@backhaul/domain';
import { rows, type Executor } from '../database/statement.ts';
import { createKeyFile, readKeyFile, type KeyEncryptionKey } from './key-encryption-key.ts';
import { SecretBox, type SealContext, type SealedValue } from './secret-box.ts';

/** Who we are: made at the first start, the same for every Director on this database. */
export interface Installation {
  id: string;
  kek: KeyEncryptionKey;
  secrets: SecretBox;
  /** Ed25519 private key (PKCS #8, PEM) that signs what is offered to Transporters. */
  signingKey: Secret;
}

/** Where the key-encryption key comes from: given outright, or a file that the first start may make. */
export type KeySource = { type: 'given'; key: KeyEncryptionKey } | { type: 'file'; path: string };

const KEY_CHECK = 'backhaul key check';

interface InstallationRow {
  id: string;
  key_check: SealedValue;
  signing_key: SealedValue;
}

/**
 * Opens the installation with the host's key, or makes both at the first start.
 * @throws Failure `wrong-key` (`key.missing`, `key.changed`) when the key is not the one of the first start: nothing is
 * changed then.
 */
export async function openInstallation(database: Executor, source: KeySource): Promise<Installation> {
  const existing = await readInstallation(database);
  if (existing === null) return createInstallation(database, newKey(source));
  const kek = source.type === 'given' ? source.key : readKeyFile(source.path);
  if (kek === null) throw keyMissing(source);
  return unlock(existing, kek);
}

async function createInstallation(database: Executor, kek: KeyEncryptionKey): Promise<Installation> {
  const secrets = new SecretBox(kek);
  const id = randomUUID();
  const signingKey = new Secret(
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  );
  await rows(
    database,
    'insert into installation (id, key_check, signing_key) values ($1, $2, $3) on conflict do nothing',
    [
      id,
      secrets.seal(new Secret(KEY_CHECK), context(id, 'key_check')),
      secrets.seal(signingKey, context(id, 'signing_key')),
    ],
  );
  // Another Director may have been first: what the database says counts.
  const row = await readInstallation(database);
  if (row === null) throw new Error('The installation row vanished.');
  return unlock(row, kek);
}

function newKey(source: KeySource): KeyEncryptionKey {
  return source.type === 'given' ? source.key : (readKeyFile(source.path) ?? createKeyFile(source.path));
}

function unlock(row: InstallationRow, kek: KeyEncryptionKey): Installation {
  const secrets = new SecretBox(kek);
  try {
    if (secrets.open(row.key_check, context(row.id, 'key_check')).reveal() !== KEY_CHECK) throw keyChanged();
    return { id: row.id, kek, secrets, signingKey: secrets.open(row.signing_key, context(row.id, 'signing_key')) };
  } catch (error) {
    throw isFailure(error, 'wrong-key', 'corrupt') ? keyChanged() : error;
  }
}

async function readInstallation(database: Executor): Promise<InstallationRow | null> {
  const [row] = await rows<InstallationRow>(database, 'select id, key_check, signing_key from installation');
  return row ?? null;
}

function context(id: string, column: string): SealContext {
  return { table: 'installation', column, rowId: id };
}

function keyMissing(source: KeySource): Failure {
  const place = source.type === 'file' ? ` ${source.path}` : '';
  return new Failure('wrong-key', {
    code: 'key.missing',
    message: `The key file${place} is missing, but this database holds secrets that were sealed with it.`,
    hint: 'Put the key file of the first start back, or name it in BACKHAUL_KEY_FILE.',
    retry: 'never',
    where: { field: 'BACKHAUL_KEY' },
  });
}

function keyChanged(): Failure {
  return new Failure('wrong-key', {
    code: 'key.changed',
    message: 'The key is not the one that this database was set up with.',
    hint: 'Start the Director with the key of the first start, or with the database that belongs to this key.',
    retry: 'never',
    where: { field: 'BACKHAUL_KEY' },
  });
}
