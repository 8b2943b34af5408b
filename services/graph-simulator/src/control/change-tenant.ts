import { generateMessage, isoSeconds } from '../mail/generate/message.ts';
import { correspondents } from '../directory/people.ts';
import { seededRandom, type Random } from '../generate/random.ts';
import type { Mailbox } from '../mail/state/mailbox.ts';
import type { MessageState } from '../mail/state/message.ts';
import {
  changeFolder,
  changeMessage,
  createMessage,
  isWithin,
  moveMessage,
  removeMessage,
} from '../mail/state/operations.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { ChangedMessage, ChangeKind, ChangeReport, ChangeRequest } from '../protocol/changes.ts';

const KINDS: readonly ChangeKind[] = ['new', 'changed', 'moved', 'deleted'];
/** New messages are dated after all generated ones. */
const NEW_DAYS = [500, 520] as const;

/**
 * Changes a share of each mailbox; no message is touched by two kinds. What is chosen follows from the seed and the state.
 * @throws Error for a mailbox that is not there, and a share that is none
 */
export function changeTenant(tenant: Tenant, request: ChangeRequest, now: Date): ChangeReport {
  const { percent, seed = 1, kinds = KINDS, renameFolder = false } = request;
  if (!(percent >= 0 && percent <= 100)) throw new Error(`percent must be from 0 to 100, not ${percent}`);
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) throw new Error(`kinds may hold ${KINDS.join(', ')}, not ${unknown}`);
  const report: ChangeReport = {
    markBefore: tenant.sequence,
    markAfter: 0,
    new: [],
    changed: [],
    moved: [],
    deleted: [],
    renamedFolders: [],
  };
  for (const mailbox of chosenMailboxes(tenant, request.mailboxes)) {
    const random = seededRandom(seed, mailbox.number, 808);
    changeMailbox({ tenant, mailbox, random, now: isoSeconds(now.getTime()), report }, percent / 100, kinds);
    if (renameFolder) renameOneFolder(tenant, mailbox, random, report);
  }
  report.markAfter = tenant.sequence;
  return report;
}

interface Work {
  tenant: Tenant;
  mailbox: Mailbox;
  random: Random;
  now: string;
  report: ChangeReport;
}

function changeMailbox(work: Work, share: number, kinds: readonly ChangeKind[]): void {
  const { mailbox, random, report, tenant } = work;
  const keys = shuffled(
    [...mailbox.messages.keys()].filter((key) => isReachable(mailbox, key)),
    random,
  );
  const count = Math.min(Math.ceil(keys.length * share), Math.floor(keys.length / kinds.length));
  const made = (list: ChangedMessage[], key: number): void => {
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
function renameOneFolder(tenant: Tenant, mailbox: Mailbox, random: Random, report: ChangeReport): void {
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

function chosenMailboxes(tenant: Tenant, names: readonly string[] | undefined): Mailbox[] {
  if (names === undefined) return [...tenant.mailboxes.values()].filter((mailbox) => mailbox.messages.size > 0);
  return names.map((name) => {
    const mailbox = tenant.mailboxes.get(tenant.user(name)?.mailbox ?? -1);
    if (mailbox === undefined) throw new Error(`there is no mailbox of ${name}`);
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

function shuffled(keys: number[], random: Random): number[] {
  for (let at = keys.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [keys[at], keys[other]] = [keys[other]!, keys[at]!];
  }
  return keys;
}
