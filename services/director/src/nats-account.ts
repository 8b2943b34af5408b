import { Failure, type Secret } from '@backhaul/domain';
import { parseCreds } from '@nats-io/jwt';
import { fromPublic, fromSeed } from '@nats-io/nkeys';

/** The NATS account in which Director and Transporters live, with what signs the Transporters' credentials. */
export interface NatsAccount {
  /** `A…` */
  publicKey: string;
  /** `SA…`: of the account itself or of a signing key of it. */
  signingSeed: Secret;
}

/**
 * The account that the Director's .creds file belongs to, whoever signed it: the account's own key or a signing key of it.
 * Credentials for others must name the same account. Whether the seed belongs to that account only the server can tell.
 * @throws Failure `invalid-input` (`settings.invalid`) when the text is no .creds file, names no account, or the seed is
 * none of an account key.
 */
export async function readNatsAccount(settings: { credentials: Secret; accountSeed: Secret }): Promise<NatsAccount> {
  const publicKey = await accountNamedBy(settings.credentials);
  if (!isAccountKey(() => fromPublic(publicKey))) {
    throw unusable('BACKHAUL_NATS_CREDENTIALS', 'does not name the account that it belongs to', CREDENTIALS_HINT);
  }
  if (!isAccountKey(() => fromSeed(new TextEncoder().encode(settings.accountSeed.reveal())))) {
    throw unusable('BACKHAUL_NATS_ACCOUNT_SEED', 'is not the seed of an account key', SEED_HINT);
  }
  return { publicKey, signingSeed: settings.accountSeed };
}

async function accountNamedBy(credentials: Secret): Promise<string> {
  try {
    const { aid } = await parseCreds(new TextEncoder().encode(credentials.reveal()));
    return aid;
  } catch {
    throw unusable('BACKHAUL_NATS_CREDENTIALS', 'is not the text of a .creds file', CREDENTIALS_HINT);
  }
}

/** The library checks type and checksum; its message may hold the key, so it is dropped. */
function isAccountKey(read: () => { getPublicKey(): string }): boolean {
  try {
    return read().getPublicKey().startsWith('A');
  } catch {
    return false;
  }
}

const CREDENTIALS_HINT = 'Name the file that was made for the Director in BACKHAUL_NATS_CREDENTIALS_FILE.';
const SEED_HINT =
  'Name the file with the seed of the account, or of a signing key of it, in BACKHAUL_NATS_ACCOUNT_SEED_FILE.';

function unusable(field: string, problem: string, hint: string): Failure {
  return new Failure('invalid-input', {
    code: 'settings.invalid',
    message: `${field} ${problem}.`,
    hint,
    retry: 'never',
    where: { field },
  });
}
