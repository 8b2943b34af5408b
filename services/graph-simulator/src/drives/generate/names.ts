import type { BytesKind } from '../../generate/bytes.ts';

/** Ordinary names of files, without extension. */
export const FILE_STEMS = [
  'Budget',
  'Protokoll',
  'Offer',
  'Réunion',
  'Invoice',
  'Präsentation',
  'Skizze',
  'Contract (signed)',
  'photo',
  'Dziennik',
  '議事録',
  'Notes & ideas',
] as const;

export const FOLDER_NAMES = [
  'Projects',
  'Kunden',
  'Archive',
  'Fotos 2024',
  'Équipe',
  'Reports',
  '共有',
  'Old',
  'Verträge',
  'Travel',
] as const;

/** Extensions of generated files, and what their bytes are like. */
export const FILE_KINDS: readonly { extension: string; kind: BytesKind }[] = [
  { extension: 'docx', kind: 'noise' },
  { extension: 'xlsx', kind: 'noise' },
  { extension: 'pptx', kind: 'noise' },
  { extension: 'pdf', kind: 'mixed' },
  { extension: 'jpg', kind: 'noise' },
  { extension: 'png', kind: 'noise' },
  { extension: 'txt', kind: 'words' },
  { extension: 'csv', kind: 'words' },
  { extension: 'md', kind: 'words' },
  { extension: 'zip', kind: 'noise' },
  { extension: 'mp4', kind: 'noise' },
];

/** Names that SharePoint takes and that are hard to handle; each is there once in the first drive. */
export const ODD_NAMES = [
  '⭐ Wichtig 🗂️.txt',
  '\u202Etxt.exe fdp\u202C',
  '\u200Fעברית\u200F.txt',
  `${'long name '.repeat(20).trim()}.txt`,
  '.hidden',
  '..two dots first',
  '100% done #1.txt',
  'a%2Fb%5Cc.txt',
  'Caf\u00e9.txt',
  'Cafe\u0301.txt',
  "it's + (this) & [that]; {x}=~`!@$^,.txt",
  'UPPER lower.TXT',
  '\u00a0no-break space\u00a0.txt',
] as const;
