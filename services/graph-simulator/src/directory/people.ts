import type { Address } from '../mail/state/message.ts';
import type { UserRecord } from '../tenant/user.ts';
import { MAILBOX_LANGUAGES, type Language } from '../generate/languages.ts';
import { seededRandom, type Random } from '../generate/random.ts';

/** The tenant's only verified domain. */
export const DOMAIN = 'meridian.example';

const GIVEN = [
  'Anna',
  'Björn',
  'Chloé',
  'Dmitri',
  'Emeka',
  'Fátima',
  'Grzegorz',
  'Hanna',
  'Ines',
  'Jürgen',
  'Keiko',
  'Lars',
  'Mei',
  'Noor',
  'Olga',
  'Pedro',
  'Quentin',
  'Rosa',
  'Søren',
  'Tomás',
];
const SURNAMES = [
  'Adler',
  'Bauer',
  'Castillo',
  'Dvořák',
  'Eriksen',
  'Fischer',
  'García',
  'Hansen',
  'Ivanova',
  'Jansen',
  'Kowalski',
  'Łuczak',
  'Müller',
  'Novák',
  "O'Brien",
  'Pérez',
  'Quist',
  'Rossi',
  'Sato',
  'Tanaka',
];

/** People outside of the tenant, some with names that are hard to write into a header. */
const OUTSIDERS: readonly Address[] = [
  { name: 'Orders', address: 'orders@shop.example' },
  { name: 'Smith, John (Sales)', address: 'john.smith@partner.example' },
  { name: 'Zoë "Zed" Źródło', address: 'zoe@partner.example' },
  { name: '山田 太郎', address: 'taro@nihon.example' },
  { name: '', address: 'noreply@news.example' },
  { name: 'Mixed.Case@Partner.example', address: 'Mixed.Case@Partner.example' },
  { name: 'Ольга Петрова', address: 'olga@example.ru' },
  { name: 'Back\\slash & Sons; Ltd.', address: 'info@slash.example' },
  { name: 'Newsletter 🎉', address: 'hello@party.example' },
];

/** The users of a generated tenant: `count` with a mailbox, then some of each kind without. */
export function generateUsers(seed: number, count: number): UserRecord[] {
  const random = seededRandom(seed, 101);
  const users: UserRecord[] = [];
  for (let number = 1; number <= count; number++) {
    const kind = kindOf(number, count);
    users.push(generateUser(random, number, kind, MAILBOX_LANGUAGES[(number - 1) % MAILBOX_LANGUAGES.length]!, number));
  }
  users.push(generateUser(random, count + 1, 'no-mailbox', 'en', null));
  users.push({ ...generateUser(random, count + 2, 'no-mailbox', 'en', null), accountEnabled: false });
  users.push(generateUser(random, count + 3, 'guest', 'en', null));
  return users;
}

/** The last mailboxes are no people's, where there are enough of them. */
function kindOf(number: number, count: number): UserRecord['kind'] {
  if (count >= 4 && number === count) return 'shared';
  if (count >= 6 && number === count - 1) return 'room';
  return count >= 8 && number === count - 2 ? 'equipment' : 'user';
}

/** Whether a user of this kind has a mailbox. */
export function hasMailboxOf(kind: UserRecord['kind']): boolean {
  return kind !== 'guest' && kind !== 'no-mailbox';
}

/** One user; `mailbox` null: none. */
export function generateUser(
  random: Random,
  number: number,
  kind: UserRecord['kind'],
  language: Language,
  mailbox: number | null,
): UserRecord {
  const givenName = GIVEN[(number * 7) % GIVEN.length]!;
  const surname = SURNAMES[(number * 3 + Math.floor(number / 20)) % SURNAMES.length]!;
  const person = kind === 'user' || kind === 'no-mailbox' || kind === 'guest';
  const displayName = person ? `${givenName} ${surname}` : `${kind[0]!.toUpperCase()}${kind.slice(1)} ${number}`;
  const local = `${ascii(person ? `${givenName}.${surname}` : kind)}${number}`;
  const userPrincipalName = kind === 'guest' ? `${local}_partner.example#EXT#@${DOMAIN}` : `${local}@${DOMAIN}`;
  return {
    id: generateGuid(random),
    userPrincipalName,
    displayName,
    givenName: person ? givenName : null,
    surname: person ? surname : null,
    mail: kind === 'guest' ? `${local}@partner.example` : mailbox === null ? null : userPrincipalName,
    kind,
    accountEnabled: kind === 'user' || kind === 'no-mailbox' || kind === 'guest',
    mailboxState: mailbox === null ? 'missing' : 'active',
    deletedAt: null,
    hasArchive: false,
    language,
    mailbox,
  };
}

/** Everyone whom messages of this tenant come from and go to. */
export function correspondents(users: readonly UserRecord[]): Address[] {
  const inside = users
    .filter((user) => user.mail !== null)
    .map((user) => ({ name: user.displayName, address: user.mail! }));
  return [...inside, ...OUTSIDERS];
}

/** A random-looking GUID of version 4. */
export function generateGuid(random: Random): string {
  const hex = [0, 0, 0, 0].map(() => random.bits().toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function ascii(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'L')
    .replaceAll('ø', 'o')
    .replace(/[^a-zA-Z.]/g, '')
    .toLowerCase();
}
