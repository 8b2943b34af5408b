import type { CanonicalAddress } from '../protocol/mail/truth.ts';

/*
 * The texts and addresses of canonical forms, written from `docs/canonical-form.md` alone.
 */

/** A subject, name or other text of one line. */
export function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll('\0', '')
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/^ | $/g, '');
}

/** A body or other text of several lines. */
export function manyLines(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll('\0', '')
    .replace(/\r\n|\r/g, '\n')
    .replace(/[ \t]+(?=\n)/g, '')
    .replace(/[ \t\n]+$/, '');
}

export function canonicalAddress({ name, address }: { name: string; address: string }): CanonicalAddress {
  const lower = address.toLowerCase();
  const line = oneLine(name);
  return { name: line.toLowerCase() === lower ? '' : line, address: lower };
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Objects in the order of their JSON text. */
export function byJsonText<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((a, b) => byCodeUnit(a.text, b.text))
    .map(({ value }) => value);
}
