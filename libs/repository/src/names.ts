/** Names of objects in the store, both directions in one file (FORMAT.md 1). */

/** Where content (`data`) and the trees that describe it (`meta`) lie. */
export type PackKind = 'data' | 'meta';

export type ObjectName =
  | { type: 'config' }
  | { type: 'slot'; slot: string }
  | { type: 'pack'; kind: PackKind; packId: string }
  | { type: 'index'; writer: string; number: number }
  | { type: 'point'; chain: string; sequence: number }
  | { type: 'checkpoint'; chain: string; task: string; fence: number; number: number }
  | { type: 'writer'; writer: string }
  | { type: 'revoked'; writer: string };

export const CONFIG_NAME = 'config';

/** Prefixes for listing. */
export const PREFIX = {
  slots: 'keys/',
  index: 'index/d/',
  points: 'points/',
  checkpoints: 'checkpoints/',
  features: 'features/',
  collector: 'gc/',
} as const;

const digits = (value: number, count: number) => String(value).padStart(count, '0');

export const slotName = (slot: string) => `keys/${slot}`;
export const packName = (kind: PackKind, packId: string) => `${kind}/${packId.slice(0, 2)}/${packId}`;
export const indexName = (writer: string, number: number) => `index/d/${writer}-${digits(number, 8)}`;
export const chainPrefix = (chain: string) => `points/${chain}/`;
export const pointName = (chain: string, sequence: number) => `points/${chain}/${digits(sequence, 10)}`;
export const checkpointPrefix = (chain: string) => `checkpoints/${chain}/`;
export const checkpointName = (chain: string, task: string, fence: number, number: number) =>
  `checkpoints/${chain}/${task}-${digits(fence, 16)}-${digits(number, 8)}`;
export const writerName = (writer: string) => `writers/${writer}`;
export const revokedName = (writer: string) => `revoked/${writer}`;

const HEX = '[0-9a-f]{32}';
const PATTERNS: [RegExp, (groups: string[]) => ObjectName | null][] = [
  [/^config$/, () => ({ type: 'config' })],
  [new RegExp(`^keys/(${HEX})$`), ([slot]) => ({ type: 'slot', slot: slot! })],
  [
    new RegExp(`^(data|meta)/([0-9a-f]{2})/(${HEX})$`),
    ([kind, prefix, packId]) =>
      packId!.startsWith(prefix!) ? { type: 'pack', kind: kind as PackKind, packId: packId! } : null,
  ],
  [new RegExp(`^index/d/(${HEX})-(\\d{8})$`), ([writer, n]) => ({ type: 'index', writer: writer!, number: Number(n) })],
  [new RegExp(`^points/(${HEX})/(\\d{10})$`), ([chain, n]) => ({ type: 'point', chain: chain!, sequence: Number(n) })],
  [
    new RegExp(`^checkpoints/(${HEX})/(${HEX})-(\\d{16})-(\\d{8})$`),
    ([chain, task, fence, n]) => ({
      type: 'checkpoint',
      chain: chain!,
      task: task!,
      fence: Number(fence),
      number: Number(n),
    }),
  ],
  [new RegExp(`^writers/(${HEX})$`), ([writer]) => ({ type: 'writer', writer: writer! })],
  [new RegExp(`^revoked/(${HEX})$`), ([writer]) => ({ type: 'revoked', writer: writer! })],
];

/** What a name stands for, or null when no object of this format has such a name. */
export function parseName(name: string): ObjectName | null {
  for (const [pattern, build] of PATTERNS) {
    const match = pattern.exec(name);
    if (match !== null) return build(match.slice(1));
  }
  return null;
}
