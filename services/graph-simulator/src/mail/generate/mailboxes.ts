import { correspondents } from '../../directory/people.ts';
import { seededRandom, type Random } from '../../generate/random.ts';
import type { TenantShape } from '../../options.ts';
import type { UserRecord } from '../../tenant/user.ts';
import { Mailbox } from '../state/mailbox.ts';
import type { Address, FileAttachment, MessageState } from '../state/message.ts';
import { makeOwnFolders, makeWellKnownFolders, type GeneratedFolders } from './folders.ts';
import { generateMessage, generateSharedFiles, type MessagePlan, type SharedFiles } from './message.ts';
import { ODDITIES, ODDITY_NAMES } from './oddities.ts';

/** Sizes are drawn from a log-normal law with this deviation: many small messages, few large ones. */
const SIZE_DEVIATION = 1.3;
const LARGE_FILE = 3_500_000;

/** The mail of a new tenant, in a mailbox for each of the first users; bytes are made later, when they are read. */
export function generateMailboxes(shape: TenantShape, users: readonly UserRecord[]): Mailbox[] {
  const people = correspondents(users);
  const sizes = drawSizes(shape);
  const mean = shape.messages === 0 ? 0 : shape.bytes / shape.messages;
  const shared = generateSharedFiles(Math.ceil(shape.messages / 100), mean, seededRandom(shape.seed, 202));
  const counts = messagesPerMailbox(shape);
  let drawn = 0;
  return counts.map((count, at) => {
    const source = { shape, people, shared, sizes: sizes.subarray(drawn, drawn + count) };
    drawn += count;
    return generateMailbox(source, users[at]!, at + 1);
  });
}

interface MailboxSource {
  shape: TenantShape;
  people: Address[];
  shared: SharedFiles;
  sizes: Float64Array;
}

function generateMailbox(source: MailboxSource, user: UserRecord, number: number): Mailbox {
  const { shape, people, shared, sizes } = source;
  const mailbox = new Mailbox(number);
  const random = seededRandom(shape.seed, number);
  makeWellKnownFolders(mailbox, user.language, (key, state) => mailbox.setFolder(key, state, 0));
  const folders = makeOwnFolders(mailbox, user.language, random, (key, state) => mailbox.setFolder(key, state, 0));
  const large = number === 1 ? shape.largeFolder : 0;
  sizes.forEach((size, index) => {
    const oddity = pickOddity(number, index - large, shape, random);
    const plan = planMessage(index < large ? folders.large : null, folders, user, size, random);
    const state = generateMessage({ ...plan, name: `${number}.${index}` }, random, people, shared);
    mailbox.setMessage(mailbox.newKey(), oddity === null ? state : makeOdd(state, oddity, random), 0);
  });
  if (sizes.length > 0 && shape.bytes / Math.max(1, shape.messages) >= 16_384 && shape.bytes >= 2 * LARGE_FILE) {
    attachLargeFile(mailbox, random);
  }
  return mailbox;
}

/** Makes an ordinary message odd. */
export function makeOdd(state: MessageState, oddity: string, random: Random): MessageState {
  const content = ODDITIES[oddity]!(state.content, random);
  return { ...state, content, nextAttachment: 1 + Math.max(0, ...content.attachments.map(({ key }) => key)) };
}

/** What the next message of a mailbox is like; `fixed` names the folder, otherwise one is drawn. */
export function planMessage(
  fixed: number | null,
  folders: GeneratedFolders,
  user: UserRecord,
  size: number,
  random: Random,
): Omit<MessagePlan, 'name'> {
  const draw = random.next();
  const folder =
    fixed ??
    (draw < 0.45
      ? folders.inbox
      : draw < 0.65
        ? folders.sent
        : draw < 0.67
          ? folders.drafts
          : random.pick(folders.others));
  const role = folder === folders.sent ? 'sent' : folder === folders.drafts ? 'draft' : 'received';
  const language = random.chance(0.6) ? user.language : random.pick(['en', 'en', 'de', 'fr', 'emoji', 'ja'] as const);
  return { folder, role, language, size, days: [0, 500] };
}

function pickOddity(mailbox: number, index: number, shape: TenantShape, random: Random): string | null {
  if (shape.oddities === 0) return null;
  if (mailbox === 1 && index >= 0 && index < ODDITY_NAMES.length) return ODDITY_NAMES[index]!;
  return random.chance(shape.oddities) ? random.pick(ODDITY_NAMES) : null;
}

/** One message of each mailbox carries a file that needs an upload session to be restored. */
function attachLargeFile(mailbox: Mailbox, random: Random): void {
  for (const [key, record] of mailbox.messages) {
    const state = record.state!;
    if (state.content.attachments.length !== 1 || state.content.attachments[0]!.kind !== 'file') continue;
    const bytes: FileAttachment['bytes'] = { from: 'seed', seed: random.bits(), size: LARGE_FILE, kind: 'mixed' };
    const attachments = [{ ...state.content.attachments[0]!, bytes }];
    record.versions.length = 0;
    mailbox.setMessage(key, { ...state, content: { ...state.content, attachments } }, 0);
    return;
  }
}

function messagesPerMailbox(shape: TenantShape): number[] {
  if (shape.mailboxes === 0) return [];
  const spread = shape.messages - shape.largeFolder;
  const counts = Array.from({ length: shape.mailboxes }, () => Math.floor(spread / shape.mailboxes));
  for (let at = 0; at < spread % shape.mailboxes; at++) counts[at]!++;
  counts[0]! += shape.largeFolder;
  return counts;
}

function drawSizes(shape: TenantShape): Float64Array {
  const random = seededRandom(shape.seed, 303);
  const sizes = Float64Array.from({ length: shape.messages }, () =>
    Math.exp(Math.min(3, random.normal()) * SIZE_DEVIATION),
  );
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sizes.map((size) => (size * shape.bytes) / (sum || 1));
}
