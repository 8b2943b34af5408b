import { PHRASES, type Language } from '../../generate/languages.ts';
import type { Random } from '../../generate/random.ts';
import { isoSeconds } from '../../mail/generate/message.ts';
import type { ContactEmail, ContactFields, ContactState, Photo, PostalAddress } from '../state/contact.ts';
import { newContactState } from '../state/next-state.ts';

const GIVEN = ['Ada', 'Benoît', 'Çelik', 'Dörte', 'Ewa', 'Фёдор', '花子', 'Grace', 'Hüseyin', 'Inês', 'José'] as const;
const SURNAMES = [
  "d'Arc",
  'Ångström',
  'Brontë',
  '山田',
  'Łukasiewicz',
  'van der Meer',
  'Smith-Jones',
  'Петров',
] as const;
const COMPANIES = [
  'Contoso & Söhne GmbH',
  'Partner, Inc.',
  '株式会社ニホン',
  'Żabka S.A.',
  'Fisch; Chips Ltd.',
] as const;
const CITIES = ['Zürich', 'São Paulo', '東京', 'København', 'New York', 'Kraków'] as const;
const COUNTRIES = ['Schweiz', 'Brasil', '日本', 'Danmark', 'United States', 'Polska'] as const;
const CATEGORIES = ['Red category', 'Kunden', 'Zebra', 'a'] as const;
const START = Date.UTC(2022, 0, 1);
const DAY = 86_400_000;

/** An ordinary contact, with whatever people fill in; deterministic in the random stream. */
export function generateContact(folder: number, language: Language, random: Random): ContactState {
  const at = isoSeconds(START + random.below(900 * DAY));
  const fields = random.chance(0.03) ? emptyFields() : generateFields(language, random);
  return { ...newContactState(folder, fields, at), photo: random.chance(0.2) ? generatePhoto(random) : null };
}

/** A contact of which nothing is known. */
export function emptyFields(): ContactFields {
  return { texts: {}, lists: {}, addresses: {} };
}

function generateFields(language: Language, random: Random): ContactFields {
  const givenName = random.pick(GIVEN);
  const surname = random.pick(SURNAMES);
  const some = <Value>(chance: number, value: () => Value): { value?: Value } =>
    random.chance(chance) ? { value: value() } : {};
  const texts: ContactFields['texts'] = { givenName, surname, displayName: `${givenName} ${surname}` };
  texts.fileAs = `${surname}, ${givenName}`;
  const optional: [keyof typeof texts, number, () => string][] = [
    ['companyName', 0.6, () => random.pick(COMPANIES)],
    ['jobTitle', 0.5, () => random.pick(PHRASES[language].folderNames)],
    ['department', 0.2, () => 'Research  & Development'],
    ['mobilePhone', 0.5, () => phone(random)],
    ['nickName', 0.1, () => givenName.slice(0, 3)],
    ['title', 0.1, () => 'Dr.'],
    ['middleName', 0.1, () => 'M.'],
    ['initials', 0.1, () => 'A. B.'],
    ['generation', 0.05, () => 'Jr.'],
    ['assistantName', 0.05, () => 'Keiko Sato'],
    ['manager', 0.05, () => 'Olga Müller'],
    ['profession', 0.05, () => 'Engineer'],
    ['spouseName', 0.05, () => 'Søren'],
    ['officeLocation', 0.1, () => `Floor ${random.below(20)}`],
    ['businessHomePage', 0.1, () => 'https://partner.example/?q=a&b=c'],
    [
      'personalNotes',
      0.3,
      () => `${random.pick(PHRASES[language].sentences)}\r\n\r\nSecond line; with, signs\\ \t\r\n`,
    ],
    ['yomiGivenName', 0.05, () => 'ハナコ'],
    ['yomiSurname', 0.05, () => 'ヤマダ'],
    ['yomiCompanyName', 0.03, () => 'ニホン'],
  ];
  for (const [name, chance, make] of optional) {
    const { value } = some(chance, make);
    if (value !== undefined) texts[name] = value;
  }
  const emails = Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, () =>
    email(`${givenName} ${surname}`, random),
  );
  const birthday = some(0.3, () => isoSeconds(Date.UTC(1940, 0, 1) + random.below(25_000) * DAY + 43_200_000)).value;
  return {
    texts,
    lists: {
      ...(random.chance(0.5) && { businessPhones: phones(random) }),
      ...(random.chance(0.2) && { homePhones: phones(random) }),
      ...(random.chance(0.1) && { imAddresses: ['sip:someone@partner.example'] }),
      ...(random.chance(0.1) && { children: ['Mia', 'Noé'] }),
      ...(random.chance(0.3) && { categories: CATEGORIES.filter(() => random.chance(0.5)) }),
    },
    addresses: {
      ...(random.chance(0.4) && { businessAddress: address(random) }),
      ...(random.chance(0.2) && { homeAddress: address(random) }),
      ...(random.chance(0.05) && { otherAddress: { city: random.pick(CITIES) } }),
    },
    ...(emails.length > 0 && { emailAddresses: emails }),
    ...(birthday !== undefined && { birthday }),
  };
}

function email(name: string, random: Random): ContactEmail {
  const address = `Person.${random.below(100_000)}@partner.example`;
  return random.pick<ContactEmail>([
    { name, address },
    { name: address, address },
    { name: null, address },
  ]);
}

function phones(random: Random): string[] {
  return Array.from({ length: 1 + random.below(2) }, () => phone(random));
}

function phone(random: Random): string {
  return `+41 (44) ${100 + random.below(900)} ${10 + random.below(90)}-${random.below(10)}`;
}

function address(random: Random): PostalAddress {
  const place = random.below(CITIES.length);
  return {
    street: `${random.pick(SURNAMES)}-Straße ${1 + random.below(200)}\r\nc/o Hansen`,
    city: CITIES[place]!,
    state: random.chance(0.3) ? 'ZH' : '',
    countryOrRegion: COUNTRIES[place]!,
    postalCode: String(1000 + random.below(9000)),
  };
}

function generatePhoto(random: Random): Photo {
  const size = 1500 + random.below(12_000);
  return { bytes: { from: 'seed', seed: random.bits(), size, kind: 'noise' }, contentType: 'image/jpeg' };
}
