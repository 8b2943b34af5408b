import { generateUser, hasMailboxOf } from '../directory/people.ts';
import { MAILBOX_LANGUAGES, type Language } from '../generate/languages.ts';
import { seededRandom } from '../generate/random.ts';
import type { GraphContext } from '../graph/graph-context.ts';
import { makeWellKnownFolders } from '../mail/generate/folders.ts';
import { isoSeconds } from '../mail/generate/message.ts';
import type { NewUser, UserPatch } from '../protocol/users.ts';
import type { UserRecord } from '../tenant/user.ts';

/** Makes a user, with an empty mailbox where its kind has one. */
export function addUser({ tenant }: GraphContext, user: NewUser): UserRecord {
  const { kind = 'user', language = 'en' } = user;
  if (!MAILBOX_LANGUAGES.includes(language as Language))
    throw new Error(`language must be one of ${MAILBOX_LANGUAGES.join(', ')}`);
  const number = Math.max(0, ...tenant.mailboxes.keys()) + 1;
  const hasMailbox = hasMailboxOf(kind);
  const random = seededRandom(tenant.shape.seed, tenant.sequence, 909);
  const made = generateUser(random, tenant.users.size + 1, kind, language as Language, hasMailbox ? number : null);
  const displayName = user.displayName ?? `${made.displayName} ${tenant.users.size + 1}`;
  const userPrincipalName = user.userPrincipalName ?? made.userPrincipalName;
  if (tenant.user(userPrincipalName) !== undefined) throw new Error(`there is a user ${userPrincipalName} already`);
  const record = { ...made, displayName, userPrincipalName, mail: made.mail === null ? null : userPrincipalName };
  tenant.apply({ do: 'user', user: record });
  if (hasMailbox) {
    const mailbox = tenant.mailboxes.get(number)!;
    makeWellKnownFolders(mailbox, record.language, (key, state) =>
      tenant.apply({ do: 'folder', mailbox: number, key, state }),
    );
  }
  return record;
}

/** @throws Error when there is no such user */
export function changeUser(
  context: GraphContext,
  name: string,
  { displayName, userPrincipalName, accountEnabled, mailboxState, hasArchive, deleted }: UserPatch,
): UserRecord {
  const { tenant } = context;
  const user = tenant.user(name);
  if (user === undefined) throw new Error(`there is no user ${name}`);
  if (userPrincipalName !== undefined) refuseTaken(tenant.user(userPrincipalName), user);
  const changed: UserRecord = {
    ...user,
    ...(displayName !== undefined && { displayName }),
    ...(userPrincipalName !== undefined && renamed(user, userPrincipalName)),
    ...(accountEnabled !== undefined && { accountEnabled }),
    ...(mailboxState !== undefined && { mailboxState }),
    ...(hasArchive !== undefined && { hasArchive }),
    ...(deleted !== undefined && { deletedAt: deleted ? isoSeconds(context.now().getTime()) : null }),
  };
  tenant.apply({ do: 'user', user: changed });
  return changed;
}

/** @throws Error when the name is another user's */
function refuseTaken(owner: UserRecord | undefined, user: UserRecord): void {
  if (owner !== undefined && owner.id !== user.id)
    throw new Error(`there is a user ${owner.userPrincipalName} already`);
}

function renamed({ mail }: UserRecord, userPrincipalName: string): Partial<UserRecord> {
  return { userPrincipalName, mail: mail === null ? null : userPrincipalName };
}
