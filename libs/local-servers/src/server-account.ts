import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ServerUnavailable } from './unavailable.ts';

/** A user of the operating system. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root. Root's servers run as the user `postgres` where there is one, else as `nobody`;
 * nothing is added to the system. Undefined when this process is not root: then the servers run as its own user.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8'));
  const account =
    accounts.find(({ name }) => name === 'postgres') ??
    accounts.find(({ name, uid }) => name === 'nobody' && uid !== 0);
  if (account) return account;
  throw new ServerUnavailable(
    'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it as. ' +
      'Add a user "postgres", or run this as an ordinary user.',
  );
}

/** The lines of /etc/passwd: name, password, uid, gid, … separated by colons. */
export function parseAccounts(passwd: string): Account[] {
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** The first folder on the way to `path`, itself included, that the account may not enter; undefined if there is none. */
export async function firstClosedFolder(path: string, account: Account): Promise<string | undefined> {
  const way: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    way.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of way) {
    const { mode, uid, gid } = await stat(folder);
    const needed = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return folder;
  }
  return undefined;
}
