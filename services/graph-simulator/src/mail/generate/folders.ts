import { ROOT, type Mailbox } from '../state/mailbox.ts';
import type { FolderState } from '../state/message.ts';
import { PHRASES, type Language, type ShownFolder } from '../../generate/languages.ts';
import type { Random } from '../../generate/random.ts';

/** Folders that messages are generated into; keys. */
export interface GeneratedFolders {
  inbox: number;
  drafts: number;
  sent: number;
  /** The folder for `largeFolder` messages. */
  large: number;
  /** Everything else, hidden folders and `deleteditems` included. */
  others: number[];
}

const SHOWN: readonly ShownFolder[] = [
  'inbox',
  'drafts',
  'sentitems',
  'deleteditems',
  'outbox',
  'junkemail',
  'archive',
  'conversationhistory',
];

const PLAIN: Omit<FolderState, 'name' | 'parent'> = { hidden: false, wellKnownName: null, search: false };

/** The well-known folders in the mailbox's language, also those that no listing shows. Seq 0 unless the mailbox is made later. */
export function makeWellKnownFolders(
  mailbox: Mailbox,
  language: Language,
  set: (key: number, state: FolderState) => void,
): void {
  const make = (name: string, wellKnownName: string | null, parent: number, hidden = false): number => {
    const key = mailbox.newKey();
    set(key, { ...PLAIN, name, parent, hidden, wellKnownName });
    return key;
  };
  make('Top of Information Store', 'msgfolderroot', ROOT);
  for (const name of SHOWN) make(PHRASES[language].folders[name], name, ROOT);
  const issues = make('Sync Issues', 'syncissues', ROOT, true);
  make('Conflicts', 'conflicts', issues, true);
  make('Local Failures', 'localfailures', issues, true);
  make('Server Failures', 'serverfailures', issues, true);
  const hiddenRoot = mailbox.newKey();
  set(hiddenRoot, { ...PLAIN, name: 'Recoverable Items', parent: hiddenRoot, wellKnownName: 'recoverableitemsroot' });
  make('Deletions', 'recoverableitemsdeletions', hiddenRoot);
  make('Purges', 'recoverableitemspurges', hiddenRoot);
  make('Versions', 'recoverableitemsversions', hiddenRoot);
}

/** The user's own folders: nested, hidden, oddly named. The first mailbox has one of each oddity. */
export function makeOwnFolders(
  mailbox: Mailbox,
  language: Language,
  random: Random,
  set: (key: number, state: FolderState) => void,
): GeneratedFolders {
  const wellKnown = (name: string): number => mailbox.wellKnown(name)!;
  const make = (name: string, parent: number, more: Partial<FolderState> = {}): number => {
    const key = mailbox.newKey();
    set(key, { ...PLAIN, ...more, name, parent });
    return key;
  };
  const names = PHRASES[language].folderNames;
  const inbox = wellKnown('inbox');
  const large = make(names[0]!, ROOT);
  const others = [wellKnown('deleteditems'), wellKnown('archive'), wellKnown('junkemail')];
  let parent = inbox;
  for (const name of names.slice(1, 4)) others.push((parent = make(name, parent)));
  for (const name of names.slice(4)) others.push(make(name, random.chance(0.5) ? ROOT : large));
  const settings = make('Conversation Action Settings', ROOT, { hidden: true });
  others.push(settings, make('Cache', settings, { hidden: true }));
  if (mailbox.number === 1) others.push(...makeOddFolders(make, inbox, names));
  if (mailbox.number % 3 === 1) make('Unread Mail', inbox, { search: true });
  return { inbox, drafts: wellKnown('drafts'), sent: wellKnown('sentitems'), large, others };
}

function makeOddFolders(
  make: (name: string, parent: number, more?: Partial<FolderState>) => number,
  inbox: number,
  names: readonly string[],
): number[] {
  const made = [
    make(names[0]!.toUpperCase(), inbox),
    make('⭐ 重要 🗂️', ROOT),
    make(`Long ${'name '.repeat(40)}`.trim(), ROOT),
    make('..', ROOT),
    make('CON', ROOT),
    make('a\\b:c*d?"e<f>g|h', ROOT),
    make('hidden below a shown one', inbox, { hidden: true }),
    make('Cafe\u0301', ROOT),
  ];
  let parent = ROOT;
  for (let depth = 1; depth <= 12; depth++) made.push((parent = make(`Level ${depth}`, parent)));
  return made;
}
