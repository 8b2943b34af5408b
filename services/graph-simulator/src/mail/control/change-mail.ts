import { correspondents } from '../../directory/people.ts';
import { itemsPerKind, shuffled, type ChangeOrder } from '../../control/change-order.ts';
import { seededRandom, type Random } from '../../generate/random.ts';
import type { ChangeKind } from '../../protocol/changes.ts';
import type { ChangedItem } from '../../protocol/item.ts';
import type { MailChanges } from '../../protocol/mail/changes.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { generateMessage } from '../generate/message.ts';
import type { Mailbox } from '../state/mailbox.ts';
import type { MessageState } from '../state/message.ts';
import {
  changeFolder,
  changeMessage,
  createMessage,
  isWithin,
  moveMessage,
  removeMessage,
} from '../state/operations.ts';

/** New messages are dated after all generated ones. */
const NEW_DAYS = [500, 520] as const;

/** Changes a share of the messages of each mailbox. @throws Error for a user without a mailbox */
export function changeMail(order: ChangeOrder, report: MailChanges): void {
  const { tenant, now } = order;
  for (const mailbox of chosenMailboxes(order)) {
    const random = seededRandom(order.seed, mailbox.number, 808);
    changeMailbox({ tenant, mailbox, random, now, report }, order.share, order.kinds);
    if (order.renameFolder) renameOneFolder(tenant, mailbox, random, report);
  }
}

interface Work {
  tenant: Tenant;
  mailbox: Mailbox;
  random: Random;
  now: string;
  report: MailChanges;
}

function changeMailbox(work: Work, share: number, kinds: readonly ChangeKind[]): void {
  const { mailbox, random, report, tenant } = work;
  const keys = shuffled(
    [...mailbox.messages.keys()].filter((key) => isReachable(mailbox, key)),
    random,
  );
  const count = itemsPerKind(keys.length, share, kinds.length);
  const made = (list: ChangedItem[], key: number): void => {
    list.push({ mailbox: tenant.owner(mailbox.number).id, id: tenant.ids.encode('message', mailbox.number, key) });
  };
  const total = keys.length;
  for (const kind of kinds) {
    if (kind === 'new') {
      const amount = Math.ceil(total * share);
      for (let number = 0; number < amount; number++) made(report.new, addOne(work));
      continue;
    }
    for (const key of keys.splice(0, count)) {
      if (kind === 'changed') changeOne(work, key);
      else if (kind === 'moved') moveOne(work, key);
      else removeMessage(tenant, mailbox, key);
      made(report[kind], key);
    }
  }
}

function addOne({ tenant, mailbox, random, now }: Work): number {
  const { shape } = tenant;
  const size = (shape.bytes / Math.max(1, shape.messages)) * (0.3 + random.next());
  const role = random.chance(0.8) ? ('received' as const) : ('sent' as const);
  const folder = role === 'sent' ? mailbox.wellKnown('sentitems')! : random.pick(targets(mailbox));
  const name = `new.${mailbox.number}.${tenant.sequence}`;
  const plan = { folder, role, language: tenant.owner(mailbox.number).language, size, name, days: NEW_DAYS };
  const people = correspondents([...tenant.users.values()]);
  const state = generateMessage(plan, random, people, []);
  return createMessage(tenant, mailbox, { ...state, modifiedAt: now });
}

function changeOne({ tenant, mailbox, random, now }: Work, key: number): void {
  const { isRead, categories } = mailbox.message(key)!;
  const changes: Partial<MessageState>[] = [
    { isRead: !isRead },
    { flag: { flagStatus: random.pick(['flagged', 'complete'] as const) } },
    { categories: categories.includes('Changed') ? [] : [...categories, 'Changed'] },
    { importance: random.pick(['low', 'high'] as const), isRead: !isRead },
  ];
  changeMessage(tenant, mailbox, key, random.pick(changes), now);
}

function moveOne({ tenant, mailbox, random, now }: Work, key: number): void {
  const { folder } = mailbox.message(key)!;
  moveMessage(tenant, mailbox, key, random.pick(targets(mailbox).filter((target) => target !== folder)), now);
}

/** The folder with most in and below it of those that have a user's own name. */
function renameOneFolder(tenant: Tenant, mailbox: Mailbox, random: Random, report: MailChanges): void {
  const weight = (key: number): number =>
    mailbox.folders.get(key)!.messages.length +
    mailbox.children(key).reduce((sum, child) => sum + 1 + weight(child), 0);
  const own = shownFolders(mailbox).filter((key) => mailbox.folder(key)!.wellKnownName === null);
  const [key] = own.sort((a, b) => weight(b) - weight(a) || a - b);
  if (key === undefined) return;
  const from = mailbox.folder(key)!.name;
  const to = `${from} (renamed ${random.below(1000)})`;
  changeFolder(tenant, mailbox, key, { name: to });
  const folderId = tenant.ids.encode('folder', mailbox.number, key);
  report.renamedFolders.push({ mailbox: tenant.owner(mailbox.number).id, folderId, from, to });
}

function chosenMailboxes({ tenant, users }: ChangeOrder): Mailbox[] {
  if (users === null) return [...tenant.mailboxes.values()].filter((mailbox) => mailbox.messages.size > 0);
  return users.map((user) => {
    const mailbox = tenant.mailboxes.get(user.mailbox ?? -1);
    if (mailbox === undefined) throw new Error(`there is no mailbox of ${user.userPrincipalName}`);
    return mailbox;
  });
}

/** Folders that messages may come to. */
function targets(mailbox: Mailbox): number[] {
  return shownFolders(mailbox).filter(
    (key) => !['drafts', 'outbox', 'sentitems'].includes(mailbox.folder(key)!.wellKnownName ?? ''),
  );
}

function shownFolders(mailbox: Mailbox): number[] {
  const root = mailbox.wellKnown('msgfolderroot')!;
  return [...mailbox.folders.keys()].filter((key) => {
    const state = mailbox.folder(key);
    return state !== null && key !== root && !state.hidden && !state.search && isWithin(mailbox, key, root);
  });
}

function isReachable(mailbox: Mailbox, key: number): boolean {
  const state = mailbox.message(key);
  return state !== null && isWithin(mailbox, state.folder, mailbox.wellKnown('msgfolderroot')!);
}
