import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeAccount, encodeOperator, encodeUser, fmtCreds } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed, type KeyPair } from '@nats-io/nkeys';

/**
 * Who may do what on a nats-server, in its operator mode: the operator vouches for accounts, an account for its users,
 * all by signed tokens; the server keeps no passwords. Here: one operator, the system account, and the account BACKHAUL
 * with JetStream, in which Director and Transporters live. The three seeds are secrets.
 */
export interface NatsAuthority {
  operatorJwt: string;
  systemAccountJwt: string;
  systemAccountPublicKey: string;
  accountJwt: string;
  accountPublicKey: string;
  /** Signs accounts anew, for example with revoked users. */
  operatorSeed: string;
  /** Signs users of the system account, who watch the server. */
  systemAccountSeed: string;
  /** Signs users of the account BACKHAUL: the Director mints the Transporters' credentials with it. */
  accountSigningSeed: string;
}

const FILE = 'nats-authority.json';
const UNLIMITED = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** Makes new keys and tokens for everything; takes a few milliseconds. */
export async function createNatsAuthority(): Promise<NatsAuthority> {
  const operator = createOperator();
  const system = createAccount();
  const account = createAccount();
  const accountSigner = createAccount();
  const systemAccountPublicKey = system.getPublicKey();
  return {
    operatorJwt: await encodeOperator('backhaul', operator, { system_account: systemAccountPublicKey }),
    systemAccountJwt: await encodeAccount('SYS', system, { limits: UNLIMITED }, { signer: operator }),
    systemAccountPublicKey,
    accountJwt: await encodeAccount(
      'BACKHAUL',
      account,
      { limits: { ...UNLIMITED, ...JETSTREAM }, signing_keys: [accountSigner.getPublicKey()] },
      { signer: operator },
    ),
    accountPublicKey: account.getPublicKey(),
    operatorSeed: seedOf(operator),
    systemAccountSeed: seedOf(system),
    accountSigningSeed: seedOf(accountSigner),
  };
}

/** Writes the authority into a folder, as a file that only this user can read. Replaces what is there in one step. */
export async function saveNatsAuthority(authority: NatsAuthority, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${FILE}.${process.pid}.new`);
  await writeFile(draft, `${JSON.stringify(authority, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(folder, FILE));
}

/** Reads what `saveNatsAuthority` wrote; undefined if there is none. Throws if the file is damaged. */
export async function loadNatsAuthority(folder: string): Promise<NatsAuthority | undefined> {
  const file = join(folder, FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const problem = `${file} is no NATS authority. Restore it from a backup, or remove it and enrol all Transporters anew.`;
  try {
    const read = JSON.parse(text) as Partial<NatsAuthority>;
    if (NAMES.every((name) => typeof read[name] === 'string')) return read as NatsAuthority;
  } catch {
    // Said below; the parser's own message could repeat part of a secret.
  }
  throw new Error(problem);
}

const NAMES = [
  'operatorJwt',
  'systemAccountJwt',
  'systemAccountPublicKey',
  'accountJwt',
  'accountPublicKey',
  'operatorSeed',
  'systemAccountSeed',
  'accountSigningSeed',
] as const satisfies (keyof NatsAuthority)[];

/** Credentials (the text of a .creds file) of a new user with every right in the account BACKHAUL: the Director. */
export async function directorCredentials(authority: NatsAuthority): Promise<string> {
  const user = createUser();
  const jwt = await encodeUser(
    'director',
    user,
    authority.accountPublicKey,
    {},
    { signer: seed(authority.accountSigningSeed) },
  );
  return new TextDecoder().decode(fmtCreds(jwt, user));
}

/** Credentials of a new user of the system account, who may watch the server and reload its configuration. */
export async function systemCredentials(authority: NatsAuthority): Promise<string> {
  const user = createUser();
  const jwt = await encodeUser('system', user, seed(authority.systemAccountSeed));
  return new TextDecoder().decode(fmtCreds(jwt, user));
}

function seed(text: string): KeyPair {
  return fromSeed(new TextEncoder().encode(text));
}

function seedOf(keys: KeyPair): string {
  return new TextDecoder().decode(keys.getSeed());
}
